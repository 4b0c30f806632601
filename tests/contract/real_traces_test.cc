// Real calls, live and in replay: the same state and the same alerts.
#include "tests/support/real_traces.h"

#include <gtest/gtest.h>

#include "daemon/demo/embedded_broker.h"
#include "tests/support/live_and_replay.h"

namespace costdrift::tests {
namespace {

void expect_same(TrafficLog (*make_log)(const std::string& source_dir)) {
  const auto broker = daemon::EmbeddedBroker::start({.name = "llm.usage", .partitions = 3});
  ASSERT_TRUE(broker) << broker.error().message;
  const TrafficLog log = make_log(COSTDRIFT_SOURCE_DIR);
  ASSERT_TRUE(publish(log, (*broker)->bootstrap(), "llm.usage"));
  LiveAndReplay both(COSTDRIFT_BINARY, (*broker)->bootstrap(), "llm.usage", log);
  both.expect_replay(both.run_live());
}

TEST(RealTracesTest, CodingAgents) { expect_same(claude_code_log); }
TEST(RealTracesTest, AnHourOfAChatService) { expect_same(azure_log); }

}  // namespace
}  // namespace costdrift::tests
