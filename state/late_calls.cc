#include "state/late_calls.h"

#include "core/bytes.h"
#include "state/ordered_key.h"
#include "state/summary_codec.h"

namespace costdrift::state {
namespace {

using core::BucketSummary;
using core::EventTime;

constexpr std::uint64_t kLateCallsVersion = 1;
constexpr core::Duration kMinute = core::minutes(1);
// Older than the minutes that rings keep, rounded up: what is left to tell apart are hours, and budget periods, whose
// days begin at a quarter hour of UTC in every time zone.
constexpr core::Duration kByTheMinute = core::hours(28), kQuarterHour = core::minutes(15);

EventTime time_kept(EventTime ts, EventTime noticed) {
  return core::floor_to(ts, noticed - ts < kByTheMinute ? kMinute : kQuarterHour);
}

std::string row_key(std::string_view prefix, OrderedKey rest) { return std::string(prefix) + rest.take(); }

}  // namespace

core::Result<void> LateBook::load() {
  for (const std::string_view prefix : {kLateRowPrefix, kDroppedRowPrefix}) {
    store_.scan(KeySpace::meta, std::string(prefix), end_of_prefix(std::string(prefix)),
                [&](std::string_view key, std::string_view value) {
                  const bool readable = load_row(key, value);
                  if (!readable) store_.report_unreadable(KeySpace::meta, key);
                  return readable;
                });
  }
  if (store_.failed()) return core::fail(core::ErrorCode::io, store_.failure());
  return {};
}

bool LateBook::load_row(std::string_view key, std::string_view value) {
  core::ByteReader in(value);
  if (in.u64() != kLateCallsVersion) return false;
  if (key.starts_with(kLateRowPrefix)) {
    OrderedKeyReader parts(key.substr(kLateRowPrefix.size()));
    const EventTime noticed = parts.time(), minute = parts.time();
    const CallsKey calls{noticed, minute, core::SeriesKey::from_text(std::string(parts.rest()))};
    return decode_summary(in, calls_[calls], names_) && in.finished();
  }
  OrderedKeyReader parts(key.substr(kDroppedRowPrefix.size()));
  const EventTime noticed = parts.time();
  const auto why = static_cast<core::DroppedEvent>(parts.u32());
  const DroppedKey dropped{noticed, core::SeriesKey::from_text(std::string(parts.rest())), why};
  dropped_[dropped] = in.i64();
  return why <= core::DroppedEvent::future && in.finished();
}

void LateBook::merge(const CallsKey& key, const BucketSummary& summary) {
  calls_[key].merge(summary);
  changed_calls_.insert(key);
}

void LateBook::add(EventTime noticed, EventTime ts, const core::SeriesKey& series, BucketSummary summary) {
  summary.samples.clear();
  summary.runs.clear();
  merge({core::floor_to(noticed, kMinute), time_kept(ts, noticed), series}, summary);
}

void LateBook::count(EventTime noticed, const core::SeriesKey& series, core::DroppedEvent why) {
  const DroppedKey key{core::floor_to(noticed, kMinute), series, why};
  ++dropped_[key];
  changed_dropped_.insert(key);
}

LateMinute LateBook::hand_over(EventTime end) {
  std::map<std::pair<EventTime, core::SeriesKey>, BucketSummary> calls;
  while (!calls_.empty() && calls_.begin()->first.noticed < end) {
    auto first = calls_.extract(calls_.begin());
    calls[{first.key().minute, first.key().series}].merge(first.mapped());
    changed_calls_.insert(std::move(first.key()));
  }
  std::map<std::pair<core::SeriesKey, core::DroppedEvent>, std::int64_t> dropped;
  while (!dropped_.empty() && dropped_.begin()->first.noticed < end) {
    auto first = dropped_.extract(dropped_.begin());
    dropped[{first.key().series, first.key().why}] += first.mapped();
    changed_dropped_.insert(std::move(first.key()));
  }
  LateMinute handed;
  for (auto& [key, summary] : calls) {
    merge({kHandedOver, key.first, key.second}, summary);
    handed.calls.push_back({key.first, key.second, std::move(summary)});
  }
  for (const auto& [key, count] : dropped) handed.dropped.push_back({key.first, key.second, count});
  return handed;
}

std::vector<LateMinute::Calls> LateBook::take_before(EventTime limit) {
  std::vector<LateMinute::Calls> taken;
  auto next = calls_.lower_bound({kHandedOver, EventTime::min(), {}});
  while (next != calls_.end() && next->first.minute < limit) {
    taken.push_back({next->first.minute, next->first.series, std::move(next->second)});
    changed_calls_.insert(next->first);
    next = calls_.erase(next);
  }
  return taken;
}

void LateBook::save() {
  for (const CallsKey& key : changed_calls_) {
    const std::string row =
        row_key(kLateRowPrefix, std::move(OrderedKey().time(key.noticed).time(key.minute).rest(key.series.text())));
    const auto found = calls_.find(key);
    if (found == calls_.end()) {
      store_.erase(KeySpace::meta, row);
      continue;
    }
    core::ByteWriter out;
    out.u64(kLateCallsVersion);
    encode_summary(out, found->second, names_);
    store_.put(KeySpace::meta, row, out.take());
  }
  for (const DroppedKey& key : changed_dropped_) {
    const std::string row = row_key(
        kDroppedRowPrefix,
        std::move(OrderedKey().time(key.noticed).u32(static_cast<std::uint32_t>(key.why)).rest(key.series.text())));
    const auto found = dropped_.find(key);
    if (found == dropped_.end()) {
      store_.erase(KeySpace::meta, row);
      continue;
    }
    core::ByteWriter out;
    out.u64(kLateCallsVersion);
    out.i64(found->second);
    store_.put(KeySpace::meta, row, out.take());
  }
  changed_calls_.clear();
  changed_dropped_.clear();
}

std::vector<core::LateCalls> late_calls(const LateMinute& minute) {
  std::vector<core::LateCalls> calls;
  for (const auto& entry : minute.calls) calls.push_back({entry.minute, &entry.series, &entry.summary});
  return calls;
}

std::vector<core::DroppedCalls> dropped_calls(const LateMinute& minute) {
  std::vector<core::DroppedCalls> calls;
  for (const auto& entry : minute.dropped) calls.push_back({&entry.series, entry.why, entry.calls});
  return calls;
}

}  // namespace costdrift::state
