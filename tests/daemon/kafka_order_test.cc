#include <gtest/gtest.h>

#include <vector>

#include "daemon/kafka/order.h"

namespace costdrift::daemon {
namespace {

core::EventTime at(std::int64_t minute) { return core::EventTime{0} + core::minutes(minute); }

using Views = std::vector<PartitionView>;

TEST(KafkaOrder, TheOldestIsReadFirst) {
  const Views views = {{at(30), true}, {at(10), true}, {at(20), true}};
  EXPECT_EQ(next_to_read(views), 1U);
  EXPECT_EQ(read_limit(views, 1), at(25));
}

TEST(KafkaOrder, NobodyRunsAheadOfAPartitionWhoseEventsAreStillToCome) {
  EXPECT_EQ(next_to_read(Views{{at(16), true}, {at(10), false}}), std::nullopt);
  EXPECT_EQ(next_to_read(Views{{at(15), true}, {at(10), false}}), 0U);
}

TEST(KafkaOrder, ACaughtUpPartitionHoldsNobodyBack) {
  const Views views = {{at(900), true}, {at(10), false, true}};
  EXPECT_EQ(next_to_read(views), 0U);
  EXPECT_EQ(read_limit(views, 0), core::EventTime::max());
}

TEST(KafkaOrder, APartitionOfUnknownTimeIsReadFirstAndShowsItsTimeToTheOthers) {
  const Views views = {{at(10), true}, {core::EventTime::min(), true}, {core::EventTime::min(), true}};
  EXPECT_EQ(next_to_read(views), 1U);
  EXPECT_EQ(read_limit(views, 1), core::EventTime::min());
}

TEST(KafkaOrder, TheFirstAnswerOfANewPartitionIsWaitedFor) {
  EXPECT_EQ(next_to_read(Views{{at(10), true}, {core::EventTime::min(), false, false, true}}), std::nullopt);
  EXPECT_EQ(next_to_read(Views{{at(10), true}, {core::EventTime::min(), true, false, true}}), 1U);
  EXPECT_EQ(next_to_read(Views{{at(10), true}, {core::EventTime::min(), false, false, false}}), 0U);
}

TEST(KafkaOrder, NothingToReadIsNothing) {
  EXPECT_EQ(next_to_read(Views{}), std::nullopt);
  EXPECT_EQ(next_to_read(Views{{at(1), false, true}}), std::nullopt);
}

}  // namespace
}  // namespace costdrift::daemon
