#include "daemon/delivery/delivery.h"

#include <gtest/gtest.h>

#include "tests/support/delivery_bench.h"

namespace costdrift::daemon {
namespace {

using core::NotificationAction;
using Ids = std::vector<std::string>;

class DeliveryTest : public testing::Test {
 protected:
  tests::DeliveryBench bench_;
};

sinks::Outcome failing() { return sinks::Retry{{}, "the receiver answered HTTP 500"}; }
sinks::Outcome busy(core::Duration after) { return sinks::Retry{after, "the receiver answered HTTP 429"}; }
sinks::Outcome refusing() { return sinks::Rejected{"the receiver answered HTTP 400"}; }

TEST_F(DeliveryTest, SendsWhatIsWantedAndRecordsIt) {
  bench_.start({"finops", "slack"});
  bench_.want("finops", "a", 1);
  ASSERT_TRUE(bench_.await_idle());
  EXPECT_EQ(bench_.record("finops").ids(), Ids{"a:1"});
  const auto told = bench_.table().get("finops", "a");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->version, 1);
  EXPECT_FALSE(told->dead);
  EXPECT_EQ(bench_.statistics("finops").delivered, 1);
}

TEST_F(DeliveryTest, SendsTheNewestVersionOnly) {
  bench_.start({"finops", "slack"});
  bench_.record("finops").hold(true);
  bench_.want("finops", "a", 1);
  ASSERT_TRUE(bench_.record("finops").await(1));
  bench_.want("finops", "a", 2, NotificationAction::update);
  bench_.want("finops", "a", 3, NotificationAction::resolve);
  bench_.record("finops").hold(false);
  ASSERT_TRUE(bench_.await_idle());
  EXPECT_EQ(bench_.record("finops").ids(), (Ids{"a:1", "a:3"}));
}

TEST_F(DeliveryTest, DoesNotRepeatWhatTheTableSaysWasTold) {
  bench_.start({"finops", "slack"});
  ASSERT_TRUE(bench_.table().put("finops", "a", {2, 0, false, ""}));
  ASSERT_TRUE(bench_.table().put("finops", "b", {1, 0, true, "refused"}));
  bench_.want("finops", "a", 2);
  bench_.want("finops", "b", 1);
  bench_.want("finops", "c", 1);
  ASSERT_TRUE(bench_.await_idle());
  EXPECT_EQ(bench_.record("finops").ids(), Ids{"c:1"});
}

TEST_F(DeliveryTest, WaitsAsLongAsTheSinkAsksWithEveryMessage) {
  bench_.start({"finops", "slack"});
  bench_.record("finops").script("a", {busy(core::minutes(2))});
  bench_.want("finops", "a", 1);
  ASSERT_TRUE(bench_.record("finops").await(1));
  ASSERT_TRUE(bench_.settle());
  bench_.want("finops", "b", 1);
  ASSERT_TRUE(bench_.advance(core::seconds(119)));
  EXPECT_EQ(bench_.record("finops").ids(), Ids{"a:1"});
  EXPECT_EQ(bench_.statistics("finops").pending, 2);
  EXPECT_EQ(bench_.statistics("finops").last_problem, "the receiver answered HTTP 429");
  ASSERT_TRUE(bench_.advance(core::seconds(1)));
  ASSERT_TRUE(bench_.await_idle());
  EXPECT_EQ(bench_.statistics("finops").delivered, 2);
  EXPECT_EQ(bench_.statistics("finops").last_problem, "");
}

TEST_F(DeliveryTest, AFailingMessageDoesNotHoldUpTheNext) {
  bench_.start({"finops", "slack"});
  bench_.record("finops").script("bad", {failing(), failing(), failing()});
  bench_.want("finops", "bad", 1);
  for (int i = 0; i < 10; ++i) bench_.want("finops", "good" + std::to_string(i), 1);
  ASSERT_TRUE(bench_.record("finops").await(11));
  for (int second = 0; second < 10; ++second) ASSERT_TRUE(bench_.advance(core::seconds(1)));
  ASSERT_TRUE(bench_.await_idle());
  EXPECT_EQ(bench_.statistics("finops").delivered, 11);
  EXPECT_EQ(bench_.statistics("finops").retried, 3);
}

TEST_F(DeliveryTest, ARejectedMessageIsRecordedAndNeverSentAgain) {
  bench_.start({"finops", "slack"});
  bench_.record("finops").script("bad", {refusing()});
  bench_.want("finops", "bad", 1);
  bench_.want("finops", "good", 1);
  ASSERT_TRUE(bench_.await_idle());
  bench_.want("finops", "bad", 1);
  ASSERT_TRUE(bench_.await_idle());
  EXPECT_EQ(bench_.record("finops").ids(), (Ids{"bad:1", "good:1"}));
  const auto told = bench_.table().get("finops", "bad");
  ASSERT_TRUE(told);
  EXPECT_TRUE(told->dead);
  EXPECT_EQ(told->reason, "the receiver answered HTTP 400");
  EXPECT_EQ(bench_.statistics("finops").rejected, 1);

  bench_.want("finops", "bad", 2, NotificationAction::resolve);
  ASSERT_TRUE(bench_.await_idle());
  EXPECT_EQ(bench_.record("finops").ids().back(), "bad:2");
  EXPECT_FALSE(bench_.table().get("finops", "bad")->dead);
}

TEST_F(DeliveryTest, LeavesADeadSinkAloneAndProbesItWithOneMessage) {
  bench_.start({"finops", "slack"});
  for (int i = 0; i < 8; ++i) bench_.record("finops").script("i" + std::to_string(i), {failing(), failing()});
  for (int i = 0; i < 8; ++i) bench_.want("finops", "i" + std::to_string(i), 1);
  ASSERT_TRUE(bench_.record("finops").await(5));
  ASSERT_TRUE(bench_.settle());
  ASSERT_TRUE(bench_.advance(core::seconds(29)));
  EXPECT_EQ(bench_.record("finops").ids(), (Ids{"i0:1", "i1:1", "i2:1", "i3:1", "i4:1"}));
  ASSERT_TRUE(bench_.advance(core::seconds(1)));
  EXPECT_EQ(bench_.record("finops").ids().size(), 6u) << "one probe";
  EXPECT_EQ(bench_.record("finops").ids().back(), "i5:1") << "the probe is the message that waits longest";
  ASSERT_TRUE(bench_.advance(core::seconds(59)));
  EXPECT_EQ(bench_.record("finops").ids().size(), 6u);
  ASSERT_TRUE(bench_.advance(core::seconds(1)));
  EXPECT_EQ(bench_.record("finops").ids().size(), 7u);
}

TEST_F(DeliveryTest, PacesEveryRequest) {
  bench_.start({"finops", "slack", core::seconds(1), 2});
  for (int i = 0; i < 4; ++i) bench_.want("finops", "i" + std::to_string(i), 1);
  ASSERT_TRUE(bench_.record("finops").await(2));
  ASSERT_TRUE(bench_.settle());
  EXPECT_EQ(bench_.record("finops").told().size(), 2u);
  ASSERT_TRUE(bench_.advance(core::seconds(1)));
  EXPECT_EQ(bench_.record("finops").told().size(), 3u);
  ASSERT_TRUE(bench_.advance(core::seconds(1)));
  EXPECT_EQ(bench_.record("finops").told().size(), 4u);
}

TEST_F(DeliveryTest, ASinkThatHangsDelaysNoOther) {
  bench_.start({"finops", "slack"}, {"oncall", "pagerduty"});
  bench_.record("finops").hold(true);
  bench_.want("finops", "a", 1);
  ASSERT_TRUE(bench_.record("finops").await(1));
  for (int i = 0; i < 20; ++i) bench_.want("oncall", "i" + std::to_string(i), 1);
  EXPECT_TRUE(bench_.record("oncall").await(20));
  bench_.record("finops").hold(false);
  EXPECT_TRUE(bench_.await_idle());
}

TEST_F(DeliveryTest, TellsAChatOfAnIncidentThatEndedBeforeItCouldBeTold) {
  bench_.start({"finops", "slack"});
  bench_.want("finops", "a", 2, NotificationAction::resolve);
  ASSERT_TRUE(bench_.await_idle());
  EXPECT_EQ(bench_.record("finops").ids(), Ids{"a:2"});
}

TEST_F(DeliveryTest, DoesNotResolveAtPagerdutyWhatWasNeverOpened) {
  bench_.start({"oncall", "pagerduty"});
  bench_.want("oncall", "a", 2, NotificationAction::resolve);
  ASSERT_TRUE(bench_.await_idle());
  EXPECT_TRUE(bench_.record("oncall").ids().empty());
  EXPECT_EQ(bench_.table().get("oncall", "a")->version, 2) << "settled, so that the outbox forgets it";
}

TEST_F(DeliveryTest, ResolvesAtPagerdutyWhatAnUnansweredAttemptMayHaveOpened) {
  bench_.start({"oncall", "pagerduty"});
  bench_.record("oncall").script("a", {failing()});
  bench_.record("oncall").hold(true);
  bench_.want("oncall", "a", 1);
  ASSERT_TRUE(bench_.record("oncall").await(1));
  EXPECT_EQ(bench_.table().get("oncall", "a")->version, 0) << "noted before the attempt, for a crash during it";
  bench_.want("oncall", "a", 2, NotificationAction::resolve);
  bench_.record("oncall").hold(false);
  ASSERT_TRUE(bench_.settle());
  ASSERT_TRUE(bench_.advance(core::seconds(2)));
  ASSERT_TRUE(bench_.await_idle());
  EXPECT_EQ(bench_.record("oncall").ids(), (Ids{"a:1", "a:2"}));
}

TEST_F(DeliveryTest, IgnoresASinkThatIsNotConfigured) {
  bench_.start({"finops", "slack"});
  bench_.want("gone", "a", 1);
  EXPECT_TRUE(bench_.await_idle());
  EXPECT_TRUE(bench_.record("finops").ids().empty());
}

TEST_F(DeliveryTest, StopSendsWhatIsDueAndLeavesTheRestUnrecorded) {
  bench_.start({"finops", "slack", core::seconds(30), 2});
  for (int i = 0; i < 3; ++i) bench_.want("finops", "i" + std::to_string(i), 1);
  bench_.delivery().stop(core::seconds(10));
  EXPECT_EQ(bench_.record("finops").ids(), (Ids{"i0:1", "i1:1"}));
  EXPECT_TRUE(bench_.table().get("finops", "i1"));
  EXPECT_FALSE(bench_.table().get("finops", "i2"));
  bench_.want("finops", "late", 1);
  EXPECT_EQ(bench_.statistics("finops").pending, 1) << "only i2: nothing is taken after stop()";
}

TEST_F(DeliveryTest, StopCancelsARequestThatOutlastsItsPatience) {
  bench_.start({"finops", "slack"});
  bench_.record("finops").hold(true);
  bench_.want("finops", "a", 1);
  ASSERT_TRUE(bench_.record("finops").await(1));
  bench_.on_cancel([&] { bench_.record("finops").hold(false); });
  bench_.delivery().stop({});
  EXPECT_EQ(bench_.record("finops").ids(), Ids{"a:1"});
}

TEST_F(DeliveryTest, SendsNothingMoreWhenItCannotRecordWhatItSent) {
  bench_.start_on_a_store_that_cannot_be_written({"finops", "slack"});
  bench_.want("finops", "a", 1);
  ASSERT_TRUE(bench_.record("finops").await(1));
  ASSERT_TRUE(bench_.settle());
  bench_.want("finops", "b", 1);
  for (int minute = 0; minute < 10; ++minute) ASSERT_TRUE(bench_.advance(core::minutes(1)));
  EXPECT_EQ(bench_.record("finops").ids(), Ids{"a:1"});
  EXPECT_NE(bench_.statistics("finops").last_problem.find("nothing more is sent"), std::string::npos);
  EXPECT_EQ(bench_.statistics("finops").pending, 2);
}

}  // namespace
}  // namespace costdrift::daemon
