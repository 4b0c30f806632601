// Ledger: exact money and tokens per UTC day and series, late events included. The sum of the ledger is the sum of the
// accepted events, whatever was late, folded or forgotten elsewhere.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/bucket_summary.h"
#include "state/series_dictionary.h"
#include "state/store.h"

namespace costdrift::state {

struct LedgerRow {
  core::Totals totals;
  std::int64_t late_calls = 0;  // of totals.calls, how many came too late for their bucket
};

class Ledger {
 public:
  explicit Ledger(Store& store) : store_(store) {}
  void add(core::EventTime day, const SeriesState& series, const core::Totals& totals);
  void add_late(core::EventTime day, std::string_view series_text, const core::Totals& totals);
  // Puts changed rows into the store; rows of days before `newest` - 1 are then no longer kept in memory.
  void save(core::EventTime newest);
  void erase_before(core::EventTime day);

 private:
  struct Cached {
    LedgerRow row;
    bool changed = false;
  };
  using Key = std::pair<core::EventTime, std::string>;
  using Entry = std::map<Key, Cached>::value_type;
  Entry& entry(core::EventTime day, std::string_view series_text);
  Cached& change(Entry& entry);

  Store& store_;
  std::map<Key, Cached> rows_;
  std::vector<Entry*> changed_;
  struct Recent {
    core::EventTime day = core::EventTime::min();
    Entry* entry = nullptr;
  };
  std::vector<Recent> recent_;  // by series id
};

std::string ledger_key(core::EventTime day, std::string_view series_text);
std::string encode_ledger_row(const LedgerRow& row);
std::optional<LedgerRow> decode_ledger_row(std::string_view bytes);

}  // namespace costdrift::state
