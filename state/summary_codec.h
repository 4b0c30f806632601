// The stored forms of bucket summaries (state/FORMAT.md "Summaries").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bucket_summary.h"
#include "core/bytes.h"
#include "state/accumulator.h"
#include "state/metric_names.h"

namespace costdrift::state {

void encode_totals(core::ByteWriter& out, const core::Totals& totals);
core::Totals decode_totals(core::ByteReader& in);

// A summary without runs, inside a longer record. Decoding says false when a metric has no name; the reader's own
// state says whether the bytes were there.
void encode_summary(core::ByteWriter& out, const core::BucketSummary& summary, MetricNames& names);
bool decode_summary(core::ByteReader& in, core::BucketSummary& summary, const MetricNames& names);

// One row of minutes, hours or days.
std::string encode_ring_row(const core::BucketSummary& summary, MetricNames& names);
std::optional<core::BucketSummary> decode_ring_row(std::string_view bytes, const MetricNames& names);

// One row of open_buckets: the summary so far and the runs whose observations still wait for their weight.
struct OpenRow {
  core::BucketSummary summary;
  std::vector<RunCalls> runs;
  std::vector<std::string> metrics;  // names; PendingObservation::metric is a place in this list
};
std::string encode_open_row(const OpenRow& row, MetricNames& names);
std::optional<OpenRow> decode_open_row(std::string_view bytes, const MetricNames& names);

}  // namespace costdrift::state
