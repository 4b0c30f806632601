#include "detectors/drift_judge.h"

#include <algorithm>
#include <cmath>

#include "detectors/finding_builder.h"

namespace costdrift::detectors {
namespace {

constexpr core::Duration kHour = core::hours(1);
constexpr core::Duration kSilentAtFirst = core::hours(24);
constexpr core::Duration kAbsorbAfter = core::hours(48);
constexpr double kLogResolve = 9.21;  // ln 1e4
constexpr double kMinLogThreshold = 9.21;
constexpr double kReversePrior = 5;  // calls of baseline mixed into the drifted distribution

core::Duration until_next_estimate(core::Duration latched_for) {
  if (latched_for < core::minutes(15)) return core::minutes(1);
  if (latched_for < core::hours(1)) return core::minutes(5);
  return core::minutes(30);
}

}  // namespace

void DriftJudge::observe(const Observation& observation, std::vector<core::Finding>& findings) {
  const core::Counts& counts = observation.bucket.summary->counts(model_.metric);
  if (counts.empty()) return;
  roll_hour(observation);
  const bool new_series = observation.bucket.end - baseline_.first_hour() < kSilentAtFirst;
  if (baseline_.ready() && !new_series) {
    weigh(observation, counts);
    if (latch_) {
      if (auto finding = follow(observation, counts)) findings.push_back(*std::move(finding));
    } else if (lanes_.log_evidence() >= log_threshold(observation.budget)) {
      latch(observation);
      findings.push_back(latch_->finding);
    }
  }
  last_end_ = observation.bucket.end;
}

// Hours are counted by the calls of this series: an hour without the metric is no hour of it.
void DriftJudge::roll_hour(const Observation& observation) {
  const core::EventTime hour = core::floor_to(observation.bucket.start, kHour);
  if (hour == hour_) return;
  if (hour_ != core::EventTime::min()) {
    const bool suspect = latch_.has_value() || hour_peak_ > 6.9;  // e^6.9 = 1000
    baseline_.hour_ended(hour_, suspect);
    model_changed_ = true;
  }
  hour_ = hour;
  hour_peak_ = -1e9;
  // The reverse test is in terms of the table that was in force when the evidence crossed: no learning while latched.
  if (!latch_) {
    baseline_.learn_due(observation.bucket.start, *observation.history, model_.metric, model_.family);
  }
}

void DriftJudge::weigh(const Observation& observation, const core::Counts& counts) {
  const auto inflation = stats::lane_inflation(baseline_.table(), baseline_.inflation(), baseline_.calls(),
                                               log_threshold(observation.budget));
  const double width_s = core::to_seconds(observation.bucket.end - observation.bucket.start);
  const double elapsed_s =
      last_end_ == core::EventTime::min() ? width_s : core::to_seconds(observation.bucket.end - last_end_);
  lanes_.update(baseline_.table(), counts, inflation, elapsed_s, width_s);
  hour_peak_ = std::max(hour_peak_, lanes_.log_evidence());
}

double DriftJudge::log_threshold(const Budget& budget) const {
  const double calls = std::max(baseline_.calls_per_week(), 1.0);
  const double shares = static_cast<double>(std::max<std::int64_t>(budget.judges, 1)) / budget.false_pages_per_week;
  return std::max(kMinLogThreshold, std::log(calls * shares));
}

void DriftJudge::latch(const Observation& observation) {
  const auto age = lanes_.age();
  const core::EventTime now = observation.bucket.end;
  const auto ago = [&](double seconds) {
    return core::floor_to(now - core::microseconds(std::llround(std::max(seconds, 0.0) * 1e6)),
                          observation.bucket.end - observation.bucket.start);
  };
  latch_.emplace();
  latch_->since = now;
  latch_->onset = std::min(ago(age.mean_s), observation.bucket.start);
  latch_->onset_earliest = std::min(ago(age.mean_s + 1.28 * age.sd_s), latch_->onset);
  latch_->onset_latest = std::max(std::min(ago(age.mean_s - 1.28 * age.sd_s), observation.bucket.start), latch_->onset);
  estimate(observation);
}

void DriftJudge::estimate(const Observation& observation) {
  const core::EventTime now = observation.bucket.end;
  const core::BucketSummary since = observation.history->sum(latch_->onset, now);
  const core::BucketSummary& seen = since.counts(model_.metric).empty() ? *observation.bucket.summary : since;
  const Measured measured = model_.measure(baseline_, seen, baseline_.inflation());
  const core::BucketSummary recent = observation.history->sum(now - core::minutes(10), now);
  latch_->finding = build_finding({.model = model_,
                                   .series = series_,
                                   .now = now,
                                   .onset = latch_->onset,
                                   .onset_earliest = latch_->onset_earliest,
                                   .onset_latest = latch_->onset_latest,
                                   .log_evidence = lanes_.log_evidence(),
                                   .measured = measured,
                                   .since = seen,
                                   .recent = recent});
  latch_->material = measured.harm_low >= observation.budget.min_effect;
  latch_->next_estimate = now + until_next_estimate(now - latch_->since);
  prepare_reverse(seen.counts(model_.metric));
  model_changed_ = true;
}

// The reverse test asks whether calls come from the baseline rather than from half-way to what was seen since onset.
void DriftJudge::prepare_reverse(const core::Counts& since) {
  const auto& table = baseline_.table();
  const auto groups = static_cast<std::size_t>(table.grouping.size());
  std::vector<double> drifted(groups, 0.0), middle(groups, 0.0);
  std::map<int, double> seen_in, middle_in;
  for (const auto& item : since) {
    const auto group = static_cast<std::size_t>(table.grouping.group(item.bin));
    const double calls = static_cast<double>(item.weight) / core::kOneCall;
    drifted[group] += calls;
    seen_in[table.stratum[group]] += calls;
  }
  for (std::size_t g = 0; g < groups; ++g) {
    const double probability =
        (drifted[g] + kReversePrior * table.null_prob[g]) / (seen_in[table.stratum[g]] + kReversePrior);
    middle[g] = std::sqrt(table.null_prob[g] * probability);
    middle_in[table.stratum[g]] += middle[g];
  }
  latch_->reverse_log_ratio.assign(groups, 0.0);
  for (std::size_t g = 0; g < groups; ++g) {
    latch_->reverse_log_ratio[g] = std::log(table.null_prob[g] * middle_in[table.stratum[g]] / middle[g]);
  }
}

std::optional<core::Finding> DriftJudge::follow(const Observation& observation, const core::Counts& counts) {
  double log_ratio = 0, calls = 0;
  for (const auto& item : counts) {
    const auto group = static_cast<std::size_t>(baseline_.table().grouping.group(item.bin));
    const double n = static_cast<double>(item.weight) / core::kOneCall;
    log_ratio += n * latch_->reverse_log_ratio[group];
    calls += n;
  }
  latch_->reverse.update(log_ratio / baseline_.inflation(), calls);
  const core::EventTime now = observation.bucket.end;
  if (latch_->reverse.log_evidence() >= kLogResolve) {
    core::Finding finding = latch_->finding;
    finding.phase = core::FindingPhase::recovered;
    finding.evaluated_at = now;
    unlatch(true);
    return finding;
  }
  if (now < latch_->next_estimate) return std::nullopt;
  estimate(observation);
  core::Finding finding = latch_->finding;
  if (!latch_->material && now - latch_->since >= kAbsorbAfter) {
    finding.phase = core::FindingPhase::recovered;
    unlatch(false);
  }
  return finding;
}

void DriftJudge::unlatch(bool forget_since_onset) {
  if (forget_since_onset) baseline_.drop_pending_since(latch_->onset);
  latch_.reset();
  lanes_.reset();
  hour_peak_ = -1e9;
  model_changed_ = true;
}

void DriftJudge::rebase() {
  const core::EventTime onset = latch_ ? latch_->onset : last_end_;
  if (latch_) unlatch(false);
  baseline_.restart_at(onset);
  lanes_.reset();
  model_changed_ = true;
}

std::size_t DriftJudge::memory_bytes() const {
  return sizeof *this + baseline_.counts().size() * sizeof(core::BinCount) +
         baseline_.table().log_ratio.size() * sizeof(double);
}

}  // namespace costdrift::detectors
