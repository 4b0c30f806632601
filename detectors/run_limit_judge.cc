#include "detectors/run_limit_judge.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "detectors/finding_builder.h"
#include "detectors/run_steps.h"

namespace costdrift::detectors {
namespace {

constexpr core::Duration kRunReportEvery = core::minutes(10);
constexpr core::Duration kSilentAtFirst = core::hours(24);

// A limit that a person set is about the steps that the producer counts, also those before a pause.
std::int64_t highest_step(const core::RunDelta& run) { return std::max(run.depth, run.max_step); }

}  // namespace

bool RunLimitJudge::over_limit(const core::RunDelta& run, std::int64_t limit) const {
  return (limit > 0 && run.depth >= limit) || (limits_.max_steps > 0 && highest_step(run) > limits_.max_steps) ||
         (limits_.max_usd > 0 && core::to_usd(run.total_cost) > limits_.max_usd);
}

void RunLimitJudge::update_limit(const Budget& budget, const Baseline& baseline, core::EventTime now) {
  const LimitInputs inputs{.calls = baseline.calls(),
                           .calls_per_week = baseline.calls_per_week(),
                           .weeks_per_false_page = budget.weeks_per_false_page(),
                           .judged = baseline.ready() && now - baseline.first_hour() >= kSilentAtFirst};
  if (inputs == limit_inputs_) return;
  limit_inputs_ = inputs;
  const Hazards hazards = hazards_of(baseline.counts());
  const double stops = ended_runs(hazards);
  const double runs_per_week = inputs.calls_per_week * stops / std::max(baseline.calls(), 1.0);
  const double pages_per_week = 1 / inputs.weeks_per_false_page;
  limit_ = inputs.judged && stops >= kMinRuns
               ? survival_limit(hazards, std::min(0.01, pages_per_week / std::max(runs_per_week, 1.0)))
               : 0;
}

void RunLimitJudge::observe(const Observation& observation, const core::SeriesKey& series, const DriftJudge& drift,
                            std::vector<core::Finding>& findings) {
  const Baseline& baseline = drift.baseline();
  const core::EventTime now = observation.bucket.end;
  update_limit(observation.budget, baseline, now);
  for (const auto& [id, run] : observation.bucket.summary->runs) {
    const auto known = reported_.find(id);
    if (known == reported_.end() && (run.ended || reported_.size() >= kMaxRuns || !over_limit(run, limit_))) continue;
    Reported& entry = reported_[id];
    if (known == reported_.end()) {
      entry.onset = core::floor_to(run.first_call, observation.bucket.end - observation.bucket.start);
      entry.run_id = run.run_id;
      entry.limit = limit_;
      entry.hard = limit_ == 0 || run.depth < limit_;
    }
    entry.depth = std::max(entry.depth, entry.hard ? highest_step(run) : run.depth);
    entry.cost = run.total_cost;
    entry.last_call = run.last_call;
    changed_ = true;
    if (run.ended) {
      findings.push_back(finding(entry, observation, series, baseline, core::FindingPhase::recovered));
      reported_.erase(id);
    } else if (now - entry.last_report >= kRunReportEvery || known == reported_.end()) {
      entry.last_report = now;
      findings.push_back(finding(entry, observation, series, baseline, core::FindingPhase::drifting));
    }
  }
}

core::Finding RunLimitJudge::finding(const Reported& run, const Observation& observation, const core::SeriesKey& series,
                                     const Baseline& baseline, core::FindingPhase phase) const {
  const double usual = baseline.ready() ? mean_depth(hazards_of(baseline.counts()), 1) : 0;
  const auto depth = static_cast<double>(run.depth);
  core::Finding result;
  result.detector = detector_;
  result.series = series;
  result.aspect = run.run_id;
  result.phase = phase;
  result.evaluated_at = observation.bucket.end;
  result.onset = result.onset_earliest = result.onset_latest = run.onset;
  result.unit = "steps";
  result.quantity = "steps of agent run " + core::escape_for_log(run.run_id, 64);
  result.expected = usual;
  result.observed = depth;
  result.effect = result.effect_low = result.effect_high = usual > 0 ? depth / usual - 1 : 0;
  result.harm_low = result.effect;
  result.hard_limit = run.hard;
  if (run.hard) result.quiet_if = "the run ends, or its limit is raised";
  if (baseline.ready()) {
    const double runs_like_it = std::max(1.0, static_cast<double>(run.limit));
    result.log10_evidence = -std::log10(std::max(1e-300, std::pow(1 - 1 / std::max(usual, 1.01), runs_like_it)));
  }
  result.calls = run.depth;
  const double share = depth > usual ? (depth - usual) / depth : 0;
  result.excess_so_far = core::from_usd(core::to_usd(run.cost) * share);
  const double hours = std::max(core::to_hours(run.last_call - run.onset), 1.0 / 60);
  result.excess_usd_per_hour = core::to_usd(result.excess_so_far) / hours;
  result.money_known = run.cost.nano > 0;
  result.cost_part = core::CostPart::steps;
  result.samples = observation.bucket.summary->samples;
  result.attributes = commonest_attributes(*observation.bucket.summary);
  result.note = "run " + core::escape_for_log(run.run_id, 64) + " is at step " + core::group_digits(run.depth) +
                (usual > 0 ? "; runs of this app take " + core::describe_number(usual) + " steps on average" : "");
  return result;
}

void RunLimitJudge::save(core::ByteWriter& out) const {
  out.u64(reported_.size());
  for (const auto& [id, run] : reported_) {
    out.u64(id);
    out.i64(run.onset.us);
    out.i64(run.last_report.us);
    out.i64(run.last_call.us);
    out.text(run.run_id);
    out.i64(run.depth);
    out.i64(run.limit);
    out.i64(run.cost.nano);
    out.boolean(run.hard);
  }
}

void RunLimitJudge::restore(core::ByteReader& in) {
  const std::size_t count = in.count(9);
  for (std::size_t i = 0; i < count; ++i) {
    Reported& run = reported_[in.u64()];
    run.onset = {in.i64()};
    run.last_report = {in.i64()};
    run.last_call = {in.i64()};
    run.run_id = in.text();
    run.depth = in.i64();
    run.limit = in.i64();
    run.cost = {in.i64()};
    run.hard = in.boolean();
  }
}

}  // namespace costdrift::detectors
