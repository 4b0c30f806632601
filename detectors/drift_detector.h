// DriftDetector: a detector that is one or several DriftModels and nothing else. Several judge a series side by side,
// each with its own metric, baseline and aspect; together they have the page budget of one detector.
#pragma once

#include <vector>

#include "detectors/detector.h"
#include "detectors/drift_model.h"

namespace costdrift::detectors {

class DriftDetector final : public Detector {
 public:
  DriftDetector(DriftModel model, std::vector<core::MetricSpec> metrics)
      : models_{std::move(model)}, metrics_(std::move(metrics)) {}
  DriftDetector(std::vector<DriftModel> models, std::vector<core::MetricSpec> metrics)
      : models_(std::move(models)), metrics_(std::move(metrics)) {}
  std::span<const core::MetricSpec> metrics() const override { return metrics_; }
  bool concerns(const core::BucketSummary& summary) const override;
  std::unique_ptr<SeriesJudge> judge(const core::SeriesKey& series) const override;
  // The only model, or the first one.
  const DriftModel& model() const { return models_.front(); }

 private:
  std::vector<DriftModel> models_;
  std::vector<core::MetricSpec> metrics_;
};

}  // namespace costdrift::detectors
