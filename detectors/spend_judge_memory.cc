// SpendJudge: what it keeps, and how it is stored.
#include "core/finding_record.h"
#include "detectors/spend_judge.h"

namespace costdrift::detectors {
namespace {

constexpr std::uint64_t kSpendVersion = 3;
constexpr std::uint64_t kOneScale = 2;  // the version that knew minutes only

}  // namespace

std::size_t SpendJudge::memory_bytes() const {
  std::size_t bytes = sizeof *this + history_.memory_bytes();
  for (const SpendScale& scale : scales_) bytes += scale.memory_bytes();
  return bytes;
}

void SpendJudge::save_lanes(core::ByteWriter& out) const {
  out.u64(kSpendVersion);
  history_.save_today(out);
  for (const SpendScale& scale : scales_) scale.save_lanes(out);
  out.boolean(latch_.has_value());
  if (!latch_) return;
  out.u64(latch_->scale);
  for (const core::EventTime time :
       {latch_->since, latch_->onset, latch_->onset_earliest, latch_->onset_latest, latch_->next_estimate})
    out.i64(time.us);
  out.boolean(latch_->material);
  for (const double value :
       {latch_->seen.steps, latch_->seen.residuals, latch_->seen.usual, latch_->loudest, latch_->drift})
    out.f64(value);
  latch_->reverse.save(out);
  core::save_finding(out, latch_->finding);
}

void SpendJudge::save_model(core::ByteWriter& out) const {
  out.u64(kSpendVersion);
  history_.save_days(out);
  for (const SpendScale& scale : scales_) scale.save_model(out);
}

bool SpendJudge::restore_latch(core::ByteReader& in) {
  latch_.emplace();
  latch_->scale = in.u64();
  for (core::EventTime* time :
       {&latch_->since, &latch_->onset, &latch_->onset_earliest, &latch_->onset_latest, &latch_->next_estimate})
    *time = {in.i64()};
  latch_->material = in.boolean();
  for (double* value :
       {&latch_->seen.steps, &latch_->seen.residuals, &latch_->seen.usual, &latch_->loudest, &latch_->drift})
    *value = in.f64();
  latch_->reverse.restore(in);
  latch_->finding = core::restore_finding(in);
  return latch_->scale < scales_.size() && latched_scale().model();
}

bool SpendJudge::restore(std::string_view lanes, std::string_view model) {
  core::ByteReader cold(model), hot(lanes);
  const std::uint64_t version = cold.u64();
  if (hot.u64() != version || !history_.restore_days(cold) || !history_.restore_today(hot)) return false;
  model_saved();
  // Four weeks of minutes outlive the models of an older version, which are fitted anew when the day is over.
  if (version == kOneScale) return true;
  if (version != kSpendVersion) return false;
  for (SpendScale& scale : scales_) {
    if (!scale.restore_model(cold)) return false;
    scale.restore_lanes(hot);
  }
  if (hot.boolean() && !restore_latch(hot)) return false;
  return cold.finished() && hot.finished();
}

}  // namespace costdrift::detectors
