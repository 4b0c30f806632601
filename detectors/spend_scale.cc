#include "detectors/spend_scale.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace costdrift::detectors {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kInsteadOfNoCall = 0.5;  // calls: there is no logarithm of 0

}  // namespace

void SpendScale::Sum::add(const Sum& more) {
  steps += more.steps;
  residuals += more.residuals;
  usual += more.usual;
}

void SpendScale::learn(const MinuteHistory& history, double log_call_cost) {
  log_call_cost_ = log_call_cost;
  const std::int64_t first = history.first_minute(), minutes = history.completed_days() * MinuteHistory::kMinutesPerDay;
  std::vector<double> values;
  for (std::int64_t minute = first; minute < first + minutes; minute += grid_.minutes_per_step)
    values.push_back(value(history, minute, minute + grid_.minutes_per_step - 1));
  model_ = stats::SeasonalModel::fit(values, step_of(first), grid_, std::log(kFewestCalls));
}

void SpendScale::forget() {
  model_.reset();
  lanes_ = {};
}

// In calls of mean cost; NaN when a minute of them is missing.
double SpendScale::calls(const MinuteHistory& history, std::int64_t from, std::int64_t to) const {
  double calls = 0;
  for (std::int64_t at = from; at <= to; ++at) {
    const MinuteHistory::Minute one = history.at(at);
    if (one.kind == MinuteHistory::Kind::missing) return kNone;
    if (one.kind == MinuteHistory::Kind::value) calls += std::exp(one.log_cost - log_call_cost_);
  }
  return calls;
}

double SpendScale::value(const MinuteHistory& history, std::int64_t from, std::int64_t to) const {
  const double made = calls(history, from, to);
  return made == 0 ? std::log(kInsteadOfNoCall) : std::log(made);
}

void SpendScale::advance(const MinuteHistory& history, std::int64_t minute) {
  if (!model_ || !ends_with(minute)) return;
  const std::int64_t step = step_of(minute);
  (void)lanes_.update(*model_, value(history, first_minute(step), minute), step);
}

SpendScale::Evidence SpendScale::evidence(const MinuteHistory& history, std::int64_t minute) const {
  const std::int64_t step = step_of(minute);
  if (ends_with(minute)) return {lanes_, minute + 1};
  stats::SeasonalSr with_unfinished = lanes_;
  (void)with_unfinished.update(*model_, value(history, first_minute(step), minute), step);
  if (with_unfinished.log_evidence() > lanes_.log_evidence()) return {with_unfinished, first_minute(step + 1)};
  return {lanes_, first_minute(step)};
}

std::int64_t SpendScale::beginning(const MinuteHistory& history, std::int64_t from, std::int64_t to) const {
  double made = 0, usual = 0, best = 0;
  std::int64_t beginning = to;
  for (std::int64_t at = to; at >= from; --at) {
    const double one = calls(history, at, at), expected = std::exp(model_->level(step_of(at))) / grid_.minutes_per_step;
    if (!std::isfinite(one) || !std::isfinite(expected)) continue;
    made += one;
    usual += expected;
    const double log_ratio = made > usual ? made * std::log(made / usual) - (made - usual) : 0;
    if (log_ratio <= best) continue;
    best = log_ratio;
    beginning = at;
  }
  return beginning;
}

// The minutes from..to of one step, as if all of it were like them.
SpendScale::Sum SpendScale::part(const MinuteHistory& history, std::int64_t from, std::int64_t to,
                                 double known_residual) const {
  const std::int64_t step = step_of(from);
  const double share = static_cast<double>(to + 1 - from) / grid_.minutes_per_step;
  const double made = value(history, from, to) - std::log(share), usual = model_->level(step);
  const bool would_be_enough = std::isfinite(made) && model_->profile.at(step) + known_residual >= model_->floor;
  if (!model_->judges(made, step) && !would_be_enough) return {};
  return {share, share * (made - usual), share * usual};
}

SpendScale::Sum SpendScale::sum(const MinuteHistory& history, std::int64_t from, std::int64_t to,
                                double known_residual) const {
  Sum sum;
  while (from <= to) {
    const std::int64_t end = std::min(to + 1, first_minute(step_of(from) + 1));
    sum.add(part(history, from, end - 1, known_residual));
    from = end;
  }
  return sum;
}

void SpendScale::shift(double log_factor) {
  if (!model_) return;
  for (double& usual : model_->profile.levels) usual += log_factor;
}

void SpendScale::save_model(core::ByteWriter& out) const {
  out.f64(log_call_cost_);
  out.boolean(model_.has_value());
  if (model_) model_->save(out);
}

bool SpendScale::restore_model(core::ByteReader& in) {
  log_call_cost_ = in.f64();
  return !in.boolean() ||
         (model_.emplace().restore(in) && model_->profile.grid.minutes_per_step == grid_.minutes_per_step);
}

}  // namespace costdrift::detectors
