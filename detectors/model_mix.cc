#include "detectors/model_mix.h"

#include <algorithm>
#include <array>
#include <bit>

#include "detectors/drift_judge.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kName = "model_mix";
constexpr std::string_view kCalls = "model_tier";
constexpr std::string_view kDollars = "model_tier_usd";  // in millionths
constexpr int kTiers = 16;
constexpr std::uint64_t kCheapestNano = 62'500;  // of the price that tells how dear a model is; below it is tier 0

using PerTier = std::array<double, kTiers>;

// Each tier is twice as dear as the one before.
std::int16_t tier_of(core::NanoUsd price) {
  const auto times_cheapest = static_cast<std::uint64_t>(std::max<std::int64_t>(price.nano, 0)) / kCheapestNano;
  return static_cast<std::int16_t>(std::min<std::uint64_t>(std::bit_width(times_cheapest), kTiers - 1));
}

core::Observations observe_call(const core::UsageEvent& event) {
  core::Observations observations;
  if (event.model_price) observations.add(tier_of(*event.model_price));
  return observations;
}

core::Observations observe_dollars(const core::UsageEvent& event) {
  core::Observations observations;
  const std::int64_t millionths = (event.cost.nano + 500) / 1000;
  if (event.model_price && millionths > 0) {
    observations.add(tier_of(*event.model_price),
                     static_cast<std::int32_t>(std::min<std::int64_t>(millionths, 2'000'000'000)));
  }
  return observations;
}

PerTier by_tier(const core::Counts& counts) {
  PerTier result{};
  for (const auto& item : counts) {
    result[static_cast<std::size_t>(std::min<int>(item.bin, kTiers - 1))] +=
        static_cast<double>(item.weight) / core::kOneCall;
  }
  return result;
}

double sum(const PerTier& values, std::size_t from = 0) {
  double total = 0;
  for (std::size_t tier = from; tier < kTiers; ++tier) total += values[tier];
  return total;
}

// Dollars per call of each tier since the onset. A tier without calls now: its neighbours' by the ratio of their
// prices.
PerTier usd_per_call(const PerTier& calls, const PerTier& dollars) {
  PerTier result{};
  for (std::size_t tier = 0; tier < kTiers; ++tier) {
    if (calls[tier] > 0) result[tier] = dollars[tier] * 1e-6 / calls[tier];
  }
  for (std::size_t tier = 1; tier < kTiers; ++tier) {
    if (calls[tier] <= 0) result[tier] = 2 * result[tier - 1];
  }
  for (std::size_t tier = kTiers - 1; tier > 0; --tier) {
    if (result[tier - 1] <= 0) result[tier - 1] = result[tier] / 2;
  }
  return result;
}

// The tier from which on the share of calls rose most: what is dear for this application.
std::size_t first_dear_tier(const PerTier& before, const PerTier& since) {
  std::size_t best = kTiers - 1;
  double largest = 0;
  for (std::size_t tier = 1; tier < kTiers; ++tier) {
    const double rise = sum(since, tier) / std::max(sum(since), 1e-9) - sum(before, tier) / std::max(sum(before), 1e-9);
    if (rise > largest) {
      largest = rise;
      best = tier;
    }
  }
  return best;
}

// What these calls would have cost, had they gone to the models as they used to, and which part of it to the dear ones.
Measured measure(const Baseline& baseline, const core::BucketSummary& since, double inflation) {
  const PerTier before = by_tier(baseline.counts()), now = by_tier(since.counts(kCalls));
  const PerTier price = usd_per_call(now, by_tier(since.counts(kDollars)));
  const std::size_t dear = first_dear_tier(before, now);
  PerTier usual{}, spent{};
  for (std::size_t tier = 0; tier < kTiers; ++tier) {
    usual[tier] = before[tier] / std::max(sum(before), 1e-9) * sum(now) * price[tier];
    spent[tier] = now[tier] * price[tier];
  }
  const stats::Effect calls = stats::fit_rate(sum(before, dear), sum(before), sum(now, dear), sum(now), inflation);
  Measured measured;
  measured.effect.expected = sum(usual, dear) / std::max(sum(usual), 1e-12);
  measured.effect.observed = sum(spent, dear) / std::max(sum(spent), 1e-12);
  const auto relative = [&](double rise) { return measured.effect.expected > 0 ? rise : 0; };
  measured.effect.effect = relative(measured.effect.observed / std::max(measured.effect.expected, 1e-12) - 1);
  // The interval of the share of calls, in proportion.
  const double scale = calls.effect > 0 ? measured.effect.effect / calls.effect : 1;
  measured.effect.low = calls.low * scale;
  measured.effect.high = calls.high * scale;
  measured.harm_low = measured.effect.low;
  measured.money_known = since.totals.unpriced_calls < since.totals.calls;
  measured.excess = core::from_usd(std::max(0.0, sum(spent) - sum(usual)));
  return measured;
}

double dearness(int tier) { return static_cast<double>(tier) / (kTiers - 1); }

DriftModel drift_model() {
  return {.detector = kName,
          .metric = kCalls,
          .quantity = "share of dollars spent on the dearer models",
          .unit = "dear/all USD",
          .cost_part = core::CostPart::mix,
          .specific = true,
          .family = {.lanes = {{stats::LaneKind::exceed, 2, .5},
                               {stats::LaneKind::exceed, 2, .8},
                               {stats::LaneKind::exceed, 4, .8},
                               {stats::LaneKind::exceed, 2, .9},
                               {stats::LaneKind::exceed, 4, .9},
                               {stats::LaneKind::exceed, 3, .95},
                               {stats::LaneKind::exceed, 4, .98},
                               {stats::LaneKind::exceed, 8, .995}},
                     .log_bins = false,
                     .bins = kTiers,
                     .score = dearness},
          .measure = measure};
}

class MixDetector final : public Detector {
 public:
  std::span<const core::MetricSpec> metrics() const override { return metrics_; }
  core::SeriesKinds kinds() const override { return {core::SeriesKind::app}; }
  bool concerns(const core::BucketSummary& summary) const override { return !summary.counts(kCalls).empty(); }
  std::unique_ptr<SeriesJudge> judge(const core::SeriesKey& series) const override {
    return std::make_unique<DriftJudge>(model_, series);
  }

 private:
  core::MetricSpec metrics_[2] = {
      {.name = kCalls,
       .unit = "tier",
       .log_bins = false,
       .run_weighting = core::RunWeighting::information,
       .observe_call = observe_call},
      {.name = kDollars, .unit = "tier", .log_bins = false, .observe_call = observe_dollars}};
  DriftModel model_ = drift_model();
};

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  return std::unique_ptr<Detector>(std::make_unique<MixDetector>());
}

}  // namespace

const DetectorSpec model_mix_spec{
    .title = "Model mix",
    .measures = "share of an application's dollars that goes to its dearer models, by the tiers of their list prices",
    .needs = "app, model; a listed price",
    .blind_to = "models without a listed price; moves between models whose prices are less than about twofold apart",
    .fields = {},
    .make = make};

}  // namespace costdrift::detectors
