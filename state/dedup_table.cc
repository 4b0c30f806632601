#include <algorithm>
#include <map>

#include "core/bytes.h"
#include "core/hash.h"
#include "state/hash_set.h"
#include "state/ordered_key.h"
#include "state/table_rows.h"
#include "state/tables.h"

namespace costdrift::state {
namespace {

constexpr core::Duration kSlice = core::minutes(1);

struct Slice {
  std::vector<std::uint64_t> ids;
  std::size_t saved = 0;  // of ids, how many are in the store
};

}  // namespace

struct DedupTable::Impl {
  Store& store;
  std::string prefix;
  core::Duration window;
  std::map<core::EventTime, Slice> slices;
  HashSet seen;
  std::uint64_t next_sequence = 0;
  // Slices before this time are forgotten.
  core::EventTime oldest = core::EventTime::min();
  core::EventTime erased_until = core::EventTime::min();  // rows before it are gone from the store

  void forget_before(core::EventTime time);
};

void DedupTable::Impl::forget_before(core::EventTime time) {
  if (time <= oldest) return;
  oldest = time;
  while (!slices.empty() && slices.begin()->first < time) {
    for (const std::uint64_t id : slices.begin()->second.ids) seen.erase(id);
    slices.erase(slices.begin());
  }
}

DedupTable::DedupTable(Store& store, std::string topic, std::int32_t partition, core::Duration window)
    : impl_(new Impl{.store = store,
                     .prefix = OrderedKey().text(topic).u32(static_cast<std::uint32_t>(partition)).take(),
                     .window = window,
                     .slices = {},
                     .seen = {}}) {}

DedupTable::~DedupTable() = default;

core::Result<void> DedupTable::load() {
  bool readable = true;
  impl_->store.scan(KeySpace::dedup, impl_->prefix, end_of_prefix(impl_->prefix),
                    [&](std::string_view key, std::string_view value) {
                      OrderedKeyReader parts(key.substr(impl_->prefix.size()));
                      const core::EventTime start = parts.time();
                      impl_->next_sequence = std::max(impl_->next_sequence, parts.u64() + 1);
                      readable = !parts.failed() && decode_dedup_row(value, impl_->slices[start].ids);
                      if (!readable) impl_->store.report_unreadable(KeySpace::dedup, key);
                      return readable;
                    });
  if (!readable || impl_->store.failed()) return core::fail(core::ErrorCode::io, impl_->store.failure());
  for (auto& [start, slice] : impl_->slices) {
    slice.saved = slice.ids.size();
    for (const std::uint64_t id : slice.ids) impl_->seen.insert(id);
  }
  return {};
}

bool DedupTable::insert(std::string_view event_id, core::EventTime ts, core::EventTime newest) {
  const std::uint64_t id = std::max<std::uint64_t>(core::hash64(event_id), 1);
  if (newest != core::EventTime::min()) impl_->forget_before(core::floor_to(newest - impl_->window, kSlice));
  const core::EventTime start = core::floor_to(ts, kSlice);
  if (start < impl_->oldest) return !impl_->seen.contains(id);
  if (!impl_->seen.insert(id)) return false;
  impl_->slices[start].ids.push_back(id);
  return true;
}

void DedupTable::save() {
  for (auto& [start, slice] : impl_->slices) {
    if (slice.saved == slice.ids.size()) continue;
    std::string key = OrderedKey().rest(impl_->prefix).time(start).u64(impl_->next_sequence).take();
    impl_->store.put(KeySpace::dedup, std::move(key), encode_dedup_row(slice.ids, slice.saved));
    slice.saved = slice.ids.size();
  }
  ++impl_->next_sequence;
  if (impl_->erased_until == impl_->oldest) return;
  std::vector<std::string> expired;
  const std::string begin = OrderedKey().rest(impl_->prefix).time(impl_->erased_until).take();
  const std::string end = OrderedKey().rest(impl_->prefix).time(impl_->oldest).take();
  impl_->store.scan(KeySpace::dedup, begin, end, [&](std::string_view key, std::string_view) {
    expired.emplace_back(key);
    return true;
  });
  for (const std::string& key : expired) impl_->store.erase(KeySpace::dedup, key);
  impl_->erased_until = impl_->oldest;
}

}  // namespace costdrift::state
