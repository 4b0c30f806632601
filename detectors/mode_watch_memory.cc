// The stored form of a ModeWatch: the hot part goes with the lanes, the rest with the model.
#include "core/counts_record.h"
#include "detectors/mode_watch.h"

namespace costdrift::detectors {
void ModeWatch::save_lanes(core::ByteWriter& out) const {
  core::save_counts(out, block_);
  core::save_counts(out, recent_);
  for (const core::EventTime time : {block_start_, tested_at_}) out.i64(time.us);
  out.i64(block_stake_.nano);
  out.f64(calls_tested_);
  out.boolean(suspect_);
  lanes_.save(out);
}

void ModeWatch::restore_lanes(core::ByteReader& in) {
  block_ = core::restore_counts(in);
  recent_ = core::restore_counts(in);
  for (core::EventTime* time : {&block_start_, &tested_at_}) *time = {in.i64()};
  block_stake_ = {in.i64()};
  calls_tested_ = in.f64();
  suspect_ = in.boolean();
  lanes_.restore(in);
}

void ModeWatch::save(core::ByteWriter& out) const {
  modes_.save(out);
  money_.save(out);
  out.u64(means_.size());
  for (const auto& window : means_) {
    out.i64(window.end.us);
    out.f64(window.mean);
  }
  out.u64(pending_.size());
  for (const Window& window : pending_) {
    out.i64(window.start.us);
    out.i64(window.end.us);
  }
  core::save_counts(out, closed_);
  out.i64(windows_seen_);
  for (const core::EventTime time : {accepted_since_, slot_, window_start_}) out.i64(time.us);
}

void ModeWatch::restore(core::ByteReader& in) {
  modes_.restore(in);
  money_.restore(in);
  means_.resize(in.count(2));
  for (auto& window : means_) {
    window.end = {in.i64()};
    window.mean = in.f64();
  }
  pending_.resize(in.count(2));
  for (Window& window : pending_) {
    window.start = {in.i64()};
    window.end = {in.i64()};
  }
  closed_ = core::restore_counts(in);
  windows_seen_ = in.i64();
  for (core::EventTime* time : {&accepted_since_, &slot_, &window_start_}) *time = {in.i64()};
}

}  // namespace costdrift::detectors
