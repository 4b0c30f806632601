#include <gtest/gtest.h>

#include "core/clock.h"
#include "daemon/kafka/health.h"

namespace costdrift::daemon {
namespace {

class SetClock final : public core::Clock {
 public:
  core::WallTime wall_now() const override { return {1'767'225'600'000'000 + now.us}; }
  core::MonotonicTime monotonic_now() const override { return core::MonotonicTime(std::chrono::microseconds(now.us)); }
  core::Duration now = core::seconds(0);
};

constexpr const char* kStatistics = R"({"brokers":{
  "a:9092/1":{"name":"a:9092/1","nodename":"a:9092","nodeid":1,"source":"configured","state":"UP","rxidle":90000},
  "b:9092/2":{"name":"b:9092/2","nodename":"b:9092","nodeid":2,"source":"learned","state":"UP","rxidle":7000000},
  "GroupCoordinator":{"name":"GroupCoordinator","nodename":"","nodeid":1,"source":"logical","state":"UP","rxidle":1}},
  "topics":{"t":{"partitions":{"0":{"partition":0,"leader":1},"1":{"partition":1,"leader":2},
  "2":{"partition":2,"leader":-1},"-1":{"partition":-1,"leader":-1}}}}})";

TEST(KafkaStatistics, SaysWhichLeadersAnswer) {
  const auto view = parse_statistics(kStatistics);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->any_connected());
  EXPECT_TRUE(view->leader_answers({"t", 0}));
  EXPECT_FALSE(view->leader_answers({"t", 1})) << "connected, and silent for seven seconds";
  EXPECT_FALSE(view->leader_answers({"t", 2})) << "no leader";
  EXPECT_FALSE(view->leader_answers({"t", 3})) << "not known";
  EXPECT_EQ(view->leaders.size(), 3U);
}

TEST(KafkaStatistics, RefusesWhatIsNoStatistics) {
  EXPECT_FALSE(parse_statistics("{"));
  EXPECT_FALSE(parse_statistics("{}"));
  EXPECT_FALSE(parse_statistics(R"({"brokers":{"a":3},"topics":{}})"));
}

TEST(KafkaHealth, SaysSinceWhenNoBrokerAnswersAndWhy) {
  SetClock clock;
  KafkaHealth health("localhost:9092", clock);
  health.note_client_error("Connection refused\n", "");
  EXPECT_FALSE(health.report().connected);
  EXPECT_EQ(health.report().problem, "") << "a moment is no problem";
  clock.now = core::seconds(3);
  EXPECT_EQ(health.report().problem,
            "broker localhost:9092 does not answer since 2026-01-01T00:00:00Z (Connection refused\\x0a); check "
            "kafka.brokers");
  health.note_contact(true);
  EXPECT_TRUE(health.report().connected);
  EXPECT_EQ(health.report().problem, "");
  clock.now = core::minutes(5);
  health.note_contact(false);
  clock.now = core::minutes(6);
  EXPECT_EQ(health.report().problem,
            "broker localhost:9092 does not answer since 2026-01-01T00:05:00Z; check kafka.brokers");
}

TEST(KafkaHealth, NamesThePartitionsWhoseLeaderIsSilent) {
  SetClock clock;
  KafkaHealth health("a:9092,b:9092", clock);
  const auto view = parse_statistics(kStatistics);
  ASSERT_TRUE(view);
  health.note_cluster(*view, {{"t", 0}, {"t", 1}});
  EXPECT_TRUE(health.report().connected);
  EXPECT_NE(health.report().problem.find("the leader of t/1 does not answer since"), std::string::npos);
  health.note_cluster(*view, {{"t", 1}, {"t", 2}});
  clock.now = core::seconds(3);
  EXPECT_FALSE(health.report().connected);
  EXPECT_NE(health.report().problem.find("none of the brokers a:9092,b:9092 answers since"), std::string::npos);
}

TEST(KafkaHealth, APassingProblemPassesAndAFailureStays) {
  SetClock clock;
  KafkaHealth health("localhost:9092", clock);
  health.note_contact(true);
  health.note_problem("llm.usage/0: not authorized");
  EXPECT_EQ(health.report().problem, "llm.usage/0: not authorized");
  clock.now = core::seconds(11);
  EXPECT_EQ(health.report().problem, "");
  health.note_failure("gone for good");
  clock.now = core::hours(1);
  EXPECT_EQ(health.report().problem, "gone for good");
  EXPECT_FALSE(health.report().connected);
}

}  // namespace
}  // namespace costdrift::daemon
