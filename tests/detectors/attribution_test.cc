// Attribution names the value that was made dearer, busier or moved; over seeded organisations as often as promised.
#include "detectors/stats/attribution.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

#include "detectors/drivers.h"
#include "tests/support/spend_shift.h"

namespace costdrift::tests {
namespace {

using core::Dimension;
using detectors::AttributeMap;

// 12 of each cause; 60 of each when the tests may take their time.
int trials() {
  const char* scale = std::getenv("COSTDRIFT_TEST_SCALE");
  return scale != nullptr && std::string_view(scale) == "long" ? 60 : 12;
}

TEST(Attribution, FindsValueAndKindOfInjectedCauses) {
  const int each = trials();
  int named = 0, kinds = 0;
  for (int cause = 0; cause < kInjected; ++cause) {
    for (int seed = 0; seed < each; ++seed) {
      const SpendShift shift = make_spend_shift(static_cast<std::uint64_t>(seed), static_cast<Injected>(cause));
      detectors::stats::AttributionInput input;
      input.cells = shift.cells;
      input.calls_ratio = shift.calls_ratio;
      const auto causes = detectors::stats::attribute(input);
      if (causes.empty()) continue;
      const core::Driver& driver = causes.front().driver;
      named += driver.dimension == shift.truth.dimension && driver.value == shift.truth.value ? 1 : 0;
      kinds += driver.kind == shift.truth.kind ? 1 : 0;
    }
  }
  EXPECT_GE(named, each * kInjected * 85 / 100);
  EXPECT_GE(kinds, each * kInjected * 95 / 100);
}

core::AttributeSet set(const std::string& use_case, const std::string& version) {
  return {{Dimension::use_case, use_case}, {Dimension::prompt_version, version}};
}

core::AttributeTotals tokens(std::int64_t calls, std::int64_t per_call) {
  return {.calls = calls, .input_tokens = calls * per_call};
}

std::vector<core::Driver> drivers(const AttributeMap& before, const AttributeMap& after) {
  return detectors::find_drivers({.before = before,
                                  .after = after,
                                  .part = core::CostPart::input,
                                  .calls_ratio = std::nullopt,
                                  .dispersion = 0.5});
}

TEST(Drivers, NameTheUseCaseThatGrewAndItsShare) {
  const AttributeMap before{{set("chat", "1"), tokens(5000, 1000)}, {set("rag", "1"), tokens(2500, 2000)}};
  const AttributeMap after{{set("chat", "1"), tokens(500, 1020)}, {set("rag", "1"), tokens(250, 3000)}};
  const auto found = drivers(before, after);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.front().value, "rag");
  EXPECT_EQ(found.front().kind, core::DriverKind::rate);
  EXPECT_NEAR(found.front().share, 250.0 / 260, 0.01);
}

TEST(Drivers, NameANewPromptVersion) {
  const AttributeMap before{{set("chat", "1"), tokens(5000, 1000)}, {set("rag", "1"), tokens(2500, 1000)}};
  const AttributeMap after{{set("chat", "1"), tokens(500, 1000)}, {set("rag", "2"), tokens(250, 1600)}};
  const auto found = drivers(before, after);
  ASSERT_GE(found.size(), 1u);
  EXPECT_EQ(found.front().dimension, Dimension::prompt_version);
  EXPECT_EQ(found.front().value, "2");
  EXPECT_GT(found.front().share, 0.9);
}

void expect_version_2(const AttributeMap& before, const AttributeMap& after) {
  const auto found = detectors::find_drivers({.before = before,
                                              .after = after,
                                              .part = core::CostPart::retry,
                                              .calls_ratio = std::nullopt,
                                              .dispersion = std::nullopt});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.front().dimension, Dimension::prompt_version);
  EXPECT_EQ(found.front().value, "2");
  EXPECT_GT(found.front().share, 0.9);
}

// All calls changed, and all of them have version 2: nobody would look for another cause first.
TEST(Drivers, NameAVersionThatTookThePlaceOfAllOthers) {
  AttributeMap before{{set("chat", "1"), tokens(50000, 1000)}, {set("rag", "1"), tokens(25000, 1000)}};
  AttributeMap after{{set("chat", "2"), tokens(5000, 1000)}, {set("rag", "2"), tokens(2500, 1000)}};
  for (auto& [values, totals] : before) totals.retries = totals.calls / 20000;
  for (auto& [values, totals] : after) totals.retries = totals.calls / 2;
  expect_version_2(before, after);
}

// What was never seen before has no past to be compared with; what came with it is named all the same.
TEST(Drivers, NameAVersionThatBringsWhatWasNeverSeen) {
  const AttributeMap before{{set("chat", "1"), tokens(50000, 1000)}, {set("rag", "1"), tokens(25000, 1000)}};
  AttributeMap after{{set("chat", "2"), tokens(60, 1000)}, {set("rag", "2"), tokens(30, 1000)}};
  for (auto& [values, totals] : after) totals.retries = totals.calls / 2;
  expect_version_2(before, after);
}

TEST(Drivers, SayNothingWhenEverythingGrewAlike) {
  const AttributeMap before{{set("chat", "1"), tokens(5000, 1000)}, {set("rag", "1"), tokens(2500, 2000)}};
  const AttributeMap after{{set("chat", "1"), tokens(500, 1300)}, {set("rag", "1"), tokens(250, 2600)}};
  EXPECT_TRUE(drivers(before, after).empty());
}

TEST(Drivers, SayNothingWithoutAPastOrWithoutAnExcess) {
  const AttributeMap some{{set("chat", "1"), tokens(5000, 1000)}};
  EXPECT_TRUE(drivers({}, some).empty());
  EXPECT_TRUE(drivers(some, {}).empty());
  EXPECT_TRUE(drivers(some, {{set("chat", "1"), tokens(500, 900)}}).empty());
}

// Beyond 64 tuples a summary keeps the smallest: what was folded before must not look new now.
TEST(Drivers, TakeNoTupleForNewThatWasOnlyFolded) {
  AttributeMap before, after;
  for (int i = 0; i < 64; ++i) before[set("a" + std::to_string(100 + i), "1")] = tokens(100, 1000);
  before[{}] = tokens(2000, 1000);
  after[set("a100", "1")] = tokens(100, 1000);
  after[set("z", "1")] = tokens(100, 1500);
  EXPECT_TRUE(drivers(before, after).empty());
}

}  // namespace
}  // namespace costdrift::tests
