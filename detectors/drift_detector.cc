#include "detectors/drift_detector.h"

#include <algorithm>

#include "detectors/drift_judge.h"

namespace costdrift::detectors {
namespace {

// The judges of several models on one series.
class DriftJudges final : public SeriesJudge {
 public:
  DriftJudges(const std::vector<DriftModel>& models, const core::SeriesKey& series) {
    for (const auto& model : models) judges_.emplace_back(model, series);
  }

  void observe(const Observation& observation, std::vector<core::Finding>& findings) override {
    Observation shared = observation;
    shared.budget = share_of(observation.budget);
    for (auto& judge : judges_) judge.observe(shared, findings);
  }
  void rebase(const core::SeriesKey& of) override {
    for (auto& judge : judges_) judge.rebase(of);
  }
  void save_lanes(core::ByteWriter& out) const override {
    for (const auto& judge : judges_) {
      core::ByteWriter part;
      judge.save_lanes(part);
      out.text(part.bytes());
    }
  }
  void save_model(core::ByteWriter& out) const override {
    for (const auto& judge : judges_) {
      core::ByteWriter part;
      judge.save_model(part);
      out.text(part.bytes());
    }
  }
  bool model_changed() const override {
    return std::any_of(judges_.begin(), judges_.end(), [](const DriftJudge& judge) { return judge.model_changed(); });
  }
  void model_saved() override {
    for (auto& judge : judges_) judge.model_saved();
  }
  bool restore(std::string_view lanes, std::string_view model) override {
    core::ByteReader hot(lanes), cold(model);
    for (auto& judge : judges_) {
      const std::string lanes_part = hot.text(), model_part = cold.text();
      if (!judge.restore(lanes_part, model_part)) return false;
    }
    return hot.finished() && cold.finished();
  }
  std::size_t memory_bytes() const override {
    std::size_t sum = sizeof *this;
    for (const auto& judge : judges_) sum += judge.memory_bytes();
    return sum;
  }
  double evidence_margin(const Budget& budget) const override {
    double margin = kNoMargin;
    for (const auto& judge : judges_) margin = std::max(margin, judge.evidence_margin(share_of(budget)));
    return margin;
  }

 private:
  Budget share_of(Budget budget) const {
    budget.judges *= static_cast<std::int64_t>(judges_.size());
    return budget;
  }

  std::vector<DriftJudge> judges_;
};

}  // namespace

bool DriftDetector::concerns(const core::BucketSummary& summary) const {
  return std::any_of(models_.begin(), models_.end(),
                     [&](const DriftModel& model) { return !summary.counts(model.metric).empty(); });
}

std::unique_ptr<SeriesJudge> DriftDetector::judge(const core::SeriesKey& series) const {
  if (models_.size() == 1) return std::make_unique<DriftJudge>(models_.front(), series);
  return std::make_unique<DriftJudges>(models_, series);
}

}  // namespace costdrift::detectors
