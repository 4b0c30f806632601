#include "detectors/siblings.h"

#include <algorithm>
#include <cmath>

namespace costdrift::detectors {
namespace {

constexpr std::uint64_t kSiblingsVersion = 1;
constexpr double kFewestPseudoCalls = 2, kMostPseudoCalls = 500;

// Shares of categories that add up to 1 over all of them.
bool has_shares(const stats::LaneFamily& family) { return !family.log_bins && family.stratum == nullptr; }

}  // namespace

void Siblings::contribute(std::string_view metric, const stats::LaneFamily& family, const core::Counts& counts,
                          double inflation) {
  const double calls = core::total_calls(counts);
  if (calls <= 0) return;
  Moments& moments = by_metric_[std::string(metric)];
  ++moments.series;
  moments.inflation += inflation;
  moments.inflation_square += inflation * inflation;
  changed_ = true;
  if (!has_shares(family)) return;
  const auto bins = static_cast<std::size_t>(family.bins);
  for (auto* sums : {&moments.share, &moments.square, &moments.noise}) sums->resize(bins, 0);
  for (const auto& item : counts) {
    const auto bin = static_cast<std::size_t>(std::clamp<int>(item.bin, 0, family.bins - 1));
    const double share = static_cast<double>(item.weight) / core::kOneCall / calls;
    moments.share[bin] += share;
    moments.square[bin] += share * share;
    moments.noise[bin] += share * (1 - share) * inflation / calls;
  }
}

std::optional<SiblingPrior> Siblings::prior(std::string_view metric, const stats::LaneFamily& family) const {
  const auto found = by_metric_.find(metric);
  if (found == by_metric_.end() || found->second.series < kFewest) return std::nullopt;
  const Moments& moments = found->second;
  const double n = moments.series, mean_inflation = moments.inflation / n;
  const double spread = std::max(0.0, moments.inflation_square / n - mean_inflation * mean_inflation) * n / (n - 1);
  SiblingPrior prior{.counts = {}, .inflation = mean_inflation + std::sqrt(spread)};
  if (!has_shares(family)) return prior;
  double within = 0, between = 0;
  for (std::size_t bin = 0; bin < moments.share.size(); ++bin) {
    const double mean = moments.share[bin] / n;
    within += mean * (1 - mean);
    between += (moments.square[bin] / n - mean * mean) * n / (n - 1) - moments.noise[bin] / n;
  }
  const double calls = std::clamp(within / std::max(between, 1e-9) - 1, kFewestPseudoCalls, kMostPseudoCalls);
  for (std::size_t bin = 0; bin < moments.share.size(); ++bin) {
    const auto weight = static_cast<core::Weight>(std::llround(calls * moments.share[bin] / n * core::kOneCall));
    if (weight > 0) prior.counts.push_back({static_cast<std::int16_t>(bin), weight});
  }
  return prior;
}

void Siblings::save(core::ByteWriter& out) const {
  out.u64(kSiblingsVersion);
  out.u64(by_metric_.size());
  for (const auto& [metric, moments] : by_metric_) {
    out.text(metric);
    for (const double value : {moments.series, moments.inflation, moments.inflation_square}) out.f64(value);
    out.u64(moments.share.size());
    for (const auto* sums : {&moments.share, &moments.square, &moments.noise}) {
      for (const double value : *sums) out.f64(value);
    }
  }
}

bool Siblings::restore(std::string_view bytes) {
  *this = {};
  core::ByteReader in(bytes);
  if (in.u64() != kSiblingsVersion) return false;
  for (std::size_t left = in.count(4); left > 0; --left) {
    Moments& moments = by_metric_[in.text()];
    for (double* value : {&moments.series, &moments.inflation, &moments.inflation_square}) *value = in.f64();
    const std::size_t bins = in.count(24);
    for (auto* sums : {&moments.share, &moments.square, &moments.noise}) {
      sums->resize(bins);
      for (double& value : *sums) value = in.f64();
    }
  }
  if (in.finished()) return true;
  *this = {};
  return false;
}

}  // namespace costdrift::detectors
