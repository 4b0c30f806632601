// KeySpace: every RocksDB column family, in one list. Names are stored: add at the end, never rename or reuse.
// state/FORMAT.md describes keys and values of each.
#pragma once

#include <cstdint>
#include <string_view>

namespace costdrift::state {

enum class KeySpace : std::uint8_t {
  meta = 0,          // format version, settings that fix the meaning of the rest
  positions = 1,     // per partition: next offset, watermark, accounting, log fingerprint
  open_buckets = 2,  // summaries that the watermark has not passed
  buckets = 3,       // closed buckets of the last minutes
  minutes = 4,
  hours = 5,
  days = 6,
  ledger = 7,   // exact money and tokens per series and UTC day, late events included
  runs = 8,     // agent runs that have not ended
  lanes = 9,    // detector memory that changes with every bucket
  models = 10,  // detector baselines and latched state
  incidents = 11,
  outbox = 12,            // per (sink, incident): the version that the sink should know
  deliveries = 13,        // per (sink, incident): the version that it was told; written by delivery workers
  journal = 14,           // every alert event, in order
  dedup = 15,             // event ids seen in the last minutes
  actions = 16,           // what people said about incidents, in order
  shadow_incidents = 17,  // as incidents: what would be told if the shadow detectors were on
  dead_letters = 18,      // rejected records that the dead-letter topic does not hold yet
  report = 19,            // of a replay only: what its report and --bad-lines need beside the alerts
};
inline constexpr int kKeySpaces = 20;

// The column family's name: the enumerator's.
std::string_view key_space_name(KeySpace space);

}  // namespace costdrift::state
