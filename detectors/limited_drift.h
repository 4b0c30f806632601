// LimitedDrift: the drift of a series, and a limit on what is single in it (a call, an agent run), as one judge. The
// limit reads what is usual from the drift's baseline.
//
// Limit is CallLimitJudge or RunLimitJudge: observe(observation, series, drift, findings), changed(), saved(),
// save(), restore().
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detectors/drift_judge.h"

namespace costdrift::detectors {

template <class Limit>
class LimitedDrift final : public SeriesJudge {
 public:
  // `model` outlives the judge.
  LimitedDrift(const DriftModel& model, core::SeriesKey series, Limit limit)
      : drift_(model, series), limit_(std::move(limit)), series_(std::move(series)) {}

  void observe(const Observation& observation, std::vector<core::Finding>& findings) override {
    drift_.observe(observation, findings);
    limit_.observe(observation, series_, drift_, findings);
  }
  void rebase(const core::SeriesKey& of) override { drift_.rebase(of); }
  void save_lanes(core::ByteWriter& out) const override { drift_.save_lanes(out); }
  void save_model(core::ByteWriter& out) const override {
    core::ByteWriter drift;
    drift_.save_model(drift);
    out.text(drift.bytes());
    limit_.save(out);
  }
  bool model_changed() const override { return drift_.model_changed() || limit_.changed(); }
  void model_saved() override {
    drift_.model_saved();
    limit_.saved();
  }
  bool restore(std::string_view lanes, std::string_view model) override {
    core::ByteReader in(model);
    const std::string drift = in.text();
    limit_.restore(in);
    return in.finished() && drift_.restore(lanes, drift);
  }
  std::size_t memory_bytes() const override { return drift_.memory_bytes() + sizeof limit_; }
  std::optional<Standing> standing(const Budget& budget) const override { return drift_.standing(budget); }
  double evidence_margin(const Budget& budget) const override { return drift_.evidence_margin(budget); }

 private:
  DriftJudge drift_;
  Limit limit_;
  core::SeriesKey series_;
};

}  // namespace costdrift::detectors
