// What must not be accepted, and which reason and words it gets; and its neighbours, which must be.
#include <gtest/gtest.h>

#include "tests/daemon/decode_support.h"
#include "tests/support/hostile_events.h"

namespace costdrift::daemon {
namespace {

using tests::Hostile, tests::many_fields, tests::repeat, tests::with_app;

void expect_rejected(const std::vector<Hostile>& cases) {
  for (const Hostile& hostile : cases) {
    SCOPED_TRACE(hostile.name);
    const Seen seen = decode(hostile.record);
    EXPECT_TRUE(seen.events.empty());
    ASSERT_EQ(seen.reasons.size(), 1U);
    EXPECT_EQ(reject_name(seen.reasons[0]), reject_name(hostile.reason)) << seen.details[0];
    EXPECT_NE(seen.details[0].find(hostile.detail), std::string::npos) << seen.details[0];
    EXPECT_LE(seen.details[0].size(), 200U);
  }
}

TEST(DecodeHostile, BrokenDocumentsAreRejected) { expect_rejected(tests::hostile_documents()); }
TEST(DecodeHostile, BadTimesAndTextsAreRejected) { expect_rejected(tests::hostile_times_and_texts()); }
TEST(DecodeHostile, BadNumbersAreRejected) { expect_rejected(tests::hostile_numbers()); }

TEST(DecodeHostile, TheLimitsThemselvesAreAccepted) {
  const std::vector<std::string> records = {
      event_with(many_fields(124)),
      event_with("\"x\":" + repeat("[", 30) + repeat("]", 30)),
      event_with(R"("schema_version":1)"),
      event_with(R"("schema_version":"1.7")"),
      event_with(R"("ts":1577836800)"),
      event_with(R"("ts":"2200-12-31T23:59:59Z")"),
      with_app(repeat("a", 128)),
      with_app("   " + repeat("a", 128) + "  "),
      with_app("\xC3\xA9t\xC3\xA9 \xF0\x9F\x98\x80 \\u00e9"),
      event_with(R"("input_tokens":1000000000,"output_tokens":0)"),
      event_with(R"("cache_read_tokens":60,"cache_write_tokens":40,"cache_write_1h_tokens":40)"),
      event_with(R"("reasoning_tokens":20)"),
      event_with(R"("cost_usd":1000000)"),
      event_with(R"("latency_ms":86400000,"ttft_ms":0)"),
      event_with(R"("http_status":0,"step":1,"attempt":1)"),
      event_with("\"tags\":{" + many_fields(16) + "}"),
      event_with(R"("tags":{"a":"b","c":null,"d":true})"),
      R"({"ts":1767225602,"model":"m","status":"error"})",
      R"({"ts":1767225602,"model":"m","status":"cancelled","input_tokens":5})",
  };
  for (const std::string& record : records) {
    const Seen seen = decode(record);
    EXPECT_EQ(seen.events.size(), 1U) << record.substr(0, 200);
    EXPECT_TRUE(seen.reasons.empty()) << seen.details[0];
  }
}

TEST(DecodeHostile, DetailsAreOneHarmlessLine) {
  const Seen seen = decode(event_with("\"status\":\"<!channel> \xE2\x82\xAC\xE2\x82\xAC\\\"\""));
  ASSERT_EQ(seen.details.size(), 1U);
  EXPECT_EQ(seen.details[0].find('\n'), std::string::npos);
  const Seen control = decode(event_with("\"ts\":\"a\\nb\\u001b[2J\""));
  ASSERT_EQ(control.details.size(), 1U);
  EXPECT_EQ(control.details[0].find_first_of("\n\x1b"), std::string::npos) << control.details[0];
}

}  // namespace
}  // namespace costdrift::daemon
