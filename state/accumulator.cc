#include "state/accumulator.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/hash.h"
#include "core/log_bins.h"

namespace costdrift::state {
namespace {

constexpr std::size_t kManyObservations = 2048;
constexpr std::size_t kFirstObservations = 32, kKeptObservations = 512;
constexpr std::int64_t kMostTimes = std::numeric_limits<std::uint32_t>::max();

std::uint64_t observation_key(MetricIndex metric, std::int16_t bin) {
  return (std::uint64_t{metric} << 16 | static_cast<std::uint16_t>(bin)) << 32;
}

bool is_dearer(const core::Sample& a, const core::Sample& b) {
  if (a.cost != b.cost) return a.cost > b.cost;
  return a < b;
}

// cost * retries / attempts without overflow.
core::NanoUsd retry_share(core::NanoUsd cost, std::int64_t retries, std::int64_t attempts) {
  if (retries <= 0 || attempts <= 0) return {};
  return {cost.nano / attempts * retries + cost.nano % attempts * retries / attempts};
}

// 0: none given.
std::int64_t lower_step(std::int64_t a, std::int64_t b) { return a == 0 || b == 0 ? a + b : std::min(a, b); }

}  // namespace

void RunCalls::merge(const RunCalls& other) {
  run = other.run;
  calls += other.calls;
  first_step = lower_step(first_step, other.first_step);
  max_step = std::max(max_step, other.max_step);
  ended = ended || other.ended;
  first_call = std::min(first_call, other.first_call);
  last_call = std::max(last_call, other.last_call);
  cost += other.cost;
  tokens += other.tokens;
  tool_calls += other.tool_calls;
  tool_reports += other.tool_reports;
  outcomes += other.outcomes;
  if (run_id.empty() || other.run_id < run_id) run_id = other.run_id;
  pending.insert(pending.end(), other.pending.begin(), other.pending.end());
}

void Accumulator::add(const Shared& shared, const core::UsageEvent& event, const LogPosition& position) {
  changed = true;
  count_totals(event);
  count_attributes(shared, event);
  keep_sample(event, position);
  observe(shared, event, event.run_id.empty() ? nullptr : &count_run(event));
}

void Accumulator::count_totals(const core::UsageEvent& event) {
  const bool in_run = !event.run_id.empty();
  const std::int64_t input = event.input_tokens.value_or(0);
  totals_.calls += 1;
  totals_.errors += event.status != core::CallStatus::ok;
  totals_.attempts += event.attempts;
  totals_.retries += event.retries;
  totals_.input_tokens += input;
  totals_.output_tokens += event.output_tokens.value_or(0);
  totals_.reasoning_tokens += event.reasoning_tokens.value_or(0);
  totals_.cost += event.cost;
  totals_.input_cost += event.input_cost;
  totals_.output_cost += event.output_cost;
  totals_.unpriced_calls += event.cost_source == core::CostSource::unknown;
  totals_.retry_cost += retry_share(event.cost, event.retries, event.attempts);
  totals_.retrieved_tokens += event.retrieved_tokens.value_or(0);
  totals_.outcomes += !event.outcome.empty();
  if (event.reported_cost && event.list_cost && !event.gateway_cache_hit) {
    totals_.compared_cost += *event.reported_cost;
    totals_.compared_list_cost += *event.list_cost;
  }
  if (event.cache_read_tokens) {
    totals_.cache_read_tokens += *event.cache_read_tokens;
    totals_.cache_eligible_tokens += input;
    totals_.cacheable_cost += event.cacheable_cost;
  }
  if (in_run) {
    totals_.run_calls += 1;
    totals_.run_cost += event.cost;
  }
}

void Accumulator::count_attributes(const Shared& shared, const core::UsageEvent& event) {
  core::AttributeTotals& totals = attribute_totals(shared, shared.attributes->intern(event));
  totals.calls += 1;
  totals.retries += event.retries;
  totals.input_tokens += event.input_tokens.value_or(0);
  totals.output_tokens += event.output_tokens.value_or(0);
  totals.cache_read_tokens += event.cache_read_tokens.value_or(0);
  totals.cost += event.cost;
}

core::AttributeTotals& Accumulator::attribute_totals(const Shared& shared, std::uint32_t number) {
  if (attribute_numbers_.size() > 2 * core::kMaxAttributeSets) fold_attributes(shared);
  const auto found = std::find(attribute_numbers_.begin(), attribute_numbers_.end(), number);
  const auto at = static_cast<std::size_t>(found - attribute_numbers_.begin());
  if (found == attribute_numbers_.end()) {
    attribute_numbers_.push_back(number);
    attribute_totals_.emplace_back();
  }
  return attribute_totals_[at];
}

// Keeps the smallest sets, as core::BucketSummary does: a set that was folded once is folded always, whatever comes.
void Accumulator::fold_attributes(const Shared& shared) {
  std::vector<std::size_t> order;
  core::AttributeTotals folded;
  for (std::size_t i = 0; i < attribute_numbers_.size(); ++i) {
    if (attribute_numbers_[i] == AttributeSets::kEmpty)
      folded.add(attribute_totals_[i]);
    else
      order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return shared.attributes->at(attribute_numbers_[a]) < shared.attributes->at(attribute_numbers_[b]);
  });
  std::vector<std::uint32_t> numbers{AttributeSets::kEmpty};
  std::vector<core::AttributeTotals> totals(1);
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    if (rank >= core::kMaxAttributeSets) {
      folded.add(attribute_totals_[order[rank]]);
      continue;
    }
    numbers.push_back(attribute_numbers_[order[rank]]);
    totals.push_back(attribute_totals_[order[rank]]);
  }
  totals.front() = folded;
  attribute_numbers_ = std::move(numbers);
  attribute_totals_ = std::move(totals);
}

void Accumulator::keep_sample(const core::UsageEvent& event, const LogPosition& position) {
  // Most calls are cheaper than the dearest three: no text is built for them.
  if (samples_.size() == core::kMaxSamples && event.cost < samples_.back().cost) return;
  if (samples_.size() == core::kMaxSamples && event.cost == samples_.back().cost) {
    const core::Sample& last = samples_.back();
    const int topic_order = position.topic.compare(last.topic);
    if (topic_order > 0) return;
    if (topic_order == 0 && position.partition > last.partition) return;
    if (topic_order == 0 && position.partition == last.partition && position.offset > last.offset) return;
  }
  keep_sample({.cost = event.cost,
               .topic = std::string(position.topic),
               .partition = position.partition,
               .offset = position.offset,
               .trace_id = std::string(event.trace_id),
               .run_id = std::string(event.run_id)});
}

void Accumulator::keep_sample(core::Sample sample) {
  if (samples_.capacity() == 0) samples_.reserve(core::kMaxSamples + 1);
  samples_.insert(std::upper_bound(samples_.begin(), samples_.end(), sample, is_dearer), std::move(sample));
  if (samples_.size() > core::kMaxSamples) samples_.pop_back();
}

RunCalls& Accumulator::run_of(std::uint64_t run) {
  const std::uint32_t known = run_index_.find(run, [&](std::uint32_t at) { return runs_[at].run == run; });
  if (known != FlatIndex::kNone) return runs_[known];
  run_index_.insert(run, static_cast<std::uint32_t>(runs_.size()));
  runs_.emplace_back().run = run;
  return runs_.back();
}

RunCalls& Accumulator::count_run(const core::UsageEvent& event) {
  RunCalls& run = run_of(core::hash64(event.run_id));
  run.calls += 1;
  run.first_step = lower_step(run.first_step, event.step.value_or(0));
  run.max_step = std::max(run.max_step, event.step.value_or(0));
  run.ended = run.ended || event.run_end;
  run.first_call = std::min(run.first_call, event.ts);
  run.last_call = std::max(run.last_call, event.ts);
  run.cost += event.cost;
  run.tokens += event.input_tokens.value_or(0) + event.output_tokens.value_or(0);
  run.tool_calls += event.tool_calls.value_or(0);
  run.tool_reports += event.tool_calls.has_value();
  run.outcomes += !event.outcome.empty();
  if (run.run_id.empty()) run.run_id = event.run_id;
  return run;
}

void Accumulator::observe(const Shared& shared, const core::UsageEvent& event, RunCalls* run) {
  for (const MetricIndex index : shared.call_metrics) {
    const core::MetricSpec& metric = shared.metrics[index];
    const core::Observations seen = metric.observe_call(event);
    for (int i = 0; i < seen.size; ++i) {
      const auto [bin, times] = seen.items[i];
      if (times <= 0) continue;
      if (run && metric.run_weighting == core::RunWeighting::information)
        run->pending.push_back({index, event.ts, bin, times, event.step.value_or(0)});
      else
        push(shared, index, bin, times);
    }
  }
}

void Accumulator::push(const Shared& shared, MetricIndex metric, std::int16_t bin, std::int64_t times) {
  if (bin < 0 || bin >= core::kLogBins) core::bug("a metric observed a bin that does not exist");
  if (!dense_.empty()) {
    dense_[std::size_t{metric} * core::kLogBins + static_cast<std::size_t>(bin)] += times;
    return;
  }
  if (observations_.capacity() == 0) observations_.reserve(kFirstObservations);
  for (; times > 0; times -= kMostTimes)
    observations_.push_back(observation_key(metric, bin) | static_cast<std::uint64_t>(std::min(times, kMostTimes)));
  if (observations_.size() >= kManyObservations) make_dense(shared.metrics.size());
}

void Accumulator::make_dense(std::size_t metrics) {
  dense_.assign(metrics * core::kLogBins, 0);
  for (const std::uint64_t seen : observations_)
    dense_[(seen >> 48) * core::kLogBins + (seen >> 32 & 0xffff)] += static_cast<std::int64_t>(seen & 0xffffffff);
  observations_.clear();
}

void Accumulator::merge(const Shared& shared, const Accumulator& other) {
  changed = true;
  totals_.add(other.totals_);
  for (const std::uint64_t seen : other.observations_)
    push(shared, static_cast<MetricIndex>(seen >> 48), static_cast<std::int16_t>(seen >> 32),
         static_cast<std::int64_t>(seen & 0xffffffff));
  if (!other.dense_.empty() && dense_.empty()) make_dense(shared.metrics.size());
  for (std::size_t i = 0; i < other.dense_.size(); ++i) dense_[i] += other.dense_[i];
  for (std::size_t i = 0; i < other.attribute_numbers_.size(); ++i)
    attribute_totals(shared, other.attribute_numbers_[i]).add(other.attribute_totals_[i]);
  for (const core::Sample& sample : other.samples_) keep_sample(sample);
  for (const RunCalls& run : other.runs_) run_of(run.run).merge(run);
}

void Accumulator::restore(const Shared& shared, const core::BucketSummary& summary, std::vector<RunCalls> runs) {
  totals_.add(summary.totals);
  for (std::size_t i = 0; i < shared.metrics.size(); ++i)
    for (const core::BinCount& count : summary.counts(shared.metrics[i].name))
      push(shared, static_cast<MetricIndex>(i), count.bin, count.weight / core::kOneCall);
  for (const auto& [set, totals] : summary.attributes)
    attribute_totals(shared, shared.attributes->intern(set)).add(totals);
  for (const core::Sample& sample : summary.samples) keep_sample(sample);
  for (const RunCalls& run : runs) run_of(run.run).merge(run);
}

core::BucketSummary Accumulator::summary(const Shared& shared) {
  core::BucketSummary result;
  result.totals = totals_;
  result.samples = samples_;
  add_sparse_counts(shared, result);
  add_dense_counts(shared, result);
  if (attribute_numbers_.size() > core::kMaxAttributeSets) fold_attributes(shared);
  for (std::size_t i = 0; i < attribute_numbers_.size(); ++i)
    if (attribute_totals_[i].calls > 0)
      result.attributes.emplace(shared.attributes->at(attribute_numbers_[i]), attribute_totals_[i]);
  return result;
}

// Puts the observations in order and returns where those of each metric begin. Metrics are few and each has few values:
// dealing them out and sorting small groups is cheaper than sorting the whole.
std::vector<std::size_t> Accumulator::sort_observations(std::size_t metrics) {
  std::vector<std::size_t> begins(metrics + 1, 0);
  for (const std::uint64_t seen : observations_) ++begins[(seen >> 48) + 1];
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  std::vector<std::uint64_t> dealt(observations_.size());
  std::vector<std::size_t> next(begins.begin(), begins.end() - 1);
  for (const std::uint64_t seen : observations_) dealt[next[seen >> 48]++] = seen;
  for (std::size_t metric = 0; metric < metrics; ++metric)
    std::sort(dealt.begin() + static_cast<std::ptrdiff_t>(begins[metric]),
              dealt.begin() + static_cast<std::ptrdiff_t>(begins[metric + 1]));
  std::copy(dealt.begin(), dealt.end(), observations_.begin());
  return begins;
}

void Accumulator::add_sparse_counts(const Shared& shared, core::BucketSummary& summary) {
  if (observations_.empty()) return;
  const std::vector<std::size_t> begins = sort_observations(shared.metrics.size());
  for (const MetricIndex metric : shared.by_name) {
    const std::size_t begin = begins[metric], end = begins[metric + 1];
    if (begin == end) continue;
    const auto name = std::string(shared.metrics[metric].name);
    core::Counts& counts = summary.metrics.emplace_hint(summary.metrics.end(), name, core::Counts())->second;
    std::size_t bins = 1;
    for (std::size_t i = begin + 1; i < end; ++i) bins += observations_[i] >> 32 != observations_[i - 1] >> 32;
    counts.reserve(bins);
    for (std::size_t i = begin; i < end; ++i) {
      const auto bin = static_cast<std::int16_t>(observations_[i] >> 32);
      const core::Weight weight = static_cast<core::Weight>(observations_[i] & 0xffffffff) * core::kOneCall;
      if (!counts.empty() && counts.back().bin == bin)
        counts.back().weight += weight;
      else
        counts.push_back({bin, weight});
    }
  }
}

void Accumulator::add_dense_counts(const Shared& shared, core::BucketSummary& summary) const {
  for (std::size_t metric = 0; metric < dense_.size() / core::kLogBins; ++metric) {
    core::Counts counts;
    for (std::size_t bin = 0; bin < core::kLogBins; ++bin)
      if (const std::int64_t times = dense_[metric * core::kLogBins + bin]; times > 0)
        counts.push_back({static_cast<std::int16_t>(bin), times * core::kOneCall});
    if (!counts.empty()) summary.metrics[std::string(shared.metrics[metric].name)] = std::move(counts);
  }
}

std::vector<RunCalls>& Accumulator::sorted_runs() {
  if (runs_.empty()) return runs_;
  std::sort(runs_.begin(), runs_.end(), [](const RunCalls& a, const RunCalls& b) { return a.run < b.run; });
  run_index_.clear();
  for (std::size_t i = 0; i < runs_.size(); ++i) run_index_.insert(runs_[i].run, static_cast<std::uint32_t>(i));
  return runs_;
}

void Accumulator::clear() {
  totals_ = {};
  // What busy series need is not worth keeping: there are few of them.
  dense_ = {};
  if (observations_.capacity() > kKeptObservations) observations_ = {};
  observations_.clear();
  attribute_numbers_.clear();
  attribute_totals_.clear();
  samples_.clear();
  if (!runs_.empty()) run_index_.clear();
  runs_.clear();
  changed = saved = false;
}

}  // namespace costdrift::state
