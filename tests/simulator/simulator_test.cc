// The daemon under random faults, from seeds: COSTDRIFT_SEED=N runs one of them and says what was planned.
#include <gtest/gtest.h>

#include "tests/simulator/simulated_traffic.h"
#include "tests/simulator/simulation.h"
#include "tests/support/scale.h"

namespace costdrift::tests {
namespace {

constexpr std::uint64_t kTraffics = 4;

// A log and what a run without faults makes of it.
struct Reference {
  TrafficLog traffic;
  SimulationOutcome outcome;
};

const Reference& reference(std::uint64_t seed) {
  static std::map<std::uint64_t, Reference> known;
  const std::uint64_t number = seed % kTraffics;
  const auto found = known.find(number);
  if (found != known.end()) return found->second;
  TrafficLog traffic = simulated_traffic(number, 1 + static_cast<int>(number));
  SimulationOutcome outcome = simulate(traffic, Plan::without_faults(number), "");
  return known.emplace(number, Reference{std::move(traffic), std::move(outcome)}).first->second;
}

SimulationOutcome run(const Plan& plan) {
  const Reference& clean = reference(plan.seed);
  return simulate(clean.traffic, plan, clean.outcome.dump);
}

std::string all(const std::vector<std::string>& violations) {
  std::string text;
  for (const auto& violation : violations) text += violation + "\n";
  return text;
}

TEST(Simulator, WithoutFaultsEverythingHoldsAndIncidentsHappen) {
  for (std::uint64_t number = 0; number < kTraffics; ++number) {
    const SimulationOutcome& outcome = reference(number).outcome;
    EXPECT_TRUE(outcome.violations.empty()) << all(outcome.violations);
    EXPECT_EQ(outcome.lives, 1);
    EXPECT_GE(outcome.incidents, 2) << "too little happens to lose anything of it";
    EXPECT_EQ(outcome.duplicates, 0);
    for (const char* told_apart : {"app=desk", "app=shop", "app=__other__", "app=large0"})
      EXPECT_NE(outcome.dump.find("ledger 2025-03-03T00:00:00Z " + std::string(told_apart)), std::string::npos)
          << told_apart;
  }
}

// In parts, so that they run side by side.
class RandomFaults : public testing::TestWithParam<int> {};
constexpr int kParts = 8;

TEST_P(RandomFaults, EverythingHolds) {
  const int usual = scaled(24, 2'000, 20'000) / kParts;
  const auto [first, count] = seeds_asked_for({static_cast<std::uint64_t>(1 + GetParam() * usual), usual});
  int lives = 0, duplicates = 0, messages = 0;
  for (int i = 0; i < count; ++i) {
    const Plan plan = Plan::of(first + static_cast<std::uint64_t>(i));
    const SimulationOutcome outcome = run(plan);
    ASSERT_TRUE(outcome.violations.empty()) << plan.text() << "\n" << all(outcome.violations);
    lives += outcome.lives;
    duplicates += outcome.duplicates;
    messages += outcome.messages;
  }
  std::printf("%d seeds, %d lives, %d messages, %d of them a second time\n", count, lives, messages, duplicates);
  EXPECT_TRUE(count == 1 || lives > count) << "too little died";
}

INSTANTIATE_TEST_SUITE_P(Part, RandomFaults, testing::Range(0, kParts));

TEST(Simulator, TheSameSeedGivesTheSameTrace) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    EXPECT_EQ(run(Plan::of(seed)).trace, run(Plan::of(seed)).trace) << Plan::of(seed).text();
  }
}

// A bug of each kind, each found by the invariant that is there for it.
struct Found {
  SeededBug bug;
  const char* invariant;
};
void PrintTo(const Found& found, std::ostream* out) { *out << "shows in " << found.invariant; }

class SeededBugs : public testing::TestWithParam<Found> {};

TEST_P(SeededBugs, AreFound) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Plan plan = Plan::of(seed);
    plan.bug = GetParam().bug;
    plan.power_loss = 1;
    plan.kill = 0.1;
    // So much at once that an incident has ended before its beginning could be told.
    if (plan.bug == SeededBug::unopened_end) plan.log.max_records = 2000;
    plan.log.skip_record = plan.bug == SeededBug::skipped_record ? 0.001 : 0;
    plan.log.repeat_record = plan.bug == SeededBug::repeated_record ? 0.005 : 0;
    for (const auto& violation : run(plan).violations) {
      if (violation.starts_with(GetParam().invariant)) return;
    }
  }
  FAIL() << "40 seeds did not show it";
}

INSTANTIATE_TEST_SUITE_P(Each, SeededBugs,
                         testing::Values(Found{SeededBug::skipped_record, "I1"}, Found{SeededBug::skipped_record, "I5"},
                                         Found{SeededBug::repeated_record, "I1"}, Found{SeededBug::early_message, "I8"},
                                         Found{SeededBug::unsynced_commit, "I8"},
                                         Found{SeededBug::forgotten_message, "I4"},
                                         Found{SeededBug::unopened_end, "I3"}),
                         [](const auto& bug) { return "Bug" + std::to_string(bug.index) + bug.param.invariant; });

}  // namespace
}  // namespace costdrift::tests
