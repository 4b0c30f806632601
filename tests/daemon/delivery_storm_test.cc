// More incidents than a person can read: digests instead of single messages, and single messages again afterwards.
#include <gtest/gtest.h>

#include "daemon/delivery/storm_digest.h"
#include "tests/support/delivery_bench.h"

namespace costdrift::daemon {
namespace {

using core::NotificationAction;

constexpr int kLimit = 20;

class DeliveryStorm : public testing::Test {
 protected:
  void want(int first, int count, std::int64_t version = 1, NotificationAction action = NotificationAction::trigger) {
    for (int i = first; i < first + count; ++i) bench_.want("finops", "i" + std::to_string(i), version, action);
  }
  // Told to the sink since the last call.
  std::vector<tests::SinkRecord::Told> told() {
    auto all = bench_.record("finops").told();
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(seen_));
    seen_ += all.size();
    return all;
  }
  // Step by step, so that every message that may go goes.
  void pass(core::Duration time) {
    for (core::Duration passed; passed < time; passed = passed + core::seconds(1)) {
      ASSERT_TRUE(bench_.advance(core::seconds(1)));
    }
  }
  static bool is_digest(const tests::SinkRecord::Told& told) {
    return told.id.starts_with(storm_incident_id("finops") + ":");
  }

  tests::DeliveryBench bench_{kLimit};
  std::size_t seen_ = 0;
};

TEST_F(DeliveryStorm, UpToTheLimitEveryIncidentIsToldByItself) {
  bench_.start({"finops", "slack"});
  want(0, kLimit);
  ASSERT_TRUE(bench_.await_idle());
  const auto messages = told();
  EXPECT_EQ(messages.size(), static_cast<std::size_t>(kLimit));
  for (const auto& message : messages) EXPECT_FALSE(is_digest(message));
}

TEST_F(DeliveryStorm, BeyondItOneDigestAMinuteHoldsTheRestAndMarksItAsTold) {
  bench_.start({"finops", "slack", core::seconds(1), 3});
  want(0, 1000);
  pass(core::seconds(65));  // what came while the first digest was on its way is in the second
  auto messages = told();
  EXPECT_LE(messages.size(), static_cast<std::size_t>(kLimit) + 2);
  EXPECT_TRUE(is_digest(messages.back()));
  EXPECT_EQ(bench_.statistics("finops").pending, 0);
  EXPECT_EQ(bench_.table().get("finops", "i999")->version, 1);
  // What comes while the storm lasts is told once a minute.
  for (int second = 0; second < 180; ++second) {
    want(1000 + second, 1);
    ASSERT_TRUE(bench_.advance(core::seconds(1)));
  }
  messages = told();
  EXPECT_GE(messages.size(), 2U);
  EXPECT_LE(messages.size(), 4U) << "one a minute, wherever the first minute began";
  for (const auto& message : messages) EXPECT_TRUE(is_digest(message));
}

TEST_F(DeliveryStorm, AfterFiveQuietMinutesItsEndIsToldAndIncidentsComeSinglyAgain) {
  bench_.start({"finops", "pagerduty"});
  want(0, 100);
  pass(core::minutes(6));
  const auto messages = told();
  ASSERT_GE(messages.size(), 2U);
  EXPECT_TRUE(is_digest(messages.back()));
  EXPECT_EQ(messages.back().action, NotificationAction::resolve);
  want(200, 1);
  ASSERT_TRUE(bench_.await_idle());
  EXPECT_EQ(told().back().id, "i200:1");
}

TEST_F(DeliveryStorm, ASinkThatOpensIncidentsIsToldTheEndOfTheseAlone) {
  bench_.start({"finops", "pagerduty"});
  want(0, 2);
  ASSERT_TRUE(bench_.await_idle());
  ASSERT_TRUE(bench_.settle());
  (void)told();
  want(10, 100);                                 // a storm
  want(0, 1, 2, NotificationAction::resolve);    // opened before it
  want(109, 1, 2, NotificationAction::resolve);  // only ever folded
  pass(core::minutes(2));
  std::vector<std::string> singles;
  for (const auto& message : told()) {
    if (!is_digest(message)) singles.push_back(message.id);
  }
  EXPECT_NE(std::find(singles.begin(), singles.end(), "i0:2"), singles.end());
  EXPECT_EQ(std::find(singles.begin(), singles.end(), "i109:2"), singles.end());
  EXPECT_EQ(bench_.statistics("finops").pending, 0);
}

TEST_F(DeliveryStorm, AnIncidentThatWasOpenedStaysOpenThoughAnUpdateWasFolded) {
  bench_.start({"finops", "pagerduty"});
  want(0, 2);
  ASSERT_TRUE(bench_.await_idle());
  want(10, 100);
  want(0, 1, 2, NotificationAction::update);
  pass(core::minutes(2));
  (void)told();
  want(0, 1, 3, NotificationAction::resolve);
  pass(core::minutes(2));
  std::vector<std::string> singles;
  for (const auto& message : told()) {
    if (!is_digest(message)) singles.push_back(message.id);
  }
  EXPECT_EQ(singles, std::vector<std::string>{"i0:3"});
}

TEST_F(DeliveryStorm, ADigestThatFailsIsTriedAgainAndNothingIsForgotten) {
  bench_.start({"finops", "slack"});
  const std::string storm = storm_incident_id("finops");
  bench_.record("finops").script(storm, {sinks::Retry{{}, "HTTP 500"}, sinks::Retry{core::seconds(90), "HTTP 429"}});
  want(0, 100);
  pass(core::minutes(3));
  EXPECT_EQ(bench_.statistics("finops").pending, 0);
  EXPECT_EQ(bench_.table().get("finops", "i99")->version, 1);
  std::vector<core::MonotonicTime> digests;
  for (const auto& message : told()) {
    if (is_digest(message)) digests.push_back(message.at);
  }
  ASSERT_EQ(digests.size(), 3U);
  EXPECT_GE(digests[2] - digests[1], std::chrono::seconds(90)) << "the sink asked for patience";
}

TEST_F(DeliveryStorm, ARestartInAStormTellsItsEnd) {
  bench_.start({"finops", "pagerduty"});
  want(0, 100);
  ASSERT_TRUE(bench_.advance(core::seconds(1)));
  bench_.restart();
  (void)told();
  pass(core::minutes(6));
  const auto messages = told();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_TRUE(is_digest(messages[0]));
  EXPECT_EQ(messages[0].action, NotificationAction::resolve);
}

TEST(StormDigest, NamesTheTenLargestAndCountsTheRest) {
  std::vector<core::Notification> folded(30);
  for (int i = 0; i < 30; ++i) {
    core::AlertEvent& event = folded[static_cast<std::size_t>(i)].event;
    event.incident_id = std::to_string(i);
    event.series = core::SeriesKey::of({{core::Dimension::app, "app" + std::to_string(i) + "\n<b>"}});
    event.usd_per_hour = i;
    event.severity = i == 7 ? core::Severity::critical : core::Severity::info;
  }
  folded[29].action = NotificationAction::resolve;
  const auto digest = storm_digest({.sink = "finops", .version = 4, .goes_on = true, .at = {5}}, folded);
  EXPECT_EQ(digest.action, NotificationAction::update);
  EXPECT_EQ(digest.event.version, 4);
  EXPECT_EQ(digest.event.severity, core::Severity::critical);
  EXPECT_EQ(digest.event.usd_per_hour, 28 * 29 / 2);
  EXPECT_EQ(digest.event.also.size(), 10U);
  EXPECT_NE(digest.event.summary.find("30 incidents in one message, 1 of them ended; $406"), std::string::npos)
      << digest.event.summary;
  EXPECT_NE(digest.event.summary.find("app28"), std::string::npos);
  EXPECT_NE(digest.event.summary.find("app19"), std::string::npos);
  EXPECT_EQ(digest.event.summary.find("app18"), std::string::npos);
  EXPECT_EQ(digest.event.summary.find('\n'), std::string::npos);
}

TEST(SinkNotice, ARefusalIsToldToTheOtherSinksOnceAndItsEndToo) {
  tests::DeliveryBench bench;
  bench.start({"finops", "slack"}, {"oncall", "pagerduty"});
  bench.record("finops").script("a", {sinks::Rejected{"Slack answered HTTP 403"}});
  bench.record("finops").script("b", {sinks::Rejected{"Slack answered HTTP 403"}});
  bench.want("finops", "a", 1);
  bench.want("finops", "b", 1);
  ASSERT_TRUE(bench.record("oncall").await(1));
  ASSERT_TRUE(bench.settle());
  EXPECT_TRUE(bench.table().get("finops", "a")->dead);
  EXPECT_EQ(bench.record("oncall").told().size(), 1U) << "at most once an hour";
  ASSERT_TRUE(bench.advance(core::minutes(1)));
  bench.want("finops", "c", 1);
  ASSERT_TRUE(bench.record("oncall").await(2));
  EXPECT_EQ(bench.record("oncall").told()[1].action, NotificationAction::resolve);
}

}  // namespace
}  // namespace costdrift::daemon
