#include "state/ledger.h"

#include "core/bytes.h"
#include "state/ordered_key.h"
#include "state/summary_codec.h"

namespace costdrift::state {
namespace {

constexpr std::uint64_t kLedgerVersion = 2;

}  // namespace

std::string ledger_key(core::EventTime day, std::string_view series_text) {
  return OrderedKey().time(day).rest(series_text).take();
}

std::string encode_ledger_row(const LedgerRow& row) {
  core::ByteWriter out;
  out.u64(kLedgerVersion);
  encode_totals(out, row.totals);
  out.i64(row.late_calls);
  return out.take();
}

std::optional<LedgerRow> decode_ledger_row(std::string_view bytes) {
  core::ByteReader in(bytes);
  if (in.u64() != kLedgerVersion) return std::nullopt;
  LedgerRow row;
  row.totals = decode_totals(in);
  row.late_calls = in.i64();
  if (!in.finished()) return std::nullopt;
  return row;
}

Ledger::Entry& Ledger::entry(core::EventTime day, std::string_view series_text) {
  const auto [found, is_new] = rows_.try_emplace(Key{day, std::string(series_text)});
  if (!is_new) return *found;
  const std::string key = ledger_key(day, series_text);
  if (const auto bytes = store_.get(KeySpace::ledger, key)) {
    const auto row = decode_ledger_row(*bytes);
    if (row)
      found->second.row = *row;
    else
      store_.report_unreadable(KeySpace::ledger, key);
  }
  return *found;
}

Ledger::Cached& Ledger::change(Entry& entry) {
  if (!entry.second.changed) changed_.push_back(&entry);
  entry.second.changed = true;
  return entry.second;
}

void Ledger::add(core::EventTime day, const SeriesState& series, const core::Totals& totals) {
  if (recent_.size() <= series.id) recent_.resize(series.id + 1);
  Recent& recent = recent_[series.id];
  if (!recent.entry || recent.day != day) recent = {day, &entry(day, series.key.text())};
  change(*recent.entry).row.totals.add(totals);
}

void Ledger::add_late(core::EventTime day, std::string_view series_text, const core::Totals& totals) {
  LedgerRow& row = change(entry(day, series_text)).row;
  row.totals.add(totals);
  row.late_calls += totals.calls;
}

void Ledger::save(core::EventTime newest) {
  for (Entry* changed : changed_) {
    store_.put(KeySpace::ledger, ledger_key(changed->first.first, changed->first.second),
               encode_ledger_row(changed->second.row));
    changed->second.changed = false;
  }
  changed_.clear();
  if (rows_.empty() || newest == core::EventTime::min()) return;
  const auto keep = rows_.lower_bound(Key{newest - core::days(1), {}});
  if (keep == rows_.begin()) return;
  rows_.erase(rows_.begin(), keep);
  recent_.clear();
}

void Ledger::erase_before(core::EventTime day) {
  std::vector<std::string> expired;
  store_.scan(KeySpace::ledger, {}, ledger_key(day, {}), [&](std::string_view key, std::string_view) {
    expired.emplace_back(key);
    return true;
  });
  for (const std::string& key : expired) store_.erase(KeySpace::ledger, key);
}

}  // namespace costdrift::state
