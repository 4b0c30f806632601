#include "core/time.h"

#include <gtest/gtest.h>

namespace costdrift::core {
namespace {

EventTime parsed(std::string_view text) {
  const auto time = parse_rfc3339(text);
  EXPECT_TRUE(time) << text;
  return time ? *time : EventTime{-1};
}

constexpr std::int64_t kAfternoon = 1'772'460'300'000'000;  // date -d 2026-03-02T14:05:00Z +%s

TEST(ParseRfc3339, ReadsTheFormsThatProducersWrite) {
  for (const char* text : {"2026-03-02T14:05:00Z", "2026-03-02t14:05:00z", "2026-03-02 14:05:00", "2026-03-02T14:05:00",
                           "2026-03-02T15:05:00+01:00", "2026-03-02T08:35:00-05:30", "2026-03-03T14:04:00+23:59",
                           "2026-03-02T15:05:00+0100", "2026-03-02T14:05:00.000000000Z", "2026-03-02T14:05:00-00:00"}) {
    EXPECT_EQ(parsed(text).us, kAfternoon) << text;
  }
}

TEST(ParseRfc3339, CutsDigitsBeyondMicroseconds) {
  EXPECT_EQ(parsed("2026-03-02T14:05:00.1Z").us, kAfternoon + 100'000);
  EXPECT_EQ(parsed("2026-03-02T14:05:00.000001Z").us, kAfternoon + 1);
  EXPECT_EQ(parsed("2026-03-02T14:05:00.0000019Z").us, kAfternoon + 1);
  EXPECT_EQ(parsed("2026-03-02T14:05:00.999999999+00:00").us, kAfternoon + 999'999);
  EXPECT_FALSE(parse_rfc3339("2026-03-02T14:05:00.0000000001Z"));
}

TEST(ParseRfc3339, KnowsTheCalendar) {
  EXPECT_EQ(parsed("1970-01-01T00:00:00Z").us, 0);
  EXPECT_EQ(parsed("2024-02-29T00:00:00Z").us, 1'709'164'800'000'000);
  EXPECT_EQ(parsed("2000-02-29T23:59:59Z").us, 951'868'799'000'000);
  EXPECT_EQ(parsed("2200-12-31T23:59:59.999999Z").us, 7'289'654'399'999'999);
  EXPECT_EQ(parsed("2026-01-01T00:30:00+01:00"), parsed("2025-12-31T23:30:00Z"));
}

TEST(ParseRfc3339, RejectsEverythingElse) {
  for (const char* text : {"",
                           "2026",
                           "2026-03-02",
                           "2026-03-02T14:05",
                           "2026-03-02T14:05Z",
                           "2026-3-2T14:05:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2100-02-29T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-03-02T24:00:00Z",
                           "2026-03-02T14:60:00Z",
                           "2016-12-31T23:59:60Z",
                           "2026-03-02T14:05:61Z",
                           "2026-03-02T14:05:00.Z",
                           "2026-03-02T14:05:00,5Z",
                           "2026-03-02T14:05:00ZZ",
                           "2026-03-02T14:05:00Z ",
                           " 2026-03-02T14:05:00Z",
                           "2026-03-02T14:05:00+1:00",
                           "2026-03-02T14:05:00+24:00",
                           "2026-03-02T14:05:00+01:60",
                           "2026-03-02T14:05:00+",
                           "2026-03-02T14:05:00+01",
                           "2026-03-02X14:05:00Z",
                           "-026-03-02T14:05:00Z",
                           "2026-03-02T14:05:-1Z",
                           "20260302T140500Z",
                           "1772460300",
                           "1969-12-31T23:59:59Z",
                           "1970-01-01T00:00:00+00:01",
                           "2201-01-01T00:00:00Z",
                           "2200-12-31T23:59:59-00:01",
                           "0000-01-01T00:00:00Z",
                           "9999-12-31T23:59:59Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(ParseRfc3339, ErrorNamesTheTextHarmlesslyAndTheCure) {
  const auto time = parse_rfc3339("yesterday\n\x1b[31m");
  ASSERT_FALSE(time);
  EXPECT_EQ(time.error().code, ErrorCode::bad_data);
  EXPECT_NE(time.error().message.find("\"yesterday\\x0a\\x1b[31m\""), std::string::npos) << time.error().message;
  EXPECT_NE(time.error().message.find("2026-03-02T14:05:00Z"), std::string::npos);
}

TEST(FormatRfc3339, PrintsFractionsOnlyWhenThereAreAny) {
  EXPECT_EQ(format_rfc3339({kAfternoon}), "2026-03-02T14:05:00Z");
  EXPECT_EQ(format_rfc3339({kAfternoon + 250'000}), "2026-03-02T14:05:00.250Z");
  EXPECT_EQ(format_rfc3339({kAfternoon + 250'001}), "2026-03-02T14:05:00.250001Z");
  EXPECT_EQ(format_rfc3339({kAfternoon + 5}), "2026-03-02T14:05:00.000005Z");
  EXPECT_EQ(format_rfc3339({-1}), "1969-12-31T23:59:59.999999Z");
}

TEST(FormatRfc3339, StaysPrintableAtTheEndsOfTime) {
  EXPECT_EQ(format_rfc3339(EventTime::min()), "0000-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339(EventTime::max()), "9999-12-31T23:59:59.999999Z");
}

TEST(FormatRfc3339, IsReadBackAcrossTheWholeRange) {
  const std::int64_t step = 86'400'000'000 * 97 + 12'345'678'901;
  for (std::int64_t us = 0; us < 7'289'654'400'000'000; us += step) {
    EXPECT_EQ(parsed(format_rfc3339({us})).us, us);
  }
}

TEST(FormatClock, IsForSentences) {
  EXPECT_EQ(format_clock({kAfternoon}), "14:05 UTC");
  EXPECT_EQ(format_clock({kAfternoon + 59'999'999}), "14:05 UTC");
  EXPECT_EQ(format_clock({kAfternoon}, true), "2 Mar 14:05 UTC");
  EXPECT_EQ(format_clock(parsed("2026-12-31T00:00:00Z"), true), "31 Dec 00:00 UTC");
}

TEST(FloorTo, HoldsBefore1970) {
  EXPECT_EQ(floor_to({kAfternoon + 7'000'000}, seconds(5)).us, kAfternoon + 5'000'000);
  EXPECT_EQ(floor_to({kAfternoon}, seconds(5)).us, kAfternoon);
  EXPECT_EQ(floor_to({-1}, seconds(5)).us, -5'000'000);
  EXPECT_EQ(floor_to({-5'000'000}, seconds(5)).us, -5'000'000);
}

}  // namespace
}  // namespace costdrift::core
