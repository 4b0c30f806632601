// Canonical text of stored values, for the dump: equal values give equal text, on one line.
#pragma once

#include <string>
#include <string_view>

#include "core/bucket_summary.h"
#include "state/ledger.h"
#include "state/run_table.h"
#include "state/summary_codec.h"
#include "state/tables.h"

namespace costdrift::state {

// " calls=12 errors=0 ... cost=1.250000000 ... metric.input_tokens=[17:65536 ...] attributes={...} samples={...}"
std::string describe_summary(const core::BucketSummary& summary);
// describe_summary and the runs, with what still waits for its weight.
std::string describe_open_row(OpenRow row);
std::string describe_ledger_row(const LedgerRow& row);
std::string describe_run(const RunState& run);
// Accounting and position, without the fingerprint of the log.
std::string describe_position(const Position& position);
// " bytes=120 hash=0123456789abcdef"
std::string describe_opaque(std::string_view bytes);
// A key or a text of outside: control characters, spaces of the key's own separators included, become harmless.
std::string describe_key(std::string_view key);

}  // namespace costdrift::state
