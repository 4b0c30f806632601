#include "detectors/call_limit_judge.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "detectors/finding_builder.h"
#include "detectors/stats/tail.h"

namespace costdrift::detectors {
namespace {

constexpr core::Duration kSilentAtFirst = core::hours(24);
constexpr core::Duration kCallReportEvery = core::minutes(10);
constexpr core::Duration kEndsAfter = core::hours(1);
constexpr core::Duration kSpread = core::hours(6);

core::NanoUsd usual_cost(const Baseline& baseline) {
  return {baseline.totals().cost.nano / std::max<std::int64_t>(1, baseline.totals().calls)};
}

}  // namespace

void CallLimitJudge::update_limit(const Budget& budget, const Baseline& baseline, core::EventTime now) {
  const LimitInputs inputs{.calls = baseline.calls(),
                           .calls_per_week = baseline.calls_per_week(),
                           .weeks_per_false_page = budget.weeks_per_false_page(),
                           .judged = baseline.ready() && now - baseline.first_hour() >= kSilentAtFirst};
  if (inputs == limit_inputs_) return;
  limit_inputs_ = inputs;
  limit_ = {};
  if (!inputs.judged) return;
  // The baseline counts calls of runs by the information they add; the limit is exceeded call by call.
  const double calls_per_week =
      inputs.calls_per_week * static_cast<double>(baseline.totals().calls) / std::max(baseline.calls(), 1.0);
  const double pages_per_week = 1 / inputs.weeks_per_false_page;
  chance_ = std::min(0.01, pages_per_week / std::max(calls_per_week, 1.0));
  limit_ = {std::llround(std::min(stats::tail_limit(baseline.counts(), chance_), 1e18))};
}

bool CallLimitJudge::join(const Observation& observation, const Baseline& baseline) {
  bool joined = false;
  for (const auto& sample : observation.bucket.summary->samples) {
    // The baseline hardly counts the late, dear steps of runs; what runs cost is judged run by run.
    if (!sample.run_id.empty() || limit_.nano == 0 || sample.cost <= limit_) continue;
    const double above = core::to_usd(sample.cost) / core::to_usd(limit_) - 1;
    if (!episode_ && above < observation.budget.min_effect) continue;
    if (!episode_)
      episode_ = Episode{.onset = observation.bucket.start, .last_call = {}, .last_report = {}, .limit = limit_};
    episode_->last_call = observation.bucket.end;
    episode_->calls += 1;
    episode_->dearest = std::max(episode_->dearest, sample.cost);
    episode_->excess += sample.cost - usual_cost(baseline);
    joined = true;
  }
  return joined;
}

void CallLimitJudge::observe(const Observation& observation, const core::SeriesKey& series, const DriftJudge& drift,
                             std::vector<core::Finding>& findings) {
  const Baseline& baseline = drift.baseline();
  const core::EventTime now = observation.bucket.end;
  update_limit(observation.budget, baseline, now);
  const bool known = episode_.has_value();
  const bool joined = !drift.latched() && join(observation, baseline);
  if (!episode_) return;
  changed_ = changed_ || joined;
  if (joined && (!known || now - episode_->last_report >= kCallReportEvery)) {
    episode_->last_report = now;
    findings.push_back(finding(observation, series));
  } else if (now - episode_->last_call >= kEndsAfter) {
    findings.push_back(finding(observation, series));
    findings.back().phase = core::FindingPhase::recovered;
    episode_.reset();
    changed_ = true;
  }
}

core::Finding CallLimitJudge::finding(const Observation& observation, const core::SeriesKey& series) const {
  const core::EventTime now = observation.bucket.end;
  core::Finding result;
  result.detector = detector_;
  result.series = series;
  result.aspect = "single calls";
  result.evaluated_at = now;
  result.onset = result.onset_earliest = result.onset_latest = episode_->onset;
  result.unit = "USD/call";
  result.quantity = "cost of the dearest call";
  result.expected = core::to_usd(episode_->limit);
  result.observed = core::to_usd(episode_->dearest);
  result.effect = result.effect_low = result.effect_high = result.harm_low = result.observed / result.expected - 1;
  result.log10_evidence = -std::log10(chance_);
  result.symptom = true;
  result.calls = episode_->calls;
  result.excess_so_far = episode_->excess;
  const core::Duration spread = std::max(now - episode_->onset, kSpread);
  result.excess_usd_per_hour = core::to_usd(episode_->excess) / core::to_hours(spread);
  result.cost_part = core::CostPart::input;
  result.samples = observation.history->sum(episode_->onset, now).samples;
  result.attributes = commonest_attributes(*observation.bucket.summary);
  result.note = core::group_digits(episode_->calls) + (episode_->calls == 1 ? " call costs" : " calls cost") +
                " more than calls of this series ever did";
  return result;
}

void CallLimitJudge::save(core::ByteWriter& out) const {
  out.boolean(episode_.has_value());
  if (!episode_) return;
  for (const core::EventTime time : {episode_->onset, episode_->last_call, episode_->last_report}) out.i64(time.us);
  out.i64(episode_->calls);
  for (const core::NanoUsd money : {episode_->limit, episode_->dearest, episode_->excess}) out.i64(money.nano);
}

void CallLimitJudge::restore(core::ByteReader& in) {
  if (!in.boolean()) return;
  episode_.emplace();
  for (core::EventTime* time : {&episode_->onset, &episode_->last_call, &episode_->last_report}) *time = {in.i64()};
  episode_->calls = in.i64();
  for (core::NanoUsd* money : {&episode_->limit, &episode_->dearest, &episode_->excess}) money->nano = in.i64();
}

}  // namespace costdrift::detectors
