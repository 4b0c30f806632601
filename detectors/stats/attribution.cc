#include "detectors/stats/attribution.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "detectors/stats/expectation.h"

namespace costdrift::detectors::stats {
namespace {

constexpr double kLeastShare = 0.5;  // of the excess: a first cause explains at least that much
constexpr double kLeastFurtherShare = 0.2;
constexpr double kLeastEvidence = 5;  // nats beyond the price of looking at every value
constexpr double kPrior = 0.5;        // calls of every value before: what was never seen is not impossible
constexpr std::size_t kMostCauses = 2;
// A value that took the place of others: the least share of the calls now, the largest before.
constexpr double kReplaces = 0.9, kHardlyKnown = 0.1;

using Label = std::pair<core::Dimension, std::string>;

// Sums over the calls of one value, or of everything.
struct Sums {
  double calls_before = 0, calls_after = 0, amount_after = 0;
  double surplus = 0;  // amount beyond the expected amount of the same calls
  double z = 0;        // the same, each cell in units of its own mean
  std::map<std::string, std::array<double, 3>>
      along;  // by value of the mix dimension: calls before, after, expected mean
};

struct Question {
  const AttributionInput& input;
  double dispersion = 1;
  double calls_ratio = 1;  // calls expected now for one call then
  double usual_mean = 0;   // expected amount of a call of those that were made before
  double excess = 0;
};

void add(Sums& sums, const ExpectedCell& cell, core::Dimension mix) {
  sums.calls_before += cell.seen.calls_before;
  sums.calls_after += cell.seen.calls_after;
  sums.amount_after += cell.seen.amount_after;
  const double expected = cell.seen.calls_after * cell.mean;
  sums.surplus += cell.seen.amount_after - expected;
  if (cell.mean > 0) sums.z += (cell.seen.amount_after - expected) / cell.mean;
  for (const auto& [dimension, value] : *cell.values) {
    if (dimension != mix) continue;
    auto& [before, after, amount] = sums.along[value];
    before += cell.seen.calls_before;
    after += cell.seen.calls_after;
    amount += cell.mean * (cell.seen.calls_before + cell.seen.calls_after);
  }
}

double rate_evidence(const Sums& s, const Question& question) {
  if (s.calls_after <= 0 || s.z <= 0) return 0;
  const double variance =
      question.dispersion * (s.calls_after + s.calls_after * s.calls_after / (s.calls_before + kPrior));
  return s.z * s.z / (2 * variance);
}

double volume_evidence(const Sums& s, const Question& question) {
  const double expected = (s.calls_before + kPrior) * question.calls_ratio;
  const double n = s.calls_after;
  if (n <= expected) return 0;
  return (n * std::log(n / expected) - n + expected) / (1 + question.calls_ratio);
}

// A value's own calls moved: the dimension itself cannot move along itself.
double mix_evidence(const Sums& s) {
  if (s.along.size() < 2 || s.calls_after <= 0) return 0;
  const double before = s.calls_before + kPrior * static_cast<double>(s.along.size());
  double g = 0;
  for (const auto& [value, counts] : s.along) {
    const double expected = s.calls_after * (counts[0] + kPrior) / before;
    if (counts[1] > 0) g += counts[1] * std::log(counts[1] / expected);
  }
  return g / (1 + s.calls_after / before) - static_cast<double>(s.along.size() - 1) / 2;
}

double mix_surplus(const Sums& s) {
  const double before = s.calls_before + kPrior * static_cast<double>(s.along.size());
  double surplus = 0;
  for (const auto& [value, counts] : s.along) {
    const double mean = counts[2] / std::max(counts[0] + counts[1], 1e-9);
    surplus += (counts[1] - s.calls_after * (counts[0] + kPrior) / before) * mean;
  }
  return surplus;
}

double volume_surplus(const Sums& s, const Question& question) {
  if (s.calls_after <= 0) return 0;
  const double more = s.calls_after - s.calls_before * question.calls_ratio;
  const double mean = s.amount_after / s.calls_after;
  // Per call, a dearer kind of call matters by how much dearer it is; else by all that it costs.
  return more * (question.input.calls_ratio ? mean : mean - question.usual_mean);
}

// The best explanation that one value (or everything) offers; `price` is ln K.
Cause best_of(const Sums& sums, const Question& question, core::Driver driver, double price) {
  Cause best;
  const auto offer = [&](core::DriverKind kind, double evidence, double surplus) {
    const double share = surplus / question.excess;
    if (evidence - price <= best.evidence || share < kLeastFurtherShare) return;
    best = {driver, evidence - price};
    best.driver.kind = kind;
    best.driver.share = std::min(1.0, share);
  };
  offer(core::DriverKind::rate, rate_evidence(sums, question), sums.surplus);
  offer(core::DriverKind::volume, volume_evidence(sums, question), volume_surplus(sums, question));
  if (driver.dimension != question.input.mix_dimension) {
    offer(core::DriverKind::mix, mix_evidence(sums), mix_surplus(sums));
  }
  return best;
}

// Everything changed alike, and this value came with it: of several the one that was the least expected.
std::optional<Cause> newcomer(const std::map<Label, Sums>& by_value, const Sums& all, const Question& question,
                              const Cause& alike) {
  std::optional<Cause> cause;
  double most = 0;
  for (const auto& [label, sums] : by_value) {
    const bool replaced_others =
        sums.calls_after >= kReplaces * all.calls_after && sums.calls_before <= kHardlyKnown * all.calls_before;
    const double novelty = volume_evidence(sums, question);
    if (!replaced_others || novelty <= most) continue;
    most = novelty;
    cause = alike;
    cause->driver.dimension = label.first;
    cause->driver.value = label.second;
  }
  return cause;
}

// The strongest cause among the cells; nullopt: none, or all of them alike.
std::optional<Cause> strongest(const std::vector<ExpectedCell>& cells, const Question& question) {
  std::map<Label, Sums> by_value;
  std::map<core::Dimension, double> values;
  Sums all;
  for (const auto& cell : cells) {
    add(all, cell, question.input.mix_dimension);
    for (const auto& label : *cell.values) {
      auto [sums, is_new] = by_value.try_emplace(label);
      if (is_new) values[label.first] += 1;
      add(sums->second, cell, question.input.mix_dimension);
    }
  }
  const Cause alike = best_of(all, question, {}, 0);
  Cause best;
  for (const auto& [label, sums] : by_value) {
    Cause cause =
        best_of(sums, question, {.dimension = label.first, .value = label.second}, std::log(values[label.first]));
    if (cause.evidence > best.evidence) best = std::move(cause);
  }
  if (std::max(best.evidence, alike.evidence) < kLeastEvidence) return std::nullopt;
  return best.evidence > alike.evidence ? best : newcomer(by_value, all, question, alike);
}

bool has(const core::AttributeSet& set, const core::Driver& driver) {
  return std::find(set.begin(), set.end(), Label(driver.dimension, driver.value)) != set.end();
}

}  // namespace

std::vector<Cause> attribute(const AttributionInput& input) {
  std::vector<ExpectedCell> cells = expect_cells(input.cells);
  Question question{.input = input};
  double before = 0, after = 0, amount_before = 0, amount_after = 0;
  for (const auto& cell : cells) {
    before += cell.seen.calls_before;
    after += cell.seen.calls_after;
    amount_before += cell.seen.amount_before;
    amount_after += cell.seen.amount_after;
  }
  if (!(before > 0) || !(after > 0)) return {};
  question.calls_ratio = input.calls_ratio.value_or(after / before);
  question.usual_mean = amount_before / before;
  question.excess = amount_after - amount_before * question.calls_ratio;
  if (!(question.excess > 0)) return {};
  question.dispersion = input.dispersion.value_or(estimate_dispersion(cells));
  std::vector<Cause> causes;
  while (causes.size() < kMostCauses) {
    auto cause = strongest(cells, question);
    if (!cause || (causes.empty() && cause->driver.share < kLeastShare)) break;
    std::erase_if(cells, [&](const ExpectedCell& cell) { return has(*cell.values, cause->driver); });
    causes.push_back(*std::move(cause));
  }
  return causes;
}

}  // namespace costdrift::detectors::stats
