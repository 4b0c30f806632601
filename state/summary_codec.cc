#include "state/summary_codec.h"

#include <algorithm>
#include <utility>

namespace costdrift::state {
namespace {

constexpr std::uint64_t kRingVersion = 2;
constexpr std::uint64_t kOpenVersion = 3, kWithoutFirstStep = 2;

// One list for both directions, so that they cannot disagree. New fields go to the end, with a new version.
template <class Totals, class Visit>
void for_each_attribute_total(Totals& totals, Visit visit) {
  for (auto* count : {&totals.calls, &totals.retries, &totals.input_tokens, &totals.output_tokens,
                      &totals.cache_read_tokens, &totals.cost.nano})
    visit(*count);
}

// Most weights are whole calls: those lose their 16 zero bits.
void encode_weight(core::ByteWriter& out, core::Weight weight) {
  const auto value = static_cast<std::uint64_t>(weight);
  const bool whole = value % core::kOneCall == 0;
  out.u64(whole ? value / core::kOneCall << 1 : value << 1 | 1);
}

core::Weight decode_weight(core::ByteReader& in) {
  const std::uint64_t stored = in.u64();
  const std::uint64_t weight = (stored & 1) != 0 ? stored >> 1 : (stored >> 1) * core::kOneCall;
  return static_cast<core::Weight>(weight);
}

void encode_counts(core::ByteWriter& out, const core::Counts& counts) {
  out.u64(counts.size());
  std::int64_t previous = 0;
  for (const core::BinCount& count : counts) {
    out.u64(static_cast<std::uint64_t>(count.bin - previous));
    encode_weight(out, count.weight);
    previous = count.bin;
  }
}

core::Counts decode_counts(core::ByteReader& in) {
  core::Counts counts(in.count(2));
  std::uint64_t bin = 0;
  for (core::BinCount& count : counts) {
    bin += in.u64();
    count.bin = static_cast<std::int16_t>(bin);
    count.weight = decode_weight(in);
  }
  return counts;
}

void encode_attributes(core::ByteWriter& out, const core::BucketSummary& summary) {
  out.u64(summary.attributes.size());
  for (const auto& [set, totals] : summary.attributes) {
    out.u64(set.size());
    for (const auto& [dimension, value] : set) {
      out.u64(static_cast<std::uint64_t>(dimension));
      out.text(value);
    }
    for_each_attribute_total(totals, [&](std::int64_t value) { out.i64(value); });
  }
}

void decode_attributes(core::ByteReader& in, core::BucketSummary& summary) {
  for (std::size_t left = in.count(7); left > 0; --left) {
    core::AttributeSet set(in.count(2));
    for (auto& [dimension, value] : set) {
      dimension = static_cast<core::Dimension>(in.u64());
      value = in.text();
    }
    core::AttributeTotals totals;
    for_each_attribute_total(totals, [&](std::int64_t& value) { value = in.i64(); });
    summary.attributes.emplace_hint(summary.attributes.end(), std::move(set), totals);
  }
}

void encode_samples(core::ByteWriter& out, const std::vector<core::Sample>& samples) {
  out.u64(samples.size());
  for (const core::Sample& sample : samples) {
    out.i64(sample.cost.nano);
    out.text(sample.topic);
    out.i64(sample.partition);
    out.i64(sample.offset);
    out.text(sample.trace_id);
    out.text(sample.run_id);
  }
}

void decode_samples(core::ByteReader& in, std::vector<core::Sample>& samples) {
  samples.resize(in.count(6));
  for (core::Sample& sample : samples) {
    sample.cost.nano = in.i64();
    sample.topic = in.text();
    sample.partition = static_cast<std::int32_t>(in.i64());
    sample.offset = in.i64();
    sample.trace_id = in.text();
    sample.run_id = in.text();
  }
}

void encode_run_calls(core::ByteWriter& out, const RunCalls& run, const std::vector<std::uint64_t>& numbers) {
  out.u64(run.run);
  out.i64(run.calls);
  out.i64(run.first_step);
  out.i64(run.max_step);
  out.boolean(run.ended);
  out.i64(run.first_call.us);
  out.i64(run.last_call.us);
  out.i64(run.cost.nano);
  out.i64(run.tokens);
  out.i64(run.tool_calls);
  out.i64(run.tool_reports);
  out.i64(run.outcomes);
  out.text(run.run_id);
  out.u64(run.pending.size());
  for (const PendingObservation& seen : run.pending) {
    out.u64(numbers[seen.metric]);
    out.i64(seen.ts.us);
    out.i64(seen.bin);
    out.i64(seen.times);
    out.i64(seen.step);
  }
}

RunCalls decode_run_calls(core::ByteReader& in, std::uint64_t version) {
  RunCalls run;
  run.run = in.u64();
  run.calls = in.i64();
  if (version != kWithoutFirstStep) run.first_step = in.i64();
  run.max_step = in.i64();
  run.ended = in.boolean();
  run.first_call.us = in.i64();
  run.last_call.us = in.i64();
  run.cost.nano = in.i64();
  run.tokens = in.i64();
  run.tool_calls = in.i64();
  run.tool_reports = in.i64();
  run.outcomes = in.i64();
  run.run_id = in.text();
  run.pending.resize(in.count(5));
  for (PendingObservation& seen : run.pending) {
    seen.metric = static_cast<MetricIndex>(in.u64());
    seen.ts.us = in.i64();
    seen.bin = static_cast<std::int16_t>(in.i64());
    seen.times = static_cast<std::int32_t>(in.i64());
    seen.step = in.i64();
  }
  return run;
}

}  // namespace

void encode_totals(core::ByteWriter& out, const core::Totals& totals) {
  for (const auto count : core::kTotalCounts) out.i64(totals.*count);
  for (const auto money : core::kTotalMoney) out.i64((totals.*money).nano);
}

core::Totals decode_totals(core::ByteReader& in) {
  core::Totals totals;
  for (const auto count : core::kTotalCounts) totals.*count = in.i64();
  for (const auto money : core::kTotalMoney) (totals.*money).nano = in.i64();
  return totals;
}

void encode_summary(core::ByteWriter& out, const core::BucketSummary& summary, MetricNames& names) {
  encode_totals(out, summary.totals);
  out.u64(summary.metrics.size());
  for (const auto& [name, counts] : summary.metrics) {
    out.u64(names.number(name));
    encode_counts(out, counts);
  }
  encode_attributes(out, summary);
  encode_samples(out, summary.samples);
}

bool decode_summary(core::ByteReader& in, core::BucketSummary& summary, const MetricNames& names) {
  summary.totals = decode_totals(in);
  for (std::size_t left = in.count(2); left > 0; --left) {
    const std::string* name = names.name(in.u64());
    if (!name) return false;
    summary.metrics[*name] = decode_counts(in);
  }
  decode_attributes(in, summary);
  decode_samples(in, summary.samples);
  return true;
}

std::string encode_ring_row(const core::BucketSummary& summary, MetricNames& names) {
  core::ByteWriter out;
  out.u64(kRingVersion);
  encode_summary(out, summary, names);
  return out.take();
}

std::optional<core::BucketSummary> decode_ring_row(std::string_view bytes, const MetricNames& names) {
  core::ByteReader in(bytes);
  core::BucketSummary summary;
  if (in.u64() != kRingVersion || !decode_summary(in, summary, names) || !in.finished()) return std::nullopt;
  return summary;
}

std::string encode_open_row(const OpenRow& row, MetricNames& names) {
  core::ByteWriter out;
  out.u64(kOpenVersion);
  encode_summary(out, row.summary, names);
  std::vector<std::uint64_t> numbers;
  if (!row.runs.empty())
    for (const std::string& metric : row.metrics) numbers.push_back(names.number(metric));
  out.u64(row.runs.size());
  for (const RunCalls& run : row.runs) encode_run_calls(out, run, numbers);
  return out.take();
}

std::optional<OpenRow> decode_open_row(std::string_view bytes, const MetricNames& names) {
  core::ByteReader in(bytes);
  OpenRow row;
  const std::uint64_t version = in.u64();
  if (version != kOpenVersion && version != kWithoutFirstStep) return std::nullopt;
  if (!decode_summary(in, row.summary, names)) return std::nullopt;
  row.runs.resize(in.count(10));
  for (RunCalls& run : row.runs) {
    run = decode_run_calls(in, version);
    for (const PendingObservation& seen : run.pending)
      if (!names.name(seen.metric)) return std::nullopt;
  }
  if (!in.finished()) return std::nullopt;
  if (row.runs.empty()) return row;
  for (std::uint64_t number = 0; const std::string* name = names.name(number); ++number) row.metrics.push_back(*name);
  return row;
}

}  // namespace costdrift::state
