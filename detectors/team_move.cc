#include "detectors/team_move.h"

#include <algorithm>

#include "detectors/team_move_judge.h"

namespace costdrift::detectors {
namespace {

class TeamMoveDetector final : public Detector {
 public:
  std::span<const core::MetricSpec> metrics() const override { return {}; }
  core::SeriesKinds kinds() const override { return {core::SeriesKind::app}; }
  bool shares_page_budget() const override { return false; }
  bool concerns(const core::BucketSummary& summary) const override {
    return std::any_of(summary.attributes.begin(), summary.attributes.end(), [](const auto& item) {
      return std::any_of(item.first.begin(), item.first.end(),
                         [](const core::Label& label) { return label.first == core::Dimension::team; });
    });
  }
  std::unique_ptr<SeriesJudge> judge(const core::SeriesKey& series) const override {
    return std::make_unique<TeamMoveJudge>(series);
  }
};

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  return std::unique_ptr<Detector>(std::make_unique<TeamMoveDetector>());
}

}  // namespace

const DetectorSpec team_move_spec{
    .title = "Team move",
    .measures = "the teams that the calls of an app name: calls that one team lost and another one got",
    .needs = "team, of the calls",
    .blind_to = "the first day of an app; moves of less than a fifth of an app's calls; calls that name no team",
    .fields = {},
    .make = make};

}  // namespace costdrift::detectors
