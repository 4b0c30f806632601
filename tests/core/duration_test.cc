#include <gtest/gtest.h>

#include "core/time.h"

namespace costdrift::core {
namespace {

TEST(ParseDuration, ReadsUnitsAndSums) {
  const std::pair<const char*, Duration> cases[] = {
      {"90s", seconds(90)},
      {"15m", minutes(15)},
      {"2h", hours(2)},
      {"7d", days(7)},
      {"250ms", milliseconds(250)},
      {"40us", microseconds(40)},
      {"1h30m", minutes(90)},
      {"1d12h", hours(36)},
      {"1m5ms", {60'005'000}},
      {"0s", {}},
      {"-5m", minutes(-5)},
      {"007s", seconds(7)},
      {"1d1h1m1s1ms1us", {90'061'001'001}},
      {"9223372036854775807us", {std::numeric_limits<std::int64_t>::max()}}};
  for (const auto& [text, expected] : cases) {
    const auto duration = parse_duration(text);
    ASSERT_TRUE(duration) << text;
    EXPECT_EQ(duration->us, expected.us) << text;
  }
}

TEST(ParseDuration, RejectsWhatIsNotClear) {
  for (const char* text : {"",
                           "-",
                           "s",
                           "5",
                           "0",
                           "1.5h",
                           "15 m",
                           " 15m",
                           "15m ",
                           "15M",
                           "15min",
                           "m15",
                           "30m1h",
                           "5m5m",
                           "1h30",
                           "--5m",
                           "1h-5m",
                           "+5m",
                           "5w",
                           "9223372036854775808us",
                           "9223372036855s",
                           "99999999999999999999s",
                           "106751992d",
                           "106751991d24h"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(ParseDuration, ErrorSaysHowToWriteIt) {
  const auto duration = parse_duration("15 minutes");
  ASSERT_FALSE(duration);
  EXPECT_EQ(duration.error().code, ErrorCode::bad_data);
  EXPECT_NE(duration.error().message.find("\"15 minutes\""), std::string::npos);
  EXPECT_NE(duration.error().message.find("1h30m"), std::string::npos);
}

TEST(FormatDuration, IsShortAndExact) {
  const std::pair<Duration, const char*> cases[] = {
      {{}, "0s"},
      {seconds(90), "90s"},
      {hours(2), "2h"},
      {hours(24), "1d"},
      {hours(36), "1d12h"},
      {seconds(3601), "1h1s"},
      {minutes(150), "2h30m"},
      {days(400), "400d"},
      {milliseconds(250), "250ms"},
      {milliseconds(1500), "1s500ms"},
      {microseconds(7), "7us"},
      {minutes(-15), "-15m"},
  };
  for (const auto& [duration, text] : cases) EXPECT_EQ(format_duration(duration), text);
}

TEST(FormatDuration, IsReadBack) {
  for (std::int64_t us = 1; us < std::int64_t{1} << 60; us = us * 3 + 1) {
    for (const std::int64_t value : {us, -us, us / 1000 * 1000, us / 60'000'000 * 60'000'000}) {
      const auto back = parse_duration(format_duration({value}));
      ASSERT_TRUE(back) << format_duration({value});
      EXPECT_EQ(back->us, value);
    }
  }
}

TEST(DescribeDuration, RoundsToTwoDigitsAndTheRightUnit) {
  const std::pair<Duration, const char*> cases[] = {
      {{}, "0 s"},
      {milliseconds(250), "250 ms"},
      {microseconds(999'700), "1 s"},
      {seconds(12), "12 s"},
      {milliseconds(59'700), "1 min"},
      {seconds(252), "4.2 min"},
      {seconds(3590), "1 h"},
      {minutes(186), "3.1 h"},
      {hours(36), "36 h"},
      {hours(60), "2.5 d"},
      {days(31), "31 d"},
      {seconds(-252), "-4.2 min"},
  };
  for (const auto& [duration, text] : cases) EXPECT_EQ(describe_duration(duration), text);
}

}  // namespace
}  // namespace costdrift::core
