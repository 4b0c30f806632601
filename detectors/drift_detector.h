// DriftDetector: a detector that is a DriftModel and nothing else.
#pragma once

#include <vector>

#include "detectors/detector.h"
#include "detectors/drift_model.h"

namespace costdrift::detectors {

class DriftDetector final : public Detector {
 public:
  DriftDetector(DriftModel model, std::vector<core::MetricSpec> metrics)
      : model_(std::move(model)), metrics_(std::move(metrics)) {}
  std::span<const core::MetricSpec> metrics() const override { return metrics_; }
  bool concerns(const core::BucketSummary& summary) const override { return !summary.counts(model_.metric).empty(); }
  std::unique_ptr<SeriesJudge> judge(const core::SeriesKey& series) const override;
  const DriftModel& model() const { return model_; }

 private:
  DriftModel model_;
  std::vector<core::MetricSpec> metrics_;
};

}  // namespace costdrift::detectors
