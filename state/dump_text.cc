#include "state/dump_text.h"

#include <algorithm>
#include <cstdio>

#include "core/hash.h"
#include "core/text.h"

namespace costdrift::state {
namespace {

constexpr std::size_t kLongestText = 1 << 20;

std::string clean(std::string_view text) { return core::escape_for_log(text, kLongestText); }

std::string hex(std::uint64_t value) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(value));
  return digits;
}

class Line {
 public:
  Line& number(std::string_view name, std::int64_t value) { return text(name, std::to_string(value)); }
  Line& money(std::string_view name, core::NanoUsd value) { return text(name, core::format_exact(value)); }
  Line& time(std::string_view name, core::EventTime value) {
    const bool none = value == core::EventTime::min() || value == core::EventTime::max();
    return text(name, none ? "none" : core::format_rfc3339(value));
  }
  Line& text(std::string_view name, std::string_view value) {
    line_.append(" ").append(name).append("=").append(value);
    return *this;
  }
  std::string take() { return std::move(line_); }

 private:
  std::string line_;
};

void describe_totals(Line& line, const core::Totals& totals) {
  line.number("calls", totals.calls).number("errors", totals.errors).number("attempts", totals.attempts);
  line.number("retries", totals.retries).number("input_tokens", totals.input_tokens);
  line.number("output_tokens", totals.output_tokens).number("reasoning_tokens", totals.reasoning_tokens);
  line.number("cache_read_tokens", totals.cache_read_tokens);
  line.number("cache_eligible_tokens", totals.cache_eligible_tokens).number("run_calls", totals.run_calls);
  line.number("unpriced_calls", totals.unpriced_calls).money("cost", totals.cost);
  line.money("input_cost", totals.input_cost).money("output_cost", totals.output_cost);
  line.money("retry_cost", totals.retry_cost).money("run_cost", totals.run_cost);
  line.money("cacheable_cost", totals.cacheable_cost).number("retrieved_tokens", totals.retrieved_tokens);
  line.number("outcomes", totals.outcomes).money("compared_cost", totals.compared_cost);
  line.money("compared_list_cost", totals.compared_list_cost);
}

std::string describe_counts(const core::Counts& counts) {
  std::string text = "[";
  for (const core::BinCount& count : counts) {
    if (text.size() > 1) text += ' ';
    text += std::to_string(count.bin) + ":" + std::to_string(count.weight);
  }
  return text + "]";
}

std::string describe_attributes(const std::map<core::AttributeSet, core::AttributeTotals>& attributes) {
  std::string text = "{";
  for (const auto& [set, totals] : attributes) {
    Line line;
    line.number("calls", totals.calls).number("retries", totals.retries).number("input_tokens", totals.input_tokens);
    line.number("output_tokens", totals.output_tokens).number("cache_read_tokens", totals.cache_read_tokens);
    line.money("cost", totals.cost);
    text += "(" + core::SeriesKey::of(set).text() + line.take() + ")";
  }
  return text + "}";
}

std::string describe_samples(const std::vector<core::Sample>& samples) {
  std::string text = "{";
  for (const core::Sample& sample : samples) {
    Line line;
    line.money("cost", sample.cost).text("topic", clean(sample.topic)).number("partition", sample.partition);
    line.number("offset", sample.offset).text("trace_id", clean(sample.trace_id));
    line.text("run_id", clean(sample.run_id));
    text += "(" + line.take() + ")";
  }
  return text + "}";
}

std::string describe_run_calls(RunCalls run, const std::vector<std::string>& metrics) {
  Line line;
  line.text("run", hex(run.run)).number("calls", run.calls).number("first_step", run.first_step);
  line.number("max_step", run.max_step);
  line.number("ended", run.ended ? 1 : 0).time("first", run.first_call).time("last", run.last_call);
  line.money("cost", run.cost).number("tokens", run.tokens).number("tool_calls", run.tool_calls);
  line.number("tool_reports", run.tool_reports).number("outcomes", run.outcomes).text("run_id", clean(run.run_id));
  std::vector<std::string> waiting;
  for (const PendingObservation& seen : run.pending)
    waiting.push_back(metrics[seen.metric] + "@" + core::format_rfc3339(seen.ts) + ":" + std::to_string(seen.bin) +
                      "*" + std::to_string(seen.times) + "#" + std::to_string(seen.step));
  std::sort(waiting.begin(), waiting.end());
  std::string text = "(" + line.take() + " pending=[";
  for (const std::string& each : waiting) text += each + " ";
  return text + "])";
}

}  // namespace

std::string describe_summary(const core::BucketSummary& summary) {
  Line line;
  describe_totals(line, summary.totals);
  for (const auto& [name, counts] : summary.metrics) line.text("metric." + name, describe_counts(counts));
  line.text("attributes", describe_attributes(summary.attributes));
  line.text("samples", describe_samples(summary.samples));
  return line.take();
}

std::string describe_open_row(OpenRow row) {
  std::string text = describe_summary(row.summary) + " runs={";
  for (RunCalls& run : row.runs) text += describe_run_calls(std::move(run), row.metrics);
  return text + "}";
}

std::string describe_ledger_row(const LedgerRow& row) {
  Line line;
  describe_totals(line, row.totals);
  return line.number("late_calls", row.late_calls).take();
}

std::string describe_run(const RunState& run) {
  Line line;
  line.text("run", hex(run.run)).number("steps_before", run.steps_before);
  line.number("depth", run.depth).number("calls", run.calls);
  line.time("first", run.first_call).time("last", run.last_call).money("cost", run.cost);
  return line.number("tokens", run.tokens).text("run_id", clean(run.run_id)).take();
}

std::string describe_position(const Position& position) {
  const Accounting& accounting = position.accounting;
  Line line;
  line.number("next_offset", position.next_offset)
      .number("log_epoch", position.log_epoch)
      .number("records", position.records);
  line.time("newest", position.newest).number("consumed", accounting.consumed);
  line.number("accepted", accounting.accepted).number("duplicate", accounting.duplicate);
  line.number("late", accounting.late);
  for (const auto& [reason, count] : accounting.dead_lettered) line.number("dead." + clean(reason), count);
  return line.take();
}

std::string describe_opaque(std::string_view bytes) {
  Line line;
  line.number("bytes", static_cast<std::int64_t>(bytes.size())).text("hash", hex(core::hash64(bytes)));
  return line.take();
}

std::string describe_key(std::string_view key) {
  std::string text(key);
  std::replace(text.begin(), text.end(), '\0', ' ');
  return clean(text);
}

}  // namespace costdrift::state
