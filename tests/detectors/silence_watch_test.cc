#include "detectors/silence_watch.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace costdrift::detectors {
namespace {

using Change = SilenceWatch::Change;

class Feed {
 public:
  // `level(hour of the week)` calls a minute; what was told, as "b" and "e".
  template <class Level>
  std::string hours(int count, const Level& level) {
    std::string told;
    for (int minute = 0; minute < count * 60; ++minute, now_ = now_ + core::minutes(1)) {
      if (minute % 60 == 0) restart();
      const Change change = watch_.add(now_, level(now_.us / 3'600'000'000 % 168));
      if (change == Change::began) told += "b";
      if (change == Change::ended) told += "e";
    }
    return told;
  }
  void restart() {
    core::ByteWriter out, hours;
    watch_.save(out);
    watch_.save_hours(hours);
    watch_ = {};
    core::ByteReader in(out.bytes()), more(hours.bytes());
    watch_.restore(in);
    watch_.restore_hours(more);
    ASSERT_TRUE(in.finished() && more.finished());
  }

  SilenceWatch watch_;
  core::EventTime now_{1'772'409'600'000'000};
};

int always(std::int64_t) { return 5; }
int never(std::int64_t) { return 0; }
// 1970 began on a Thursday: hours 48 to 95 of the epoch's week are the weekend.
int office(std::int64_t hour) {
  const bool weekend = hour >= 48 && hour < 96;
  return !weekend && hour % 24 >= 8 && hour % 24 < 18 ? 20 : 0;
}

TEST(SilenceWatchTest, AnAppThatStopsIsToldWithWhatIsMissing) {
  Feed feed;
  EXPECT_EQ(feed.hours(26, always), "");
  const core::EventTime stop = feed.now_;
  EXPECT_EQ(feed.hours(3, never), "b");
  EXPECT_EQ(feed.watch_.last_call(), stop);
  EXPECT_NEAR(feed.watch_.missing(), 3 * 60 * 5, 1e-9);
  EXPECT_EQ(feed.hours(1, always), "e");
}

TEST(SilenceWatchTest, ASilenceThatWasToldIsToldAgainNextTime) {
  Feed feed;
  EXPECT_EQ(feed.hours(26, always), "");
  EXPECT_EQ(feed.hours(3, never), "b");
  EXPECT_EQ(feed.hours(24, always), "e");
  EXPECT_EQ(feed.hours(1, never), "b");
}

TEST(SilenceWatchTest, ASilenceThatIsExpectedIsNot) {
  Feed feed;
  EXPECT_EQ(feed.hours(26, always), "");
  EXPECT_EQ(feed.hours(3, never), "b");
  feed.watch_.accept();
  EXPECT_EQ(feed.hours(1, never), "");
  EXPECT_EQ(feed.hours(24, always), "");
  EXPECT_EQ(feed.hours(4, never), "");
}

TEST(SilenceWatchTest, NothingIsToldOnTheFirstDay) {
  Feed feed;
  EXPECT_EQ(feed.hours(20, always), "");
  EXPECT_EQ(feed.hours(48, never), "");
}

TEST(SilenceWatchTest, NightsAndWeekendsAreNoSilence) {
  Feed feed;
  EXPECT_EQ(feed.hours(4 * 168, office), "");
  EXPECT_EQ(feed.hours(10, never), "b") << "on a Monday";
}

TEST(SilenceWatchTest, PausesThatAnAppTakesAnywayAreNone) {
  Feed feed;
  const auto with_pauses = [&](std::int64_t) { return feed.now_.us / 60'000'000 % 240 < 200 ? 50 : 0; };
  EXPECT_EQ(feed.hours(26, always), "");
  (void)feed.hours(48, with_pauses);
  EXPECT_EQ(feed.hours(24 * 7, with_pauses), "");
}

// Bursts of ten minutes, a quarter of an hour apart on average, with pauses of an hour and more now and then.
TEST(SilenceWatchTest, AnAppThatWorksInBurstsIsSeldomSilent) {
  std::mt19937_64 random(7);
  std::exponential_distribution<double> gap(1.0 / 15);
  std::size_t told = 0;
  for (int app = 0; app < 20; ++app) {
    Feed feed;
    int left = 10, wait = 0;
    const auto in_bursts = [&](std::int64_t) {
      if (left > 0) {
        if (--left == 0) wait = 1 + static_cast<int>(gap(random));
        return 12;
      }
      if (--wait <= 0) left = 10;
      return 0;
    };
    told += feed.hours(4 * 168, in_bursts).size() / 2;
    EXPECT_EQ(feed.hours(24, never), "b") << "app " << app;
  }
  EXPECT_LE(told, 6U) << "in 20 apps and four weeks";
}

}  // namespace
}  // namespace costdrift::detectors
