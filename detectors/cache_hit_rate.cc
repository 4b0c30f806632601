#include "detectors/cache_hit_rate.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "detectors/drift_detector.h"

namespace costdrift::detectors {
namespace {

// By where in its agent run a call stands: the first step of a run finds nothing in the cache, the next ones little, so
// that many runs beginning at once are no loss of hits. Calls without a step stand by themselves.
constexpr std::string_view kMetric = "cached_share_at_step";
constexpr int kFifths = 5;  // cached share of the input: [0, .2) ... [.8, 1]
constexpr int kStages = 5;  // no step, 1, 2, 3 to 5, 6 and more
constexpr double kZ90 = 1.2816;

int stage_of(const std::optional<std::int64_t>& step) {
  if (!step) return 0;
  return *step <= 2 ? static_cast<int>(std::max<std::int64_t>(*step, 1)) : *step <= 5 ? 3 : 4;
}

core::Observations observe(const core::UsageEvent& event) {
  core::Observations observations;
  if (event.cache_read_tokens && event.input_tokens && *event.input_tokens > 0) {
    const std::int64_t fifth =
        std::min<std::int64_t>(*event.cache_read_tokens * kFifths / *event.input_tokens, kFifths - 1);
    observations.add(static_cast<std::int16_t>(stage_of(event.step) * kFifths + fifth));
  }
  return observations;
}

// How much of the call was a miss, 1 .. 0.
double miss_score(int bin) { return 1 - static_cast<double>(bin % kFifths) / (kFifths - 1); }

stats::LaneFamily share_family() {
  stats::LaneFamily family = stats::odds_family(kStages * kFifths, miss_score);
  family.stratum = [](int bin) { return bin / kFifths; };
  return family;
}

struct Moments {
  double mean = 0, standard_error = 0;
};

Moments hit_moments(const core::Counts& counts, double inflation) {
  double n = 0, sum = 0, square = 0;
  for (const auto& item : counts) {
    const double calls = static_cast<double>(item.weight) / core::kOneCall;
    const double hit = 1 - miss_score(item.bin);
    n += calls;
    sum += calls * hit;
    square += calls * hit * hit;
  }
  if (n <= 0) return {};
  const double mean = sum / n;
  const double variance = std::max(square / n - mean * mean, 0.25 / (n + 1));
  return {mean, std::sqrt(variance * inflation / n)};
}

struct Stages {
  std::array<double, kStages> calls{}, hits{};
};

Stages stages_of(const core::Counts& counts) {
  Stages stages;
  for (const auto& item : counts) {
    const auto stage = static_cast<std::size_t>(item.bin / kFifths);
    const double calls = static_cast<double>(item.weight) / core::kOneCall;
    stages.calls[stage] += calls;
    stages.hits[stage] += calls * (1 - miss_score(item.bin));
  }
  return stages;
}

// How many hits calls at the stages of `now` used to have, over how many calls had in all: 1 when nothing is known of
// one of them, or when they are dealt over the stages as before.
double expected_of_stages(const core::Counts& before, const core::Counts& now, double hits_before) {
  const Stages known = stages_of(before), present = stages_of(now);
  double calls = 0, hits = 0;
  for (std::size_t stage = 0; stage < kStages; ++stage) {
    const double usual = known.calls[stage] > 0 ? known.hits[stage] / known.calls[stage] : hits_before;
    calls += present.calls[stage];
    hits += present.calls[stage] * usual;
  }
  return calls > 0 && hits_before > 0 ? hits / calls / hits_before : 1;
}

double token_hit_rate(const core::Totals& totals) {
  if (totals.cache_eligible_tokens == 0) return 0;
  return static_cast<double>(totals.cache_read_tokens) / static_cast<double>(totals.cache_eligible_tokens);
}

Measured measure(const Baseline& baseline, const core::BucketSummary& since, double inflation) {
  const Moments calls_before = hit_moments(baseline.counts(), 1);
  const double before =
      std::min(1.0, token_hit_rate(baseline.totals()) *
                        expected_of_stages(baseline.counts(), since.counts(kMetric), calls_before.mean));
  const double now = token_hit_rate(since.totals);
  const Moments calls_now = hit_moments(since.counts(kMetric), inflation);
  Measured measured;
  measured.effect.expected = before;
  measured.effect.observed = now;
  if (before > 0) {
    const double relative_error = calls_before.mean > 0 ? calls_now.standard_error / calls_before.mean : 1;
    measured.effect.effect = now / before - 1;
    measured.effect.low = std::max(-1.0, measured.effect.effect - kZ90 * relative_error);
    measured.effect.high = measured.effect.effect + kZ90 * relative_error;
    measured.harm_low = -measured.effect.high;
  }
  measured.money_known = since.totals.unpriced_calls < since.totals.calls;
  measured.excess = core::from_usd(std::max(0.0, before - now) * core::to_usd(since.totals.cacheable_cost));
  return measured;
}

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  DriftModel model{.detector = "cache_hit_rate",
                   .metric = kMetric,
                   .quantity = "share of input tokens read from cache",
                   .unit = "cached/input tokens",
                   .cost_part = core::CostPart::cache,
                   .family = share_family(),
                   .from_first_day = true,
                   .measure = measure};
  std::vector<core::MetricSpec> metrics{
      {.name = kMetric, .unit = "stages and fifths", .log_bins = false, .observe_call = observe}};
  return std::unique_ptr<Detector>(std::make_unique<DriftDetector>(std::move(model), std::move(metrics)));
}

}  // namespace

const DetectorSpec cache_hit_rate_spec{
    .title = "Cache hit rate",
    .measures =
        "cached share of the input tokens of calls that report cache_read_tokens, at the same steps of agent "
        "runs",
    .needs = "cache_read_tokens (0 when nothing was cached; absent calls are left out)",
    .blind_to = "apps that never report cache_read_tokens; a share that was near zero before",
    .fields = {},
    .make = make};

}  // namespace costdrift::detectors
