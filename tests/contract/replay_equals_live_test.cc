// Live and replay are one pipeline: the daemon on a broker and `costdrift replay` on the same records come to the same
// state and the same alerts, byte for byte.
#include <gtest/gtest.h>

#include <array>
#include <span>

#include "core/alert_event_json.h"
#include "daemon/catalogue.h"
#include "daemon/demo/embedded_broker.h"
#include "replay/runner.h"
#include "state/dump.h"
#include "tests/support/live_and_replay.h"
#include "tests/support/places.h"
#include "tests/support/scale.h"
#include "tests/support/webhook_posts.h"

namespace costdrift::tests {
namespace {

constexpr const char* kTopic = "llm.usage";

struct ReplayOutcome {
  std::string alerts, dump;
};

struct Steps {
  int lines_per_poll, decode_threads;
};

// In this process, with other steps.
ReplayOutcome replay_in_steps(const std::string& config, const std::vector<std::string>& files, Steps steps) {
  const TempDir directory;
  ReplayOutcome outcome;
  const auto settings = config::load_settings(config, daemon::catalogue());
  EXPECT_TRUE(settings) << settings.error().message;
  const auto done = replay::replay(
      *settings,
      {.config = config,
       .events = files,
       .state = directory.file("state"),
       .lines_per_poll = steps.lines_per_poll,
       .decode_threads = steps.decode_threads},
      {.on_alert = [&](const core::AlertEvent& event) { outcome.alerts += core::to_json(event) + "\n"; }});
  EXPECT_TRUE(done) << done.error().message;
  EXPECT_TRUE(state::dump_state(directory.file("state"), {},
                                [&](std::string_view line) { outcome.dump.append(line).append("\n"); }));
  return outcome;
}

TEST(ReplayEqualsLiveTest, SameStateSameAlertsWhateverTheSteps) {
  const auto broker = daemon::EmbeddedBroker::start({.name = kTopic, .partitions = 3});
  ASSERT_TRUE(broker) << broker.error().message;
  const TrafficLog log = demo_traffic(3);
  ASSERT_TRUE(publish(log, (*broker)->bootstrap(), kTopic));
  LiveAndReplay both(costdrift_program(), (*broker)->bootstrap(), kTopic, log);
  const std::string live = both.run_live();
  EXPECT_GE(newest_versions(live).size(), 2U) << "too little happens in this log to compare anything";
  both.expect_replay(live);

  const std::array all = {Steps{77, 3}, Steps{1, 1}, Steps{1'000'000, 2}};
  for (const Steps steps : std::span(all).first(static_cast<std::size_t>(scaled(1, 3, 3)))) {
    const ReplayOutcome again = replay_in_steps(both.daemon().config_path(), both.files(), steps);
    EXPECT_EQ(first_difference(rows_of(live, "journal"), again.alerts), "") << steps.lines_per_poll;
    EXPECT_EQ(first_difference(live, again.dump), "") << steps.lines_per_poll;
  }
}

// A deploy is declared while the daemon reads; wherever it was by then, the replay with its actions comes to the same.
TEST(ReplayEqualsLiveTest, SoDoesADeclaredChange) {
  const auto broker = daemon::EmbeddedBroker::start({.name = kTopic, .partitions = 3});
  ASSERT_TRUE(broker) << broker.error().message;
  const TrafficLog log = demo_traffic(3);
  ASSERT_TRUE(publish(log, (*broker)->bootstrap(), kTopic));
  LiveAndReplay both(costdrift_program(), (*broker)->bootstrap(), kTopic, log);
  both.say(R"({"action":"declare","kind":"deploy","match":{"app":"support-bot"},"note":"prompt v7","by":"ana",)"
           R"("when":"2025-03-04T09:10:00Z","expect":["prompt_growth","cost_outlier"]})");
  const std::string live = both.run_live();
  const std::string said = rows_of(live, "actions");
  ASSERT_NE(said.find("prompt v7"), std::string::npos);
  const bool in_time = said.substr(7, 16) < "2025-03-04T09:10";  // {"at":"2025-...
  EXPECT_TRUE(!in_time || rows_of(live, "journal").find("\"declared_change\":{") != std::string::npos);
  both.expect_replay(live);
}

}  // namespace
}  // namespace costdrift::tests
