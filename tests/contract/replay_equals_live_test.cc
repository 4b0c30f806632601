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
  LiveAndReplay both(COSTDRIFT_BINARY, (*broker)->bootstrap(), kTopic, log);
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

}  // namespace
}  // namespace costdrift::tests
