// The stored form of a DriftJudge; versions and layout: state/FORMAT.md "lanes" and "models".
#include "detectors/drift_judge.h"

namespace costdrift::detectors {
namespace {

constexpr std::uint64_t kVersion = 1;

void save_finding(core::ByteWriter& out, const core::Finding& f) {
  out.i64(f.evaluated_at.us);
  for (const double value : {f.expected, f.observed, f.effect, f.effect_low, f.effect_high, f.harm_low,
                             f.log10_evidence, f.excess_usd_per_hour}) {
    out.f64(value);
  }
  out.i64(f.calls);
  out.i64(f.excess_so_far.nano);
  out.boolean(f.money_known);
  out.u64(f.samples.size());
  for (const auto& sample : f.samples) {
    out.i64(sample.cost.nano);
    out.text(sample.topic);
    out.i64(sample.partition);
    out.i64(sample.offset);
    out.text(sample.trace_id);
    out.text(sample.run_id);
  }
  out.u64(f.attributes.size());
  for (const auto& [dimension, value] : f.attributes) {
    out.u64(static_cast<std::uint64_t>(dimension));
    out.text(value);
  }
}

void restore_finding(core::ByteReader& in, core::Finding& f) {
  f.evaluated_at = {in.i64()};
  for (double* value : {&f.expected, &f.observed, &f.effect, &f.effect_low, &f.effect_high, &f.harm_low,
                        &f.log10_evidence, &f.excess_usd_per_hour}) {
    *value = in.f64();
  }
  f.calls = in.i64();
  f.excess_so_far = {in.i64()};
  f.money_known = in.boolean();
  f.samples.resize(in.count(6));
  for (auto& sample : f.samples) {
    sample.cost = {in.i64()};
    sample.topic = in.text();
    sample.partition = static_cast<std::int32_t>(in.i64());
    sample.offset = in.i64();
    sample.trace_id = in.text();
    sample.run_id = in.text();
  }
  f.attributes.resize(in.count(2));
  for (auto& [dimension, value] : f.attributes) {
    dimension = static_cast<core::Dimension>(in.u64());
    value = in.text();
  }
}

}  // namespace

void DriftJudge::save_lanes(core::ByteWriter& out) const {
  out.u64(kVersion);
  lanes_.save(out);
  out.i64(last_end_.us);
  out.i64(hour_.us);
  out.f64(hour_peak_);
  out.boolean(latch_.has_value());
  if (latch_) latch_->reverse.save(out);
}

void DriftJudge::save_model(core::ByteWriter& out) const {
  out.u64(kVersion);
  baseline_.save(out);
  out.boolean(latch_.has_value());
  if (!latch_) return;
  for (const core::EventTime time :
       {latch_->since, latch_->onset, latch_->onset_earliest, latch_->onset_latest, latch_->next_estimate}) {
    out.i64(time.us);
  }
  out.boolean(latch_->material);
  out.u64(latch_->reverse_log_ratio.size());
  for (const double value : latch_->reverse_log_ratio) out.f64(value);
  save_finding(out, latch_->finding);
}

bool DriftJudge::restore(std::string_view lanes, std::string_view model) {
  core::ByteReader in(model);
  if (in.u64() != kVersion) return false;
  baseline_.restore(in, model_.family);
  if (in.boolean()) {
    latch_.emplace();
    for (core::EventTime* time :
         {&latch_->since, &latch_->onset, &latch_->onset_earliest, &latch_->onset_latest, &latch_->next_estimate}) {
      *time = {in.i64()};
    }
    latch_->material = in.boolean();
    latch_->reverse_log_ratio.resize(in.count(8));
    for (double& value : latch_->reverse_log_ratio) value = in.f64();
    core::Finding& finding = latch_->finding;
    restore_finding(in, finding);
    finding.detector = model_.detector;
    finding.series = series_;
    finding.unit = model_.unit;
    finding.quantity = model_.quantity;
    finding.cost_part = model_.cost_part;
    finding.onset = latch_->onset;
    finding.onset_earliest = latch_->onset_earliest;
    finding.onset_latest = latch_->onset_latest;
  }
  if (!in.finished()) return false;

  core::ByteReader hot(lanes);
  if (hot.u64() != kVersion) return false;
  lanes_.restore(hot);
  last_end_ = {hot.i64()};
  hour_ = {hot.i64()};
  hour_peak_ = hot.f64();
  if (hot.boolean() != latch_.has_value()) return false;
  if (latch_) latch_->reverse.restore(hot);
  return hot.finished();
}

}  // namespace costdrift::detectors
