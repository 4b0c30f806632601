// What the judge says of fields, dropped events and pauses; its rules are tested in share_watch_test,
// silence_watch_test.
#include <gtest/gtest.h>

#include "detectors/blind_spot_judge.h"
#include "tests/support/memory_history.h"

namespace costdrift::detectors {
namespace {

struct Kind {
  double without_team = 0;
  std::int64_t late = 0;
  bool silent = false;  // the calls are those of another application
};

class Feed {
 public:
  // Twenty calls a minute of app desk, as "phase aspect" lines.
  std::vector<std::string> minutes(int count, Kind kind = {}) {
    std::vector<std::string> told;
    for (int i = 0; i < count; ++i, now_ = now_ + core::minutes(1)) {
      core::BucketSummary calls;
      calls.totals.calls = 20;
      const auto lacking = static_cast<std::int64_t>(20 * kind.without_team);
      const std::int16_t all = (1 << kWatchedFields) - 1;
      auto& counts = calls.metrics["field_presence"];
      const std::int16_t team = 1 << (kWatchedFields - 1);
      if (lacking > 0) counts.push_back({static_cast<std::int16_t>(all - team), lacking * core::kOneCall});
      if (lacking < 20) counts.push_back({all, (20 - lacking) * core::kOneCall});
      const std::vector<core::SeriesPart> parts{{kind.silent ? &other_ : &series_, &calls}};
      const std::vector<core::DroppedCalls> dropped{{&series_, core::DroppedEvent::late, kind.late}};
      std::vector<core::Finding> findings;
      judge_->observe({{now_, now_ + core::minutes(1), &calls, parts, {}, dropped}, &history_, {}}, findings);
      for (const auto& finding : findings) {
        told.push_back((finding.phase == core::FindingPhase::drifting ? "+ " : "- ") + finding.series.text() + " " +
                       finding.aspect);
        newest_ = finding;
      }
      if (i % 50 == 0) restart();
    }
    return told;
  }
  void expected(const core::SeriesKey& series) { judge_->rebase(series); }
  void restart() {
    core::ByteWriter lanes, model;
    judge_->save_lanes(lanes);
    judge_->save_model(model);
    judge_ = std::make_unique<BlindSpotJudge>(false);
    ASSERT_TRUE(judge_->restore(lanes.bytes(), model.bytes()));
  }

  core::SeriesKey series_ = core::SeriesKey::of({{core::Dimension::app, "desk"}, {core::Dimension::model, "m"}});
  core::SeriesKey other_ = core::SeriesKey::of({{core::Dimension::app, "chat"}, {core::Dimension::model, "m"}});
  core::EventTime now_{1'772'409'600'000'000};
  core::Finding newest_;

 private:
  tests::MemoryHistory history_;
  std::unique_ptr<SeriesJudge> judge_ = std::make_unique<BlindSpotJudge>(false);
};

using Lines = std::vector<std::string>;

TEST(BlindSpotTest, AFieldThatStopsComingIsToldAndNeverAsSavings) {
  Feed feed;
  EXPECT_EQ(feed.minutes(26 * 60), Lines{});
  EXPECT_EQ(feed.minutes(15, {.without_team = 0.2}), Lines{}) << "most calls still give it";
  EXPECT_EQ(feed.minutes(15, {.without_team = 1}), Lines{"+ app=desk,model=m missing team, owner or cost_center"});
  EXPECT_EQ(feed.newest_.quantity, "calls that give team, owner or cost_center");
  EXPECT_NEAR(feed.newest_.observed, 0, 1e-9);
  EXPECT_FALSE(feed.newest_.money_known);
  EXPECT_EQ(feed.minutes(15), Lines{"- app=desk,model=m missing team, owner or cost_center"});
}

TEST(BlindSpotTest, AnExpectedFindingIsNormalForItsSeriesAndNoOther) {
  Feed feed;
  EXPECT_EQ(feed.minutes(26 * 60), Lines{});
  EXPECT_EQ(feed.minutes(15, {.without_team = 1}), Lines{"+ app=desk,model=m missing team, owner or cost_center"});
  feed.expected(feed.other_);
  EXPECT_EQ(feed.minutes(15), Lines{"- app=desk,model=m missing team, owner or cost_center"});
  EXPECT_EQ(feed.minutes(15, {.without_team = 1}), Lines{"+ app=desk,model=m missing team, owner or cost_center"});
  feed.expected(feed.series_);
  EXPECT_EQ(feed.minutes(24 * 60, {.without_team = 1}), Lines{});
}

TEST(BlindSpotTest, LateEventsAreToldByTheirShare) {
  Feed feed;
  EXPECT_EQ(feed.minutes(26 * 60), Lines{});
  EXPECT_EQ(feed.minutes(15, {.late = 5}), Lines{"+ app=desk late"});
  EXPECT_NEAR(feed.newest_.observed, 0.2, 1e-9);
  EXPECT_EQ(feed.minutes(15), Lines{"- app=desk late"});
}

TEST(BlindSpotTest, APauseOfEverythingIsToldByTheFirstMinuteAfterIt) {
  Feed feed;
  EXPECT_EQ(feed.minutes(26 * 60), Lines{});
  feed.now_ = feed.now_ + core::minutes(30);
  EXPECT_EQ(feed.minutes(1), Lines{"+  silent"});
  EXPECT_NEAR(feed.newest_.expected, 600, 1);
  EXPECT_EQ(feed.minutes(5), Lines{"-  silent"});
  feed.now_ = feed.now_ + core::minutes(40);
  EXPECT_EQ(feed.minutes(1), Lines{}) << "a pause like the one before";
}

// Its series has no traffic, which ends other incidents after a day.
TEST(BlindSpotTest, AnAppThatFellSilentIsToldAgainEveryHourUntilItsCallsComeAgain) {
  Feed feed;
  EXPECT_EQ(feed.minutes(26 * 60), Lines{});
  const core::EventTime since = feed.now_;
  EXPECT_EQ(feed.minutes(30, {.silent = true}), Lines{"+ app=desk silent"});
  EXPECT_EQ(feed.minutes(30 * 60, {.silent = true}), Lines(30, "+ app=desk silent"));
  EXPECT_EQ(feed.newest_.onset, since);
  EXPECT_GT(feed.newest_.expected, 30 * 60 * 10) << "what is missing grows";
  EXPECT_EQ(feed.minutes(1), Lines{"- app=desk silent"});
}

}  // namespace
}  // namespace costdrift::detectors
