#include "detectors/stats/expectation.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace costdrift::detectors::stats {
namespace {

constexpr int kPasses = 8;
constexpr double kEffectPrior = 5;      // calls of "as everybody" mixed into the effect of a value
constexpr double kCellPrior = 20;       // calls of the main effects mixed into the mean of a cell
constexpr double kUnseenCalls = 0.5;    // of those before, where none amounted to anything: as many as now each
constexpr double kMedianOfChi = 0.455;  // median of chi square with one degree of freedom
constexpr double kLeastCalls = 3;
constexpr std::size_t kLeastCells = 8;
constexpr double kUsualDispersion = 0.5;

using Label = std::pair<core::Dimension, std::string>;

// The cells of every value, by dimension in enum order.
std::map<Label, std::vector<Eigen::Index>> members_of(const std::vector<ExpectedCell>& cells) {
  std::map<Label, std::vector<Eigen::Index>> members;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    for (const auto& label : *cells[i].values) members[label].push_back(static_cast<Eigen::Index>(i));
  }
  return members;
}

void backfit(const std::vector<ExpectedCell>& cells, double mean, Eigen::ArrayXd& fitted) {
  const auto members = members_of(cells);
  for (int pass = 0; pass < kPasses; ++pass) {
    for (const auto& [label, indices] : members) {
      double seen = kEffectPrior * mean, expected = kEffectPrior * mean;
      for (const Eigen::Index i : indices) {
        const CellChange& cell = cells[static_cast<std::size_t>(i)].seen;
        seen += cell.amount_before;
        expected += cell.calls_before * fitted[i];
      }
      for (const Eigen::Index i : indices) fitted[i] *= seen / expected;
    }
  }
}

}  // namespace

std::vector<ExpectedCell> expect_cells(const std::map<core::AttributeSet, CellChange>& cells) {
  std::vector<ExpectedCell> result;
  double calls = 0, amount = 0, calls_now = 0, amount_now = 0;
  for (const auto& [values, cell] : cells) {
    result.push_back({&values, cell, 0});
    calls += cell.calls_before;
    amount += cell.amount_before;
    calls_now += cell.calls_after;
    amount_now += cell.amount_after;
  }
  if (!(calls > 0) || !(amount + amount_now > 0)) return {};
  if (!(amount > 0)) {
    const double mean = kUnseenCalls * amount_now / calls_now / calls;
    for (ExpectedCell& cell : result) cell.mean = mean;
    return result;
  }
  Eigen::ArrayXd fitted = Eigen::ArrayXd::Constant(static_cast<Eigen::Index>(result.size()), amount / calls);
  backfit(result, amount / calls, fitted);
  for (std::size_t i = 0; i < result.size(); ++i) {
    ExpectedCell& cell = result[i];
    cell.mean = (cell.seen.amount_before + kCellPrior * fitted[static_cast<Eigen::Index>(i)]) /
                (cell.seen.calls_before + kCellPrior);
  }
  return result;
}

double estimate_dispersion(const std::vector<ExpectedCell>& cells) {
  std::vector<double> squares;
  for (const auto& cell : cells) {
    if (cell.seen.calls_after < kLeastCalls || !(cell.mean > 0)) continue;
    const double residual = cell.seen.amount_after / (cell.seen.calls_after * cell.mean) - 1;
    const double noise = 1 / cell.seen.calls_after + 1 / (cell.seen.calls_before + kCellPrior);
    squares.push_back(residual * residual / noise);
  }
  if (squares.size() < kLeastCells) return kUsualDispersion;
  const auto middle = squares.begin() + static_cast<std::ptrdiff_t>(squares.size() / 2);
  std::nth_element(squares.begin(), middle, squares.end());
  return std::clamp(*middle / kMedianOfChi, 0.01, 10.0);
}

}  // namespace costdrift::detectors::stats
