// Tickets that a sink could not be told of for limits.ticket_ttl are given up, counted and announced once; pages and
// the ends of what the sink knows are not.
#include <gtest/gtest.h>

#include "daemon/delivery/pace.h"
#include "daemon/delivery/queue.h"
#include "tests/support/delivery_bench.h"

namespace costdrift::daemon {
namespace {

using core::NotificationAction;
using core::Severity;
using Ids = std::vector<std::string>;

constexpr core::Duration kTtl = core::hours(24);
constexpr core::MonotonicTime kNow{std::chrono::hours(1)};

core::Notification message(const std::string& incident_id, std::int64_t version, Severity severity) {
  core::Notification notification;
  notification.event.incident_id = incident_id;
  notification.event.version = version;
  notification.event.severity = severity;
  return notification;
}

Ids ids_of(const std::vector<core::Notification>& messages) {
  Ids ids;
  for (const auto& one : messages) ids.push_back(one.id());
  return ids;
}

TEST(DeliveryQueue, OnlyTicketsExpireAndANewerVersionBeginsAnew) {
  DeliveryQueue queue(kTtl);
  queue.put(message("page", 1, Severity::warning), kNow);
  EXPECT_EQ(queue.next_expiry(), std::nullopt);
  queue.put(message("ticket", 1, Severity::info), kNow);
  queue.put(message("renewed", 1, Severity::info), kNow);
  queue.put(message("worse", 1, Severity::info), kNow);
  const auto later = after(kNow, core::hours(2));
  queue.put(message("renewed", 2, Severity::info), later);
  queue.put(message("worse", 2, Severity::critical), later);
  EXPECT_EQ(queue.next_expiry(), after(kNow, kTtl));
  EXPECT_TRUE(queue.take_expired(after(kNow, kTtl - core::milliseconds(1))).empty());
  EXPECT_EQ(ids_of(queue.take_expired(after(kNow, kTtl))), Ids{"ticket:1"});
  EXPECT_EQ(queue.next_expiry(), after(later, kTtl));
}

TEST(DeliveryQueue, WhatIsUnderWayDoesNotExpireUntilItIsBack) {
  DeliveryQueue queue(kTtl);
  queue.put(message("a", 1, Severity::info), kNow);
  const core::Notification taken = queue.take();
  EXPECT_EQ(queue.next_expiry(), std::nullopt);
  queue.retry(taken, after(kNow, core::hours(30)));
  EXPECT_EQ(queue.next_expiry(), after(kNow, kTtl)) << "a failed attempt does not renew it";
  const auto expired = queue.take_expired(after(kNow, kTtl));
  ASSERT_EQ(expired.size(), 1U);
  queue.keep(expired[0], after(kNow, kTtl));
  EXPECT_EQ(queue.next_expiry(), std::nullopt);
  EXPECT_EQ(queue.next_due(), after(kNow, kTtl));
}

TEST(DeliveryQueue, WithoutALimitNothingExpires) {
  DeliveryQueue queue;
  queue.put(message("a", 1, Severity::info), kNow);
  EXPECT_EQ(queue.next_expiry(), std::nullopt);
}

class DeliveryExpiry : public testing::Test {
 protected:
  void fail(const std::string& incident_id, std::size_t times) {
    bench_.record("finops").script(incident_id,
                                   std::deque<sinks::Outcome>(times, sinks::Retry{{}, "Slack answered HTTP 503"}));
  }
  void want(const std::string& incident_id, std::int64_t version, NotificationAction action, Severity severity) {
    bench_.want("finops", incident_id, version, action, severity);
  }
  tests::DeliveryBench bench_{0, kTtl};
};

TEST_F(DeliveryExpiry, TicketsAreGivenUpTogetherAndTheOtherSinksHearOfItOnce) {
  bench_.start({"finops", "slack"}, {"oncall", "webhook"});
  for (const std::string id : {"a", "b", "page"}) fail(id, 1'000);
  want("page", 1, NotificationAction::trigger, Severity::warning);
  want("a", 1, NotificationAction::trigger, Severity::info);
  want("b", 1, NotificationAction::trigger, Severity::info);
  ASSERT_TRUE(bench_.record("finops").await(3));
  ASSERT_TRUE(bench_.settle());
  ASSERT_TRUE(bench_.advance(core::hours(23)));
  EXPECT_EQ(bench_.statistics("finops").expired, 0);
  ASSERT_TRUE(bench_.advance(core::hours(1)));
  ASSERT_TRUE(bench_.record("oncall").await(1));
  ASSERT_TRUE(bench_.settle());
  EXPECT_EQ(bench_.statistics("finops").expired, 2);
  EXPECT_EQ(bench_.statistics("finops").pending, 1) << "the page";
  EXPECT_NE(bench_.statistics("finops").last_problem.find("HTTP 503"), std::string::npos);
  const auto told = bench_.table().get("finops", "a");
  ASSERT_TRUE(told);
  EXPECT_TRUE(told->dead);
  EXPECT_EQ(told->version, 1);
  EXPECT_EQ(bench_.record("oncall").told().size(), 1U);
  bench_.restart();
  want("a", 1, NotificationAction::trigger, Severity::info);  // what the outbox holds
  ASSERT_TRUE(bench_.await_idle());
  EXPECT_EQ(bench_.statistics("finops").delivered, 0) << "given up is given up";
}

TEST_F(DeliveryExpiry, TheEndOfATicketThatTheSinkKnowsIsOwed) {
  bench_.start({"finops", "slack"});
  want("a", 1, NotificationAction::trigger, Severity::info);
  ASSERT_TRUE(bench_.await_idle());
  ASSERT_TRUE(bench_.settle());
  fail("a", 3);
  want("a", 2, NotificationAction::resolve, Severity::info);
  ASSERT_TRUE(bench_.record("finops").await(2));
  ASSERT_TRUE(bench_.settle());
  ASSERT_TRUE(bench_.advance(kTtl));
  ASSERT_TRUE(bench_.advance(core::hours(1)));
  ASSERT_TRUE(bench_.advance(core::hours(1)));
  ASSERT_TRUE(bench_.await_idle());
  EXPECT_EQ(bench_.statistics("finops").expired, 0);
  EXPECT_EQ(bench_.record("finops").ids().back(), "a:2");
  EXPECT_FALSE(bench_.table().get("finops", "a")->dead);
}

}  // namespace
}  // namespace costdrift::daemon
