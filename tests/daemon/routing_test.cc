#include "daemon/incidents/routing.h"

#include <gtest/gtest.h>

#include "tests/daemon/finding_support.h"

namespace costdrift::daemon {
namespace {

using Names = std::vector<std::string>;

core::AlertEvent warning_of_support() {
  core::AlertEvent event;
  event.severity = core::Severity::warning;
  event.detector = "prompt_growth";
  event.labels = {{core::Dimension::app, "support-bot"}, {core::Dimension::team, "cx"}};
  return event;
}

Names routed(std::vector<config::Route> routes) {
  config::Settings settings = test_support::page_settings();
  settings.routes = std::move(routes);
  return sinks_for(warning_of_support(), settings);
}

TEST(RoutingTest, WithoutRoutesEverySinkHearsEverything) { EXPECT_EQ(routed({}), (Names{"finops", "oncall"})); }

TEST(RoutingTest, TheFirstMatchWins) {
  EXPECT_EQ(routed({{.severity = core::Severity::critical, .send = {"oncall"}},
                    {.severity = core::Severity::warning, .send = {"finops"}},
                    {.send = {"oncall", "finops"}}}),
            Names{"finops"});
}

TEST(RoutingTest, NoMatchIsNobody) {
  EXPECT_EQ(routed({{.severity = core::Severity::info, .send = {"finops"}}}), Names{});
}

TEST(RoutingTest, EveryConditionOfARouteMustHold) {
  const std::vector<config::Route> routes = {
      {.detector = "retry_rate", .labels = {{"team", "cx"}}, .send = {"oncall"}},
      {.detector = "prompt_growth", .labels = {{"team", "cx"}, {"app", "checkout"}}, .send = {"oncall"}},
      {.detector = "prompt_growth", .labels = {{"team", "cx"}, {"app", "support-bot"}}, .send = {"finops"}}};
  EXPECT_EQ(routed(routes), Names{"finops"});
}

TEST(RoutingTest, ALabelThatTheEventHasNotDoesNotMatch) {
  EXPECT_EQ(routed({{.labels = {{"env", "prod"}}, .send = {"oncall"}}, {.send = {"finops"}}}), Names{"finops"});
}

}  // namespace
}  // namespace costdrift::daemon
