// Every story in tests/scenarios goes through the real pipeline and must end as its file says; read in another order
// of the partitions, it must give the same alert events byte for byte.
#include "tests/support/scenario.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "core/alert_event_json.h"
#include "tests/support/places.h"

namespace costdrift::tests {
namespace {

std::vector<std::string> files() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(source_path("tests/scenarios"))) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string lines(const std::vector<core::AlertEvent>& alerts) {
  std::string text;
  for (const auto& alert : alerts) text += core::to_json(alert) + "\n";
  return text;
}

class ScenarioFile : public testing::TestWithParam<std::string> {};

TEST_P(ScenarioFile, EndsAsToldInAnyOrderOfReading) {
  const auto scenario = read_scenario(GetParam());
  ASSERT_TRUE(scenario) << scenario.error().message;
  const auto records = traffic_of(*scenario);
  const auto alerts = play(*scenario, records, ReadingOrder::by_event_time);
  ASSERT_TRUE(alerts) << alerts.error().message;
  EXPECT_EQ(compare(*scenario, *alerts), "") << scenario->title << "\n" << lines(*alerts);
  const auto again = play(*scenario, records, ReadingOrder::partition_by_partition);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(lines(*again), lines(*alerts));
}

INSTANTIATE_TEST_SUITE_P(Stories, ScenarioFile, testing::ValuesIn(files()),
                         [](const auto& file) { return std::filesystem::path(file.param).stem().string(); });

}  // namespace
}  // namespace costdrift::tests
