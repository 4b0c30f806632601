#include "tests/support/spend_shift.h"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "tests/support/random.h"

namespace costdrift::tests {
namespace {

using core::Dimension;

constexpr int kApps = 20, kTeams = 8, kModels = 6, kProviders = 3, kUseCases = 40;
constexpr int kCallsBefore = 30'000, kCallsAfter = 3'000;
constexpr double kCallNoise = 0.5;
constexpr double kWantedLift = 0.125;

struct PricedCall {
  int app = 0, model = 0, use_case = 0;
};

// Weights that fall like 1 / rank^0.7, in shuffled order.
template <std::size_t N>
std::array<double, N> popularity(Random& random) {
  std::array<double, N> weights{};
  for (std::size_t i = 0; i < N; ++i) weights[i] = std::pow(static_cast<double>(i) + 1, -0.7);
  for (std::size_t i = N - 1; i > 0; --i) std::swap(weights[i], weights[random.bits() % (i + 1)]);
  double total = 0;
  for (const double weight : weights) total += weight;
  for (double& weight : weights) weight /= total;
  return weights;
}

template <std::size_t N>
int draw(Random& random, const std::array<double, N>& weights) {
  double rest = random.uniform();
  for (std::size_t i = 0; i < N; ++i) {
    if ((rest -= weights[i]) < 0) return static_cast<int>(i);
  }
  return static_cast<int>(N) - 1;
}

class Organisation {
 public:
  explicit Organisation(std::uint64_t seed) : random_(seed) {
    app_weight_ = popularity<kApps>(random_);
    for (auto& cost : app_cost_) cost = 0.5 * random_.normal();
    for (auto& team : team_of_) team = static_cast<int>(random_.bits() % kTeams);
    for (int i = 0; i < kModels; ++i) model_cost_[static_cast<std::size_t>(i)] = 0.6 * i - 1.5;
    for (auto& weights : model_weight_) weights = popularity<kModels>(random_);
    for (auto& cost : use_case_cost_) cost = 0.5 * random_.normal();
    for (auto& weights : use_case_weight_) weights = popularity<kUseCases>(random_);
  }

  PricedCall call() {
    PricedCall c;
    c.app = draw(random_, app_weight_);
    c.model = draw(random_, model_weight_[static_cast<std::size_t>(c.app)]);
    c.use_case = draw(random_, use_case_weight_[static_cast<std::size_t>(c.app)]);
    return c;
  }
  double cost(const PricedCall& c) {
    return 0.01 * std::exp(app_cost_[static_cast<std::size_t>(c.app)] + model_cost_[static_cast<std::size_t>(c.model)] +
                           use_case_cost_[static_cast<std::size_t>(c.use_case)] + kCallNoise * random_.normal());
  }
  core::AttributeSet values(const PricedCall& c) const {
    return {{Dimension::app, "app-" + std::to_string(c.app)},
            {Dimension::model, "model-" + std::to_string(c.model)},
            {Dimension::provider, "provider-" + std::to_string(c.model % kProviders)},
            {Dimension::team, "team-" + std::to_string(team_of_[static_cast<std::size_t>(c.app)])},
            {Dimension::use_case, "case-" + std::to_string(c.use_case)}};
  }
  Random& random() { return random_; }

 private:
  Random random_;
  std::array<double, kApps> app_weight_{}, app_cost_{};
  std::array<int, kApps> team_of_{};
  std::array<double, kModels> model_cost_{};
  std::array<std::array<double, kModels>, kApps> model_weight_{};
  std::array<double, kUseCases> use_case_cost_{};
  std::array<std::array<double, kUseCases>, kApps> use_case_weight_{};
};

double factor_of(Injected injected) {
  switch (injected) {
    case Injected::app_dearer:
      return 1.6;
    case Injected::model_price:
      return 1.4;
    case Injected::use_case_dearer:
      return 1.8;
    case Injected::app_changes_model:
      return 0.6;  // of its calls
    case Injected::app_busier:
      return 3;
  }
  return 1;
}

// What `calls` and their costs say of the lift that every value would make; the value whose lift is nearest to wanted.
class Choice {
 public:
  Choice(Injected injected, const std::vector<std::pair<PricedCall, double>>& past) : injected_(injected) {
    lift_.assign(injected == Injected::use_case_dearer ? kUseCases
                 : injected == Injected::model_price   ? kModels
                                                       : kApps,
                 0.0);
    double total = 0;
    for (const auto& [call, cost] : past) total += cost;
    for (const auto& [call, cost] : past) lift_[static_cast<std::size_t>(index(call))] += extra(call, cost) / total;
  }
  int chosen() const {
    std::size_t best = 0;
    for (std::size_t i = 1; i < lift_.size(); ++i) {
      if (std::abs(lift_[i] - kWantedLift) < std::abs(lift_[best] - kWantedLift)) best = i;
    }
    return static_cast<int>(best);
  }
  int index(const PricedCall& call) const {
    if (injected_ == Injected::model_price) return call.model;
    return injected_ == Injected::use_case_dearer ? call.use_case : call.app;
  }

 private:
  double extra(const PricedCall& call, double cost) const {
    const double factor = factor_of(injected_);
    if (injected_ != Injected::app_changes_model) return cost * (factor - 1);
    return cost * factor * (std::exp(0.6 * (kModels - 1 - call.model)) - 1);
  }
  Injected injected_;
  std::vector<double> lift_;
};

core::Driver truth_of(Injected injected, int chosen) {
  const std::string number = std::to_string(chosen);
  switch (injected) {
    case Injected::app_dearer:
      return {Dimension::app, "app-" + number, 1, core::DriverKind::rate};
    case Injected::model_price:
      return {Dimension::model, "model-" + number, 1, core::DriverKind::rate};
    case Injected::use_case_dearer:
      return {Dimension::use_case, "case-" + number, 1, core::DriverKind::rate};
    case Injected::app_changes_model:
      return {Dimension::app, "app-" + number, 1, core::DriverKind::mix};
    case Injected::app_busier:
      return {Dimension::app, "app-" + number, 1, core::DriverKind::volume};
  }
  return {};
}

}  // namespace

SpendShift make_spend_shift(std::uint64_t seed, Injected injected) {
  Organisation organisation(seed * kInjected + static_cast<std::uint64_t>(injected) + 1);
  SpendShift shift;
  std::vector<std::pair<PricedCall, double>> past;
  for (int i = 0; i < kCallsBefore; ++i) {
    const PricedCall call = organisation.call();
    past.emplace_back(call, organisation.cost(call));
    auto& cell = shift.cells[organisation.values(call)];
    cell.calls_before += 1;
    cell.amount_before += past.back().second;
  }
  const Choice choice(injected, past);
  const int chosen = choice.chosen();
  const auto add = [&](const PricedCall& call, double factor) {
    auto& cell = shift.cells[organisation.values(call)];
    cell.calls_after += 1;
    cell.amount_after += factor * organisation.cost(call);
  };
  for (int i = 0; i < kCallsAfter; ++i) {
    PricedCall call = organisation.call();
    const bool hit = choice.index(call) == chosen;
    const double factor = factor_of(injected);
    if (hit && injected == Injected::app_changes_model && organisation.random().chance(factor))
      call.model = kModels - 1;
    const bool dearer = hit && injected != Injected::app_changes_model && injected != Injected::app_busier;
    add(call, dearer ? factor : 1);
    for (int more = 1; hit && injected == Injected::app_busier && more < 3; ++more) {
      PricedCall extra = organisation.call();
      while (extra.app != chosen) extra = organisation.call();
      add(extra, 1);
    }
  }
  shift.calls_ratio = static_cast<double>(kCallsAfter) / kCallsBefore;
  shift.truth = truth_of(injected, chosen);
  return shift;
}

}  // namespace costdrift::tests
