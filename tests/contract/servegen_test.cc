// Judgement of real applications, the short form: bench/real_traffic measures all of them.
#include "tests/support/servegen.h"

#include <gtest/gtest.h>

#include "tests/support/places.h"

namespace costdrift::tests {
namespace {

const std::map<std::string, ServeGenSeries>& series() {
  static const auto all = read_servegen(source_path());
  return all;
}

TEST(ServeGen, AQuietApplicationPagesNobodyInTwoWeeks) {
  for (const char* name : {"m-mid-23 input", "m-small-13 input", "m-large-5 output"}) {
    const auto told = play_servegen(series().at(name), {.injection = {}});
    EXPECT_TRUE(told.empty()) << name << ": " << told.size() << " incidents, the first on day " << told.front().at_day;
  }
}

TEST(ServeGen, AShiftThatLastsIsOneIncidentAndItsReturnIsNone) {
  // From day 1.5 on, prompts are half as long again; they go back on day 4.3 and return on day 6.5 and 10.
  const auto told = play_servegen(series().at("m-large-17 input"), {.injection = {}});
  ASSERT_EQ(told.size(), 1U);
  EXPECT_GT(told[0].page_day, 1.5);
  EXPECT_LT(told[0].page_day, 2.0);
  EXPECT_NEAR(told[0].effect, 0.5, 0.1);
}

TEST(ServeGen, AnInjectedGrowthOfAQuietApplicationIsPagedWithinHours) {
  for (const Injection& change : {Injection{.name = "x1.25", .factor = 1.25, .at_day = 6.3},
                                  Injection{.name = "x2", .factor = 2, .at_day = 6.3}}) {
    const auto told = play_servegen(series().at("m-large-56 input"), {.until_day = 6.8, .injection = change});
    ASSERT_EQ(told.size(), 1U) << change.name;
    EXPECT_GE(told[0].page_day, 6.3) << change.name;
    EXPECT_LT(told[0].page_day, 6.3 + 8.0 / 24) << change.name;
  }
}

}  // namespace
}  // namespace costdrift::tests
