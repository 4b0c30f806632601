#include "detectors/share_watch.h"

#include <gtest/gtest.h>

#include <vector>

namespace costdrift::detectors {
namespace {

using Change = ShareWatch::Change;

// A call a second of a part `bad`, minute by minute, with a restart every hour.
class Feed {
 public:
  std::vector<Change> minutes(int count, double bad, std::int64_t calls = 60) {
    std::vector<Change> changes;
    for (int i = 0; i < count; ++i, now_ = now_ + core::minutes(1)) {
      const auto share = static_cast<std::int64_t>(bad * static_cast<double>(calls));
      const Change change = watch_.add(now_, share, calls, rule_);
      if (change != Change::none) changes.push_back(change);
      if (core::floor_to(now_, core::hours(1)) == now_) restart();
    }
    return changes;
  }
  void restart() {
    core::ByteWriter out;
    watch_.save(out);
    watch_ = {};
    core::ByteReader in(out.bytes());
    watch_.restore(in);
    ASSERT_TRUE(in.finished());
  }

  ShareRule rule_;
  ShareWatch watch_;
  core::EventTime now_{1'772'409'600'000'000};
};

TEST(ShareWatchTest, TellsOnceWhenItBeginsAndOnceWhenItEnds) {
  Feed feed;
  EXPECT_TRUE(feed.minutes(25 * 60, 0).empty());
  const core::EventTime change = feed.now_;
  EXPECT_EQ(feed.minutes(10, 0.1), std::vector<Change>{Change::began});
  EXPECT_EQ(feed.watch_.onset(), change);
  EXPECT_NEAR(feed.watch_.share(), 0.1, 1e-9);
  EXPECT_TRUE(feed.minutes(300, 0.1).empty());
  EXPECT_EQ(feed.minutes(10, 0), std::vector<Change>{Change::ended});
}

TEST(ShareWatchTest, WhatIsUsualIsNoChange) {
  Feed feed;
  EXPECT_TRUE(feed.minutes(25 * 60, 0.1).empty());
  EXPECT_TRUE(feed.minutes(60, 0.25).empty()) << "below three times the usual";
  EXPECT_FALSE(feed.minutes(60, 0.9).empty());
}

TEST(ShareWatchTest, NothingIsToldOnTheFirstDayNorOfAFewCalls) {
  Feed feed;
  EXPECT_TRUE(feed.minutes(20 * 60, 0).empty());
  EXPECT_TRUE(feed.minutes(60, 1).empty()) << "the first day";
  Feed quiet;
  EXPECT_TRUE(quiet.minutes(25 * 60, 0).empty());
  EXPECT_TRUE(quiet.minutes(120, 1, 1).empty()) << "five calls in a window";
}

TEST(ShareWatchTest, WhatLastsIsLearned) {
  Feed feed;
  EXPECT_TRUE(feed.minutes(25 * 60, 0).empty());
  EXPECT_EQ(feed.minutes(9 * 1440, 0.2), (std::vector<Change>{Change::began, Change::learned}));
  EXPECT_TRUE(feed.minutes(1440, 0.2).empty());
}

}  // namespace
}  // namespace costdrift::detectors
