#include "core/log_bins.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace costdrift::core {
namespace {

// Small integers, then values around every power of 1.001 up to the last bin.
std::vector<std::int64_t> rising_values() {
  std::vector<std::int64_t> values;
  for (std::int64_t value = 1; value <= 20'000; ++value) values.push_back(value);
  for (double value = 20'001; value < 2.4e15; value *= 1.001) values.push_back(static_cast<std::int64_t>(value));
  return values;
}

TEST(LogBins, BelowOneIsBinZero) {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_EQ(log_bin(value), 0);
  }
  EXPECT_EQ(log_bin_value(0), 0);
  EXPECT_EQ(log_bin(1), 1);
}

TEST(LogBins, AValueReadBackIsAtMostOnePercentOff) {
  for (const std::int64_t value : rising_values()) {
    const auto number = static_cast<double>(value);
    ASSERT_LE(std::abs(log_bin_value(log_bin(value)) - number), 0.01 * number) << value;
  }
}

TEST(LogBins, SmallIntegersAreExact) {
  for (std::int64_t value = 0; value <= 50; ++value) {
    EXPECT_DOUBLE_EQ(log_bin_value(log_bin(value)), static_cast<double>(value));
  }
}

TEST(LogBins, BinsRiseWithTheValue) {
  int previous = 0;
  for (const std::int64_t value : rising_values()) {
    const int bin = log_bin(value);
    ASSERT_GE(bin, previous) << value;
    ASSERT_LT(bin, kLogBins);
    previous = bin;
  }
}

TEST(LogBins, ValuesRiseStrictlyWithTheBinAndComeBackToIt) {
  for (int bin = 1; bin < kLogBins; ++bin) {
    ASSERT_LT(log_bin_value(bin - 1), log_bin_value(bin)) << bin;
    const double value = log_bin_value(bin);
    if (value < 1000) continue;  // the bin may hold no integer
    ASSERT_EQ(log_bin(std::llround(value)), bin);
  }
}

TEST(LogBins, MatchTheDefinition) {
  for (const std::int64_t value : rising_values()) {
    const double place = std::log(static_cast<double>(value)) / std::log(kBinRatio);
    const double rounded = std::round(place);
    if (std::abs(std::abs(place - rounded) - 0.5) < 1e-6) continue;  // on an edge log() may say either
    ASSERT_EQ(log_bin(value), static_cast<int>(rounded) + 1) << value;
  }
}

TEST(LogBins, TheLastBinHoldsEverythingAbove) {
  EXPECT_EQ(log_bin(std::numeric_limits<std::int64_t>::max()), kLogBins - 1);
  EXPECT_EQ(log_bin(std::int64_t{1} << 52), kLogBins - 1);
  EXPECT_EQ(log_bin((std::int64_t{1} << 52) - 1), kLogBins - 1);
  EXPECT_EQ(log_bin(2'430'000'000'000'000), kLogBins - 2);
  EXPECT_NEAR(log_bin_value(kLogBins - 1), 2.48e15, 0.01e15);
  EXPECT_EQ(log_bin_value(kLogBins + 5), log_bin_value(kLogBins - 1));
  EXPECT_EQ(log_bin_value(-3), 0);
}

// Counts are stored under these numbers: a change makes every state directory wrong.
TEST(LogBins, AreFixedForEver) {
  EXPECT_EQ(log_bin(2), 36);
  EXPECT_EQ(log_bin(100), 234);
  EXPECT_EQ(log_bin(1'980), 384);
  EXPECT_EQ(log_bin(128'000), 595);
  EXPECT_EQ(log_bin(1'000'000'000), 1047);
}

}  // namespace
}  // namespace costdrift::core
