#include "core/money.h"

#include <gtest/gtest.h>

#include <limits>

namespace costdrift::core {
namespace {

TEST(FromUsd, RoundsHalfAwayFromZero) {
  EXPECT_EQ(from_usd(0.000'000'000'4).nano, 0);
  EXPECT_EQ(from_usd(0.000'000'000'5).nano, 1);
  EXPECT_EQ(from_usd(-0.000'000'000'5).nano, -1);
  EXPECT_EQ(from_usd(0.1).nano, 100'000'000);
  EXPECT_EQ(from_usd(1e6).nano, 1'000'000'000'000'000);
  EXPECT_EQ(from_usd(12.345678901).nano, 12'345'678'901);
}

TEST(FromUsd, StaysInRange) {
  EXPECT_EQ(from_usd(1e300).nano, 9'000'000'000'000'000'000);
  EXPECT_EQ(from_usd(-std::numeric_limits<double>::infinity()).nano, -9'000'000'000'000'000'000);
  EXPECT_EQ(from_usd(std::numeric_limits<double>::quiet_NaN()).nano, 0);
}

TEST(NanoUsd, SumsStayAtTheLimits) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ((NanoUsd{kMost} + NanoUsd{1}).nano, kMost);
  EXPECT_EQ((NanoUsd{kLeast} + NanoUsd{-1}).nano, kLeast);
  EXPECT_EQ((NanoUsd{kLeast} - NanoUsd{1}).nano, kLeast);
  EXPECT_EQ((NanoUsd{kMost} - NanoUsd{-1}).nano, kMost);
  EXPECT_EQ((NanoUsd{kMost} + NanoUsd{kLeast}).nano, -1);
  EXPECT_EQ((NanoUsd{0} - NanoUsd{kLeast}).nano, kMost);

  NanoUsd senseless;
  for (int call = 0; call < 20'000; ++call) senseless += from_usd(1e6);
  EXPECT_EQ(senseless.nano, kMost);
}

TEST(FormatUsd, FollowsTheSize) {
  const std::pair<double, const char*> cases[] = {
      {0, "$0"},         {1540, "$1,540"},    {1540.4, "$1,540"},        {38, "$38"},
      {38.5, "$39"},     {4.2, "$4.20"},      {0.031, "$0.031"},         {0.0314, "$0.031"},
      {0.5, "$0.50"},    {0.999, "$1.00"},    {9.994, "$9.99"},          {9.996, "$10"},
      {0.0999, "$0.10"}, {0.00999, "$0.010"}, {0.00042, "$0.00042"},     {1e-9, "$0.000000001"},
      {1e-12, "$0"},     {27360, "$27,360"},  {1'234'567, "$1,234,567"}, {-3.1, "-$3.10"},
      {-1e-12, "$0"},    {-0.0, "$0"},        {999.5, "$1,000"},         {-27360, "-$27,360"},
  };
  for (const auto& [usd, text] : cases) EXPECT_EQ(format_usd(usd), text) << usd;
}

TEST(FormatUsd, BriefFromTenThousand) {
  const std::pair<double, const char*> cases[] = {
      {9999, "$9,999"},     {9999.6, "$10k"},     {27360, "$27k"},  {999'400, "$999k"}, {999'600, "$1M"},
      {1'240'000, "$1.2M"}, {27'000'000, "$27M"}, {999.6e6, "$1B"}, {2.45e9, "$2.5B"},  {-27360, "-$27k"},
  };
  for (const auto& [usd, text] : cases) EXPECT_EQ(format_usd(usd, true), text) << usd;
}

TEST(FormatUsd, NeverPrintsWhatIsNotANumber) {
  EXPECT_EQ(format_usd(std::numeric_limits<double>::quiet_NaN()), "$?");
  EXPECT_EQ(format_usd(-std::numeric_limits<double>::infinity()), "$?");
}

TEST(FormatExact, KeepsEveryNano) {
  EXPECT_EQ(format_exact({12'345'678'901}), "12.345678901");
  EXPECT_EQ(format_exact({0}), "0.000000000");
  EXPECT_EQ(format_exact({1}), "0.000000001");
  EXPECT_EQ(format_exact({-1}), "-0.000000001");
  EXPECT_EQ(format_exact({-1'000'000'000}), "-1.000000000");
  EXPECT_EQ(format_exact({std::numeric_limits<std::int64_t>::min()}), "-9223372036.854775808");
}

TEST(FormatRate, SaysWhenAMonthIsNotAMonthOfSuchHours) {
  EXPECT_EQ(format_rate(38, 27'360), "$38 an hour, $27k a month at this rate");
  EXPECT_EQ(format_rate(38, 19'000), "$38 an hour, $19k a month at this rate");
  EXPECT_EQ(format_rate(34, 290), "$34 an hour, $290 a month at its usual traffic");
  EXPECT_EQ(format_rate(1, 1'440), "$1.00 an hour, $1,440 a month at its usual traffic");
  EXPECT_EQ(format_rate(0, 0), "$0 an hour, $0 a month at this rate");
}

}  // namespace
}  // namespace costdrift::core
