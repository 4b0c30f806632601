#include "core/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace costdrift::core {
namespace {

TEST(GroupDigits, GroupsThousands) {
  EXPECT_EQ(group_digits(0), "0");
  EXPECT_EQ(group_digits(999), "999");
  EXPECT_EQ(group_digits(1000), "1,000");
  EXPECT_EQ(group_digits(1'234'567), "1,234,567");
  EXPECT_EQ(group_digits(-999), "-999");
  EXPECT_EQ(group_digits(-123'456), "-123,456");
  EXPECT_EQ(group_digits(std::numeric_limits<std::int64_t>::min()), "-9,223,372,036,854,775,808");
}

TEST(DescribeNumber, ThreeDigitsOrGroupedThousands) {
  const std::pair<double, const char*> cases[] = {
      {0, "0"},         {-0.0, "0"},     {5, "5"},          {2592, "2,592"},     {2591.6, "2,592"},
      {31.4, "31.4"},   {31.44, "31.4"}, {0.052, "0.052"},  {0.05214, "0.0521"}, {999.4, "999"},
      {999.7, "1,000"}, {9.996, "10"},   {-31.44, "-31.4"}, {100, "100"},        {1e-9, "1e-09"},
      {1e20, "1e+20"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(describe_number(value), text) << value;
  EXPECT_EQ(describe_number(std::numeric_limits<double>::infinity()), "unknown");
}

TEST(DescribePercent, TwoDigitsWithSign) {
  const std::pair<double, const char*> cases[] = {
      {0.31, "+31 %"},        {-0.085, "-8.5 %"},      {0, "0 %"},         {0.0004, "0 %"},    {-0.0004, "0 %"},
      {0.004, "+0.4 %"},      {0.08, "+8 %"},          {0.0996, "+10 %"},  {0.994, "+99 %"},   {0.996, "+100 %"},
      {2.14, "+210 %"},       {-0.999, "-100 %"},      {12.3, "+1,200 %"}, {0.0851, "+8.5 %"}, {98, "+9,800 %"},
      {99, "over 100 times"}, {1e9, "over 100 times"},
  };
  for (const auto& [ratio, text] : cases) EXPECT_EQ(describe_percent(ratio), text) << ratio;
  EXPECT_EQ(describe_percent(std::numeric_limits<double>::quiet_NaN()), "unknown");
}

TEST(EscapeForLog, KeepsWhatIsHarmless) {
  EXPECT_EQ(escape_for_log(""), "");
  EXPECT_EQ(escape_for_log("plain \\ text \"quoted\" ~"), "plain \\ text \"quoted\" ~");
  EXPECT_EQ(escape_for_log("Zürich 東京 🚀"), "Zürich 東京 🚀");
}

TEST(EscapeForLog, EscapesControlsAndTricks) {
  using namespace std::string_view_literals;
  EXPECT_EQ(escape_for_log("a\nb\r\t\x1b[0m\x7f"), "a\\x0ab\\x0d\\x09\\x1b[0m\\x7f");
  EXPECT_EQ(escape_for_log("nul\0end"sv), "nul\\x00end");
  EXPECT_EQ(escape_for_log("\u0085\u009b"), "\\xc2\\x85\\xc2\\x9b") << "C1";
  EXPECT_EQ(escape_for_log("\u00a0"), "\u00a0") << "first after C1";
  EXPECT_EQ(escape_for_log("\u2028\u2029"), "\\xe2\\x80\\xa8\\xe2\\x80\\xa9") << "line breaks";
  EXPECT_EQ(escape_for_log("user\u202etxt.exe"), "user\\xe2\\x80\\xaetxt.exe") << "right-to-left override";
  for (const char* bidi : {"\u061c", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"}) {
    EXPECT_EQ(escape_for_log(bidi).find(bidi), std::string::npos);
  }
}

TEST(EscapeForLog, EscapesWhatIsNotUtf8) {
  EXPECT_EQ(escape_for_log("\xff"), "\\xff");
  EXPECT_EQ(escape_for_log("\xc0\xaf"), "\\xc0\\xaf") << "overlong slash";
  EXPECT_EQ(escape_for_log("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "surrogate";
  EXPECT_EQ(escape_for_log("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond U+10FFFF";
  EXPECT_EQ(escape_for_log("ok\xe6\x9d"), "ok\\xe6\\x9d") << "cut short";
  EXPECT_EQ(escape_for_log("\xe6(\x9d"), "\\xe6(\\x9d") << "the byte in between survives";
}

TEST(EscapeForLog, CutsOnACodePointAndNeverExceedsTheLimit) {
  EXPECT_EQ(escape_for_log("abcdefgh", 8), "abcdefgh");
  EXPECT_EQ(escape_for_log("abcdefghi", 8), "abcde...");
  EXPECT_EQ(escape_for_log("東京東京", 10), "東京...") << "6 bytes and the mark";
  EXPECT_EQ(escape_for_log("\x01\x02\x03", 9), "\\x01...") << "an escape is not cut in two";
  EXPECT_EQ(escape_for_log("abcdef", 2), "..");
  EXPECT_EQ(escape_for_log("abcdef", 0), "");
  for (std::size_t limit = 0; limit < 40; ++limit) {
    const std::string out = escape_for_log("a\n東\xff京\u202e🚀 and more text", limit);
    EXPECT_LE(out.size(), limit);
    EXPECT_TRUE(is_valid_utf8(out)) << out;
  }
}

TEST(TruncateCodePoints, CountsCodePoints) {
  EXPECT_EQ(truncate_code_points("東京都", 3), "東京都");
  EXPECT_EQ(truncate_code_points("東京都庁", 3), "東京…");
  EXPECT_EQ(truncate_code_points("abc", 1), "…");
  EXPECT_EQ(truncate_code_points("abc", 0), "");
  EXPECT_EQ(truncate_code_points("", 0), "");
  EXPECT_EQ(truncate_code_points("", 5), "");
  EXPECT_EQ(truncate_code_points("\xff\xff\xff", 2), "\xff…") << "a stray byte counts as one";
}

TEST(IsValidUtf8, IsStrict) {
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8("\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"));
  for (const char* bad : {"\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf5\x80\x80\x80", "\xed\xbf\xbf",
                          "\xc3", "\xf0\x9f\x9a", "abc\xfe"}) {
    EXPECT_FALSE(is_valid_utf8(bad));
  }
}

}  // namespace
}  // namespace costdrift::core
