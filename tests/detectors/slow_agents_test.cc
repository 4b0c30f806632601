// Applications of a few dozen agent runs a day. Nothing changes in these streams: every task is drawn from the same
// law. What an agent is told first is one of some texts, so that tasks repeat each other to the token.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/support/judge_harness.h"

namespace costdrift::tests {
namespace {

struct Kind {
  const char* name;
  double tasks_per_day;
  int most_agents;  // of a task, that begin together
  int texts;        // of 10,000 to 400,000 tokens, the first ones the most common
};

double first_prompt(Random& random, int texts) {
  const double text = std::floor(texts * random.uniform() * random.uniform());
  return 10'000 * std::pow(40.0, std::fmod(text * 0.381966, 1.0));
}

// Incidents in `days`, by their onset.
std::set<core::EventTime> incidents(JudgeHarness& harness, Random& random, const Kind& kind, double factor,
                                    double days) {
  std::set<core::EventTime> onsets;
  const core::EventTime end = harness.now() + core::microseconds(std::llround(days * 86'400e6));
  while (harness.now() < end) {
    harness.skip(core::seconds(std::llround(86'400 / kind.tasks_per_day * random.exponential() / 5) * 5));
    const double tokens = factor * first_prompt(random, kind.texts);
    const int agents = 1 + static_cast<int>(kind.most_agents * random.uniform());
    for (int step = 1; step <= 6; ++step) {
      for (int agent = 0; agent < agents; ++agent) {
        core::UsageEvent event;
        event.run_id = "run";
        event.step = step;
        event.input_tokens = std::llround(tokens * (1 + 0.05 * (step - 1)) * (1 + 0.005 * random.normal()));
        event.cost = event.input_cost = core::from_usd(3e-6 * static_cast<double>(*event.input_tokens));
        harness.call(event);
      }
      for (const auto& finding : harness.close()) onsets.insert(finding.onset);
    }
  }
  return onsets;
}

std::size_t false_alarms(const Kind& kind) {
  std::size_t alarms = 0;
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    Random random(100 + trial);
    JudgeHarness harness("prompt_growth", 10);
    alarms += incidents(harness, random, kind, 1, 21).size();
  }
  return alarms;
}

int found_after_doubling(const Kind& kind) {
  int found = 0;
  for (std::uint64_t trial = 0; trial < 10; ++trial) {
    Random random(200 + trial);
    JudgeHarness harness("prompt_growth", 10);
    (void)incidents(harness, random, kind, 1, 14);
    found += incidents(harness, random, kind, 2, 2).empty() ? 0 : 1;
  }
  return found;
}

constexpr Kind kSingle[] = {
    {.name = "40 texts, 60 tasks a day", .tasks_per_day = 60, .most_agents = 1, .texts = 40},
    {.name = "40 texts, 20 tasks a day", .tasks_per_day = 20, .most_agents = 1, .texts = 40},
    {.name = "100 texts, 80 tasks a day", .tasks_per_day = 80, .most_agents = 1, .texts = 100},
    {.name = "300 texts, 90 tasks a day", .tasks_per_day = 90, .most_agents = 1, .texts = 300},
    {.name = "1,000 texts, 60 tasks a day", .tasks_per_day = 60, .most_agents = 1, .texts = 1'000},
    {.name = "5,000 texts, 45 tasks a day", .tasks_per_day = 45, .most_agents = 1, .texts = 5'000}};
constexpr Kind kFanOut = {.name = "up to 8 agents, 12 tasks a day", .tasks_per_day = 12, .most_agents = 8, .texts = 40};

// A false alarm in ten weeks is what each series may have.
TEST(SlowAgents, TasksThatRepeatEachOtherAreNoDrift) {
  std::size_t alarms = 0;
  for (const Kind& kind : kSingle) {
    const std::size_t of_kind = false_alarms(kind);
    std::printf("%s: %zu false alarms in 60 weeks\n", kind.name, of_kind);
    alarms += of_kind;
  }
  EXPECT_LE(alarms, 12U) << "in 360 weeks";
}

TEST(SlowAgents, AgentsThatBeginTogetherAreOneObservation) { EXPECT_LE(false_alarms(kFanOut), 3U) << "in 60 weeks"; }

TEST(SlowAgents, TwiceThePromptIsToldWithinTwoDays) {
  for (const Kind& kind : kSingle) EXPECT_GE(found_after_doubling(kind), 9) << "of 10: " << kind.name;
  EXPECT_GE(found_after_doubling(kFanOut), 4) << "of 10: " << kFanOut.name;
}

}  // namespace
}  // namespace costdrift::tests
