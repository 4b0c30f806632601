// TeamMoveJudge: whether the calls of one application changed their team.
//
// Operation  judged on the roll-up of an app, minute by minute, by the attributes of its calls. Of each team the share
//            of the calls is watched (share_watch.h). When a team has got at least a fifth of the calls more than it
//            ever has, and another one has lost at least half as many against the hour before, the calls have moved. It
//            is told once, with the dollars that moved, again every hour while they are estimated, and is learned after
//            eight days; it ends earlier when they go back.
// Limits     silent for the first 24 hours of an app; the first kMostTeams teams of an app are watched.
// Memory     about 130 bytes a team.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "detectors/detector.h"
#include "detectors/share_watch.h"

namespace costdrift::detectors {

class TeamMoveJudge final : public SeriesJudge {
 public:
  static constexpr std::size_t kMostTeams = 32;
  explicit TeamMoveJudge(core::SeriesKey series) : series_(std::move(series)) {}

  void observe(const Observation& observation, std::vector<core::Finding>& findings) override;
  void rebase(const core::SeriesKey& of) override;
  void save_lanes(core::ByteWriter& out) const override;
  void save_model(core::ByteWriter& out) const override;
  bool restore(std::string_view lanes, std::string_view model) override;
  std::size_t memory_bytes() const override;

 private:
  struct Move {
    std::string from, to;
    core::EventTime next_estimate;
  };
  void begin(const std::string& to, const Observation& observation, std::vector<core::Finding>& findings);
  void follow(const Observation& observation, std::vector<core::Finding>& findings);
  std::optional<std::string> loser(const std::string& to, const Observation& observation) const;
  core::Finding describe(const Observation& observation) const;

  core::SeriesKey series_;
  std::map<std::string, ShareWatch> teams_;
  ShareWatch nobody_;  // of a team that has not had a call yet
  std::optional<Move> move_;
};

}  // namespace costdrift::detectors
