#include "detectors/spend.h"

#include <vector>

#include "detectors/spend_judge.h"
#include "detectors/spend_note.h"

namespace costdrift::detectors {
namespace {

class SpendDetector final : public Detector {
 public:
  std::span<const core::MetricSpec> metrics() const override { return metrics_; }
  core::SeriesKinds kinds() const override {
    return {core::SeriesKind::app, core::SeriesKind::team, core::SeriesKind::all};
  }
  bool evidence_by_call() const override { return false; }
  bool concerns(const core::BucketSummary& summary) const override { return summary.totals.calls > 0; }
  std::unique_ptr<SeriesJudge> judge(const core::SeriesKey& series) const override {
    return std::make_unique<SpendJudge>(series);
  }

 private:
  std::vector<core::MetricSpec> metrics_{user_slots_metric()};
};

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  return std::unique_ptr<Detector>(std::make_unique<SpendDetector>());
}

}  // namespace

const DetectorSpec spend_spec{.title = "Spend",
                              .measures =
                                  "dollars per minute, quarter of an hour and hour of an app, a team and everything, "
                                  "against the same time of other weeks",
                              .needs = "a known cost; user for calls per user; two weeks of history",
                              .blind_to =
                                  "the first two weeks; apps with fewer than 500 calls a week; a doubling of a few "
                                  "calls an hour for less than half a "
                                  "day; growth of a few percent a week",
                              .fields = {},
                              .make = make};

}  // namespace costdrift::detectors
