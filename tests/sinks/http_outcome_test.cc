#include "sinks/http_outcome.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/sink_setup.h"

namespace costdrift::sinks {
namespace {

constexpr HttpService kService = {"Pager", "key_file"};

core::Duration wait_of(const std::string& retry_after_header) {
  const tests::FakeClock clock({1'772'460'300'000'000});  // 2026-03-02T14:05:00Z
  return retry_after(tests::http_reply(429, "", {{"retry-after", retry_after_header}}), clock);
}

TEST(RetryAfter, ReadsSecondsAndHttpDates) {
  EXPECT_EQ(wait_of("30"), core::seconds(30));
  EXPECT_EQ(wait_of("Mon, 02 Mar 2026 14:07:00 GMT"), core::minutes(2));
}

TEST(RetryAfter, HoldsTheWaitBetweenOneSecondAndOneHour) {
  EXPECT_EQ(wait_of("0"), core::seconds(1));
  EXPECT_EQ(wait_of("-5"), core::seconds(1));
  EXPECT_EQ(wait_of("86400"), core::hours(1));
  EXPECT_EQ(wait_of("99999999999999999999"), core::hours(1));
  EXPECT_EQ(wait_of("Mon, 02 Mar 2020 14:07:00 GMT"), core::seconds(1));
  EXPECT_EQ(wait_of("Mon, 02 Mar 2099 14:07:00 GMT"), core::hours(1));
}

TEST(RetryAfter, IsZeroWhenAbsentOrUnreadable) {
  EXPECT_EQ(wait_of("soon"), core::Duration{});
  EXPECT_EQ(wait_of("12 parsecs"), core::Duration{});
  const tests::FakeClock clock;
  EXPECT_EQ(retry_after(tests::http_reply(503), clock), core::Duration{});
}

TEST(JudgeReply, SaysInOneSentenceWhatToDo) {
  const tests::FakeClock clock;
  const Outcome outcome = judge_reply(tests::http_reply(401), kService, clock, "bad key");
  EXPECT_EQ(std::get<Rejected>(outcome).reason,
            "Pager answered HTTP 401 (bad key): it refuses costdrift: check the address and the key in key_file, and "
            "that they were not revoked");
}

TEST(JudgeReply, NamesTheServiceWhenNothingAnswers) {
  const tests::FakeClock clock;
  HttpReply reply;
  reply.transport_error = "no answer from pager.example: Timeout was reached";
  const Outcome outcome = judge_reply(reply, kService, clock);
  EXPECT_EQ(std::get<Retry>(outcome).reason, "Pager: no answer from pager.example: Timeout was reached");
}

TEST(SafeDetail, DropsTextThatHoldsAPartOfTheSecret) {
  EXPECT_EQ(safe_detail("key 'abcdefgh' is unknown", "123abcdefgh456"), "");
  EXPECT_EQ(safe_detail("key is unknown", "123abcdefgh456"), "key is unknown");
}

TEST(SafeDetail, IsOneHarmlessLine) {
  EXPECT_EQ(safe_detail("a\nb", ""), "a\\x0ab");
  EXPECT_LE(safe_detail(std::string(5000, 'x'), "").size(), 200u);
}

}  // namespace
}  // namespace costdrift::sinks
