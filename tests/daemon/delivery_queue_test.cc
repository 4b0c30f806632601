#include <gtest/gtest.h>

#include "daemon/delivery/queue.h"

namespace costdrift::daemon {
namespace {

constexpr core::MonotonicTime kNow{std::chrono::hours(1)};
constexpr core::MonotonicTime kLater = kNow + std::chrono::seconds(10);

core::Notification message(const std::string& incident_id, std::int64_t version) {
  core::Notification notification;
  notification.event.incident_id = incident_id;
  notification.event.version = version;
  return notification;
}

TEST(DeliveryQueue, HandsOutInTheOrderOfTheFirstWant) {
  DeliveryQueue queue;
  queue.put(message("b", 1), kNow);
  queue.put(message("a", 1), kNow);
  queue.put(message("b", 2), kNow);
  EXPECT_EQ(queue.take().id(), "b:2");
  EXPECT_EQ(queue.take().id(), "a:1");
  EXPECT_EQ(queue.next_due(), std::nullopt);
}

TEST(DeliveryQueue, IgnoresAVersionThatIsNotNewer) {
  DeliveryQueue queue;
  queue.put(message("a", 2), kNow);
  queue.put(message("a", 1), kNow);
  EXPECT_EQ(queue.size(), 1u);
  EXPECT_EQ(queue.take().id(), "a:2");
}

TEST(DeliveryQueue, KeepsAVersionThatCameWhileAnOlderOneWasUnderWay) {
  DeliveryQueue queue;
  queue.put(message("a", 1), kNow);
  const core::Notification taken = queue.take();
  queue.put(message("a", 2), kNow);
  EXPECT_EQ(queue.next_due(), std::nullopt) << "two messages of one incident under way at once";
  queue.finish(taken, kLater);
  EXPECT_EQ(queue.next_due(), kLater);
  EXPECT_EQ(queue.take().id(), "a:2");
}

TEST(DeliveryQueue, SendsTheNewestVersionOnARetryAndKeepsItsBackOff) {
  DeliveryQueue queue;
  queue.put(message("a", 1), kNow);
  const core::Notification taken = queue.take();
  queue.put(message("a", 2), kNow);
  queue.retry(taken, kLater);
  queue.put(message("a", 3), kNow);
  EXPECT_EQ(queue.next_due(), kLater);
  EXPECT_EQ(queue.failures("a"), 1);
  EXPECT_EQ(queue.take().id(), "a:3");
}

TEST(DeliveryQueue, PutsAFailedMessageBehindThoseThatAreDueBefore) {
  DeliveryQueue queue;
  queue.put(message("bad", 1), kNow);
  queue.put(message("good", 1), kNow);
  queue.retry(queue.take(), kLater);
  EXPECT_EQ(queue.take().id(), "good:1");
  EXPECT_EQ(queue.take().id(), "bad:1");
}

TEST(DeliveryQueue, ForgetsWhatIsFinished) {
  DeliveryQueue queue;
  queue.put(message("a", 1), kNow);
  queue.finish(queue.take(), kNow);
  EXPECT_EQ(queue.size(), 0u);
  EXPECT_EQ(queue.failures("a"), 0);
}

}  // namespace
}  // namespace costdrift::daemon
