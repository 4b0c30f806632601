#include "detectors/bill_split.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "detectors/stats/split.h"

namespace costdrift::detectors {
namespace {

using core::CostPart;

constexpr double kAnotherStory = 4;  // times what was measured
using Models = std::map<std::string, core::AttributeTotals>;

// The unit of work is a first attempt: retries are more of the same work, however producers report them.
struct Bill {
  double work = 1;
  double input_usd = 0, output_usd = 0;
  double input_tokens = 0, output_tokens = 0;  // per call
  double retry = 1;                            // the whole bill over the bill of first attempts
  double cache = 1;                            // input dollars over what they would be without the cache
};

Bill bill_of(const core::Totals& totals) {
  const auto calls = static_cast<double>(totals.calls);
  const double cost = core::to_usd(totals.cost);
  Bill bill;
  const std::int64_t first_attempts = totals.attempts - totals.retries;
  bill.work = first_attempts > 0 ? static_cast<double>(first_attempts) : calls;
  bill.retry = cost / std::max(cost - core::to_usd(totals.retry_cost), cost * 0.01);
  bill.input_usd = core::to_usd(totals.input_cost);
  bill.output_usd = core::to_usd(totals.output_cost);
  bill.input_tokens = static_cast<double>(totals.input_tokens) / calls;
  bill.output_tokens = static_cast<double>(totals.output_tokens) / calls;
  if (totals.cache_eligible_tokens > 0) {
    const double hit =
        static_cast<double>(totals.cache_read_tokens) / static_cast<double>(totals.cache_eligible_tokens);
    const double paid = core::to_usd(totals.input_cost);
    if (paid > 0) bill.cache = paid / (paid + hit * core::to_usd(totals.cacheable_cost));
  }
  return bill;
}

// A quantity per call in the mix of now over that in the mix of before, each model as it was before.
double mix_ratio(const Models& before, const Models& after, double (*amount)(const core::AttributeTotals&)) {
  double then = 0, now = 0, calls_then = 0, calls_now = 0;
  for (const auto& [model, totals] : before) {
    then += amount(totals);
    calls_then += static_cast<double>(totals.calls);
  }
  for (const auto& [model, totals] : after) {
    const auto known = before.find(model);
    const auto calls = static_cast<double>(totals.calls);
    const core::AttributeTotals& usual = known == before.end() ? totals : known->second;
    if (usual.calls > 0) now += calls * amount(usual) / static_cast<double>(usual.calls);
    calls_now += calls;
  }
  const bool told = then > 0 && now > 0 && calls_then > 0 && calls_now > 0;
  return told ? (now / calls_now) / (then / calls_then) : 1;
}

struct Mix {
  double cost = 1, input = 1, output = 1;
};

Mix mix_of(const BillChange& change) {
  if (change.models_before == nullptr || change.models_after == nullptr) return {};
  const auto ratio = [&](double (*amount)(const core::AttributeTotals&)) {
    return mix_ratio(*change.models_before, *change.models_after, amount);
  };
  return {.cost = ratio([](const core::AttributeTotals& t) { return core::to_usd(t.cost); }),
          .input = ratio([](const core::AttributeTotals& t) { return static_cast<double>(t.input_tokens); }),
          .output = ratio([](const core::AttributeTotals& t) { return static_cast<double>(t.output_tokens); })};
}

double log_ratio(double after, double before) { return after > 0 && before > 0 ? std::log(after / before) : 0; }

using Logs = std::array<double, core::kCostParts>;

double& at(Logs& logs, CostPart part) { return logs[static_cast<std::size_t>(part)]; }

// The ratios of one summand of the bill; price is what the others leave, so that they multiply to the whole.
Logs factors(double whole, Logs known) {
  double rest = whole;
  for (const double log : known) rest -= log;
  at(known, CostPart::price) += rest;
  return known;
}

void add(std::array<double, core::kCostParts>& sum, double before, double after, const Logs& logs) {
  const auto parts = stats::split_product(before, after, logs);
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += parts[i];
}

core::CostSplit in_nano(const std::vector<std::int64_t>& dealt) {
  core::CostSplit split{};
  std::transform(dealt.begin(), dealt.end(), split.begin(), [](std::int64_t nano) { return core::NanoUsd{nano}; });
  return split;
}

}  // namespace

std::array<double, core::kCostParts> bill_parts(const BillChange& change) {
  std::array<double, core::kCostParts> parts{};
  if (change.before.calls == 0 || change.after.calls == 0) return parts;
  if (change.before.cost.nano <= 0 || change.after.cost.nano <= 0) return parts;
  const Bill before = bill_of(change.before), after = bill_of(change.after);
  const Mix mix = mix_of(change);
  const double scale = after.work / before.work / (change.volume_ratio * change.steps_ratio);
  Logs common{};
  at(common, CostPart::volume) = std::log(change.volume_ratio);
  at(common, CostPart::steps) = std::log(change.steps_ratio);
  at(common, CostPart::retry) = log_ratio(after.retry, before.retry);
  at(common, CostPart::mix) = std::log(mix.cost);

  Logs input = common;
  at(input, CostPart::input) = log_ratio(after.input_tokens, before.input_tokens) - std::log(mix.input);
  at(input, CostPart::cache) = log_ratio(after.cache, before.cache);
  add(parts, before.input_usd * scale, after.input_usd,
      factors(log_ratio(after.input_usd, before.input_usd * scale), input));

  Logs output = common;
  at(output, CostPart::output) = log_ratio(after.output_tokens, before.output_tokens) - std::log(mix.output);
  add(parts, before.output_usd * scale, after.output_usd,
      factors(log_ratio(after.output_usd, before.output_usd * scale), output));
  return parts;
}

core::CostSplit split_whole(core::NanoUsd excess, const BillChange& change, core::CostPart otherwise) {
  return in_nano(stats::apportion(excess.nano, bill_parts(change), static_cast<std::size_t>(otherwise)));
}

core::CostSplit split_cause(core::NanoUsd excess, core::CostPart own, const BillChange& change, double noise) {
  auto parts = bill_parts(change);
  const double rise = std::accumulate(parts.begin(), parts.end(), 0.0);
  const double least = noise * core::to_usd(change.after.cost);
  const auto own_index = static_cast<std::size_t>(own);
  double others = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i == own_index || parts[i] < least) parts[i] = 0;
    others += parts[i];
  }
  const double beyond = std::min(others, rise - core::to_usd(excess));
  const bool another_story = beyond > kAnotherStory * core::to_usd(excess);
  core::CostSplit split{};
  if (beyond > 0 && !another_story) split = in_nano(stats::apportion(core::from_usd(beyond).nano, parts, own_index));
  split[own_index] += excess;
  return split;
}

core::NanoUsd total(const core::CostSplit& split) {
  return std::accumulate(split.begin(), split.end(), core::NanoUsd{}, std::plus<>());
}

}  // namespace costdrift::detectors
