#include <gtest/gtest.h>

#include "detectors/team_move_judge.h"
#include "tests/support/memory_history.h"

namespace costdrift::detectors {
namespace {

class Feed {
 public:
  using Calls = std::map<std::string, std::int64_t>;  // a minute, by team
  std::vector<std::string> minutes(int count, const Calls& calls) {
    std::vector<std::string> told;
    for (int i = 0; i < count; ++i, now_ = now_ + core::minutes(1)) {
      core::BucketSummary summary;
      for (const auto& [team, number] : calls) {
        summary.totals.calls += number;
        summary.add_attributes({{core::Dimension::team, team}},
                               {.calls = number, .cost = core::from_usd(0.01 * static_cast<double>(number))});
      }
      history_.add(now_, summary);
      std::vector<core::Finding> findings;
      judge_->observe({{now_, now_ + core::minutes(1), &summary}, &history_, {}}, findings);
      for (const auto& finding : findings) {
        told.push_back(std::to_string(static_cast<int>(finding.phase)) + " " + finding.aspect);
        newest_ = finding;
      }
      if (i % 100 == 0) restart();
    }
    return told;
  }
  void restart() {
    core::ByteWriter lanes, model;
    judge_->save_lanes(lanes);
    judge_->save_model(model);
    judge_ = std::make_unique<TeamMoveJudge>(core::SeriesKey());
    ASSERT_TRUE(judge_->restore(lanes.bytes(), model.bytes()));
  }

  core::Finding newest_;
  core::EventTime now_{1'772'409'600'000'000};

 private:
  tests::MemoryHistory history_;
  std::unique_ptr<SeriesJudge> judge_ = std::make_unique<TeamMoveJudge>(core::SeriesKey());
};

using Lines = std::vector<std::string>;

TEST(TeamMoveTest, ANewTeamThatGetsTheCallsOfAnotherIsAMove) {
  Feed feed;
  EXPECT_EQ(feed.minutes(26 * 60, {{"cx", 10}}), Lines{});
  EXPECT_EQ(feed.minutes(30, {{"ads", 10}}), Lines{"0 team cx to ads"});
  EXPECT_NEAR(feed.newest_.moved_usd_per_hour, 6, 0.5);
  EXPECT_EQ(feed.newest_.excess_usd_per_hour, 0);
  EXPECT_NE(feed.newest_.note.find("moved here from team cx"), std::string::npos);
  const auto later = feed.minutes(9 * 1440, {{"ads", 10}});
  EXPECT_EQ(later.back(), "2 team cx to ads") << "learned";
  EXPECT_EQ(feed.minutes(1440, {{"ads", 10}}), Lines{});
}

TEST(TeamMoveTest, ItEndsWhenTheCallsGoBack) {
  Feed feed;
  EXPECT_EQ(feed.minutes(26 * 60, {{"cx", 10}, {"ads", 2}}), Lines{});
  EXPECT_EQ(feed.minutes(30, {{"cx", 2}, {"ads", 10}}), Lines{"0 team cx to ads"});
  const auto back = feed.minutes(30, {{"cx", 10}, {"ads", 2}});
  ASSERT_FALSE(back.empty());
  EXPECT_EQ(back.back(), "1 team cx to ads");
}

TEST(TeamMoveTest, NewCallsOfANewTeamAreNoMove) {
  Feed feed;
  EXPECT_EQ(feed.minutes(26 * 60, {{"cx", 10}}), Lines{});
  EXPECT_EQ(feed.minutes(60, {{"cx", 10}, {"ads", 10}}), Lines{});
}

}  // namespace
}  // namespace costdrift::detectors
