// The stored form of a DriftJudge; versions and layout: state/FORMAT.md "lanes" and "models".
#include <algorithm>

#include "core/finding_record.h"
#include "detectors/drift_judge.h"

namespace costdrift::detectors {
namespace {

constexpr std::uint64_t kDriftVersion = 12;

}  // namespace

void DriftJudge::save_lanes(core::ByteWriter& out) const {
  out.u64(kDriftVersion);
  lanes_.save(out);
  out.i64(last_end_.us);
  out.i64(hour_.us);
  out.f64(hour_peak_);
  watch_.save_lanes(out);
  out.i64(rejected_at_.us);
  out.i64(rejections_);
  out.f64(checked_calls_);
  out.boolean(latch_.has_value());
  if (!latch_) return;
  latch_->reverse.save(out);
  latch_->known.save_lanes(out);
}

void DriftJudge::save_model(core::ByteWriter& out) const {
  out.u64(kDriftVersion);
  baseline_.save(out);
  watch_.save(out);
  anchor_.save(out);
  out.boolean(day_disturbed_);
  out.boolean(contributed_);
  out.boolean(latch_.has_value());
  if (!latch_) return;
  for (const core::EventTime time :
       {latch_->since, latch_->onset, latch_->onset_earliest, latch_->onset_latest, latch_->next_estimate}) {
    out.i64(time.us);
  }
  out.u64(static_cast<std::uint64_t>(latch_->kind));
  out.f64(latch_->usual_mean);
  out.f64(latch_->log_evidence);
  out.f64(latch_->reverse_gain);
  for (const bool flag : {latch_->several_modes, latch_->calibrated, latch_->material, latch_->paged, latch_->deferred})
    out.boolean(flag);
  out.u64(latch_->reverse_log_ratio.size());
  for (const double value : latch_->reverse_log_ratio) out.f64(value);
  latch_->known.save_counts(out);
  core::save_finding(out, latch_->finding);
}

bool DriftJudge::restore(std::string_view lanes, std::string_view model) {
  core::ByteReader in(model);
  if (in.u64() != kDriftVersion) return false;
  baseline_.restore(in, model_.family);
  watch_.restore(in);
  anchor_.restore(in);
  day_disturbed_ = in.boolean();
  contributed_ = in.boolean();
  if (in.boolean()) {
    latch_.emplace();
    for (core::EventTime* time :
         {&latch_->since, &latch_->onset, &latch_->onset_earliest, &latch_->onset_latest, &latch_->next_estimate}) {
      *time = {in.i64()};
    }
    latch_->kind = static_cast<DriftKind>(std::min<std::uint64_t>(in.u64(), 3));
    latch_->usual_mean = in.f64();
    latch_->log_evidence = in.f64();
    latch_->reverse_gain = in.f64();
    for (bool* flag :
         {&latch_->several_modes, &latch_->calibrated, &latch_->material, &latch_->paged, &latch_->deferred})
      *flag = in.boolean();
    latch_->reverse_log_ratio.resize(in.count(8));
    for (double& value : latch_->reverse_log_ratio) value = in.f64();
    latch_->known.restore_counts(in, model_.family);
    latch_->finding = core::restore_finding(in);
  }
  if (!in.finished()) return false;

  core::ByteReader hot(lanes);
  if (hot.u64() != kDriftVersion) return false;
  lanes_.restore(hot);
  last_end_ = {hot.i64()};
  hour_ = {hot.i64()};
  hour_peak_ = hot.f64();
  watch_.restore_lanes(hot);
  rejected_at_ = {hot.i64()};
  rejections_ = hot.i64();
  checked_calls_ = hot.f64();
  if (hot.boolean() != latch_.has_value()) return false;
  if (latch_) {
    latch_->reverse.restore(hot);
    latch_->known.restore_lanes(hot);
  }
  return hot.finished();
}

}  // namespace costdrift::detectors
