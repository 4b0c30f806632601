#include "state/dump.h"

#include <map>

#include "core/bytes.h"
#include "core/text.h"
#include "state/dump_text.h"
#include "state/late_calls.h"
#include "state/metric_names.h"
#include "state/ordered_key.h"
#include "state/rings.h"
#include "state/series_dictionary.h"
#include "state/summary_codec.h"
#include "state/table_rows.h"
#include "state/unplaced_spend.h"
#include "state/windows_row.h"

namespace costdrift::state {
namespace {

using Write = std::function<void(std::string_view line)>;

// Writes the rows of one store, key space by key space in the order of KeySpace.
class Dump {
 public:
  Dump(const Store& store, const MetricNames& names, const Write& write)
      : store_(store), names_(names), write_(write) {}

  void rows(KeySpace space);

 private:
  // The text of one row after the name of its space; nullopt: no known version.
  using Text = std::optional<std::string>;
  void each(KeySpace space, const std::function<Text(std::string_view key, std::string_view value)>& describe);
  void line(KeySpace space, const std::string& text) { write_(std::string(key_space_name(space)) + " " + text); }

  Text meta(std::string_view key, std::string_view value) const;
  Text late_calls(std::string_view key, std::string_view value) const;
  Text dropped_calls(std::string_view key, std::string_view value) const;
  Text position(std::string_view key, std::string_view value) const;
  Text open_bucket(std::string_view key, std::string_view value) const;
  Text ring_row(std::string_view key, std::string_view value) const;
  Text day(std::string_view key, std::string_view value) const;
  Text ledger_row(std::string_view key, std::string_view value) const;
  Text run(std::string_view key, std::string_view value) const;
  void buckets();
  void outbox();
  void deliveries();
  void dedup();

  const Store& store_;
  const MetricNames& names_;
  const Write& write_;
};

void Dump::each(KeySpace space, const std::function<Text(std::string_view key, std::string_view value)>& describe) {
  store_.scan(space, {}, {}, [&](std::string_view key, std::string_view value) {
    const Text text = describe(key, value);
    if (!text)
      store_.report_unreadable(space, key);
    else if (!text->empty())
      line(space, *text);
    return true;
  });
}

Dump::Text Dump::meta(std::string_view key, std::string_view value) const {
  if (key == kMetricNamesKey) return "";  // numbers of names: every other row prints the names
  if (key == kWindowsKey) {
    const auto row = decode_windows_row(value);
    if (!row) return std::nullopt;
    const bool none = row->closed_until == core::EventTime::min();
    return "windows closed_until=" + (none ? "none" : core::format_rfc3339(row->closed_until)) +
           " bucket=" + core::format_duration(row->bucket);
  }
  if (key.starts_with(kSeriesRowPrefix)) {
    core::ByteReader in(value);
    if (in.u64() != 1) return std::nullopt;
    const core::EventTime last_day{in.i64()};
    return describe_key(key) + " last_day=" + core::format_rfc3339(last_day);
  }
  if (key == kUnplacedPastKey || key.starts_with(kUnplacedHourPrefix)) return describe_unplaced_row(key, value);
  if (key.starts_with(kLateRowPrefix)) return late_calls(key.substr(kLateRowPrefix.size()), value);
  if (key.starts_with(kDroppedRowPrefix)) return dropped_calls(key.substr(kDroppedRowPrefix.size()), value);
  return describe_key(key) + " " + core::escape_for_log(value);
}

Dump::Text Dump::late_calls(std::string_view key, std::string_view value) const {
  core::ByteReader in(value);
  core::BucketSummary summary;
  if (in.u64() != 1 || !decode_summary(in, summary, names_) || !in.finished()) return std::nullopt;
  OrderedKeyReader parts(key);
  const core::EventTime noticed = parts.time(), minute = parts.time();
  return "late " + (noticed == kHandedOver ? "told" : core::format_rfc3339(noticed)) + " " +
         core::format_rfc3339(minute) + " " + describe_key(parts.rest()) + describe_summary(summary);
}

Dump::Text Dump::dropped_calls(std::string_view key, std::string_view value) const {
  core::ByteReader in(value);
  if (in.u64() != 1) return std::nullopt;
  const std::int64_t calls = in.i64();
  OrderedKeyReader parts(key);
  const std::string noticed = core::format_rfc3339(parts.time()), why = std::to_string(parts.u32());
  return "dropped " + noticed + " " + why + " " + describe_key(parts.rest()) + " " + std::to_string(calls);
}

Dump::Text Dump::position(std::string_view key, std::string_view value) const {
  const auto position = decode_position(value);
  if (!position) return std::nullopt;
  OrderedKeyReader parts(key);
  const std::string topic = describe_key(parts.text());
  return topic + " " + std::to_string(static_cast<std::int32_t>(parts.u32())) + describe_position(*position);
}

Dump::Text Dump::open_bucket(std::string_view key, std::string_view value) const {
  auto row = decode_open_row(value, names_);
  if (!row) return std::nullopt;
  OrderedKeyReader parts(key);
  const std::string start = core::format_rfc3339(parts.time());
  return start + " " + describe_key(parts.rest()) + describe_open_row(std::move(*row));
}

Dump::Text Dump::ring_row(std::string_view key, std::string_view value) const {
  const auto summary = decode_ring_row(value, names_);
  if (!summary) return std::nullopt;
  OrderedKeyReader parts(key);
  const std::string series = describe_key(parts.text());
  return core::format_rfc3339(parts.time()) + " " + series + describe_summary(*summary);
}

Dump::Text Dump::day(std::string_view key, std::string_view value) const {
  const auto summary = decode_ring_row(value, names_);
  if (!summary) return std::nullopt;
  OrderedKeyReader parts(key);
  const std::string start = core::format_rfc3339(parts.time());
  return start + " " + describe_key(parts.rest()) + describe_summary(*summary);
}

Dump::Text Dump::ledger_row(std::string_view key, std::string_view value) const {
  const auto row = decode_ledger_row(value);
  if (!row) return std::nullopt;
  OrderedKeyReader parts(key);
  const std::string day = core::format_rfc3339(parts.time());
  return day + " " + describe_key(parts.rest()) + describe_ledger_row(*row);
}

Dump::Text Dump::run(std::string_view key, std::string_view value) const {
  OrderedKeyReader parts(key);
  const std::string series = describe_key(parts.text());
  RunState state;
  state.run = parts.u64();
  if (!decode_run(value, state)) return std::nullopt;
  return series + describe_run(state);
}

void Dump::buckets() {
  store_.scan(KeySpace::buckets, {}, {}, [&](std::string_view key, std::string_view value) {
    const std::string start = core::format_rfc3339(OrderedKeyReader(key).time());
    const bool known =
        decode_bucket_row(value, names_, [&](const std::string& series, const core::BucketSummary& summary) {
          line(KeySpace::buckets, start + " " + series + describe_summary(summary));
        });
    if (!known) store_.report_unreadable(KeySpace::buckets, key);
    return true;
  });
}

void Dump::outbox() {
  each(KeySpace::outbox, [](std::string_view key, std::string_view value) -> Text {
    const auto entry = decode_outbox_entry(key, value);
    if (!entry) return std::nullopt;
    return describe_key(key) + " version=" + std::to_string(entry->version) +
           " action=" + std::to_string(entry->action) + describe_opaque(entry->alert_event);
  });
}

void Dump::deliveries() {
  each(KeySpace::deliveries, [](std::string_view key, std::string_view value) -> Text {
    const auto delivery = decode_delivery(value);
    if (!delivery) return std::nullopt;
    return describe_key(key) + " version=" + std::to_string(delivery->version) +
           " action=" + std::to_string(delivery->action) + " dead=" + (delivery->dead ? "1" : "0") +
           " reason=" + core::escape_for_log(delivery->reason);
  });
}

// A slice may lie in several rows, one for every commit that added to it.
void Dump::dedup() {
  struct Content {
    std::size_t ids = 0;
    std::uint64_t mixed = 0;
  };
  std::map<std::string, Content> slices;
  store_.scan(KeySpace::dedup, {}, {}, [&](std::string_view key, std::string_view value) {
    OrderedKeyReader parts(key);
    const std::string topic = describe_key(parts.text());
    const std::string partition = std::to_string(parts.u32());
    std::vector<std::uint64_t> ids;
    if (!decode_dedup_row(value, ids)) store_.report_unreadable(KeySpace::dedup, key);
    Content& slice = slices[topic + " " + partition + " " + core::format_rfc3339(parts.time())];
    slice.ids += ids.size();
    for (const std::uint64_t id : ids) slice.mixed ^= id;
    return true;
  });
  for (const auto& [name, content] : slices)
    line(KeySpace::dedup, name + " ids=" + std::to_string(content.ids) + " xor=" + std::to_string(content.mixed));
}

void Dump::rows(KeySpace space) {
  const auto member = [&](Text (Dump::*describe)(std::string_view, std::string_view) const) {
    each(space, [&](std::string_view key, std::string_view value) { return (this->*describe)(key, value); });
  };
  switch (space) {
    case KeySpace::meta:
      return member(&Dump::meta);
    case KeySpace::positions:
      return member(&Dump::position);
    case KeySpace::open_buckets:
      return member(&Dump::open_bucket);
    case KeySpace::buckets:
      return buckets();
    case KeySpace::minutes:
    case KeySpace::hours:
      return member(&Dump::ring_row);
    case KeySpace::days:
      return member(&Dump::day);
    case KeySpace::ledger:
      return member(&Dump::ledger_row);
    case KeySpace::runs:
      return member(&Dump::run);
    case KeySpace::lanes:
    case KeySpace::models:
    case KeySpace::incidents:
    case KeySpace::shadow_incidents:
    case KeySpace::dead_letters:
    case KeySpace::report:
      return each(space, [](auto key, auto value) { return describe_key(key) + describe_opaque(value); });
    case KeySpace::outbox:
      return outbox();
    case KeySpace::deliveries:
      return deliveries();
    case KeySpace::journal:
    case KeySpace::actions:
      return each(space, [](std::string_view, std::string_view value) { return std::string(value); });
    case KeySpace::dedup:
      return dedup();
  }
}

}  // namespace

core::Result<void> dump_state(const std::string& path, const DumpOptions& options, const Write& write) {
  auto store = Store::open(path, {.create = false, .read_only = true});
  if (!store) return store.error();
  return dump_store(**store, options, write);
}

core::Result<void> dump_store(Store& store, const DumpOptions& options, const Write& write) {
  MetricNames names(store);
  if (auto loaded = names.load(); !loaded) return loaded;
  Dump dump(store, names, write);
  for (int i = 0; i < kKeySpaces; ++i) {
    const auto space = static_cast<KeySpace>(i);
    const bool is_delivery = space == KeySpace::deliveries || space == KeySpace::dead_letters;
    if (space == KeySpace::report || (is_delivery && !options.with_deliveries)) continue;
    dump.rows(space);
  }
  if (store.failed()) return core::fail(core::ErrorCode::io, store.failure());
  return {};
}

}  // namespace costdrift::state
