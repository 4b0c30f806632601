// Real calls, live and in replay: the same state and the same alerts.
#include "tests/support/real_traces.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "daemon/demo/embedded_broker.h"
#include "tests/support/live_and_replay.h"
#include "tests/support/places.h"

namespace costdrift::tests {
namespace {

struct Told {
  int incidents = 0, pages = 0;
};

Told told_in(const std::string& dump) {
  std::map<std::string, bool> paged;
  std::istringstream lines(rows_of(dump, "journal"));
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line.substr(line.find('{')));
    bool& page = paged[json["incident_id"].get<std::string>()];
    page = page || json["severity"] != "info";
  }
  Told told;
  for (const auto& [id, page] : paged) {
    ++told.incidents;
    told.pages += page ? 1 : 0;
  }
  return told;
}

Told expect_same(TrafficLog (*make_log)(const std::string& source_dir)) {
  const auto broker = daemon::EmbeddedBroker::start({.name = "llm.usage", .partitions = 3});
  EXPECT_TRUE(broker) << broker.error().message;
  const TrafficLog log = make_log(source_path());
  EXPECT_TRUE(publish(log, (*broker)->bootstrap(), "llm.usage"));
  LiveAndReplay both(costdrift_program(), (*broker)->bootstrap(), "llm.usage", log);
  const std::string dump = both.run_live();
  both.expect_replay(dump);
  return told_in(dump);
}

// Nothing was injected, so nobody may be woken.
TEST(RealTracesTest, CodingAgents) {
  const Told told = expect_same(claude_code_log);
  EXPECT_EQ(told.pages, 0);
  EXPECT_LE(told.incidents, 2);
}

TEST(RealTracesTest, AnHourOfAChatService) { EXPECT_EQ(expect_same(azure_log).incidents, 0); }

}  // namespace
}  // namespace costdrift::tests
