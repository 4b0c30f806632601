#include "sinks/message.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/sink_setup.h"

namespace costdrift::sinks {
namespace {

std::string fact(const core::AlertEvent& event, const std::string& name) {
  for (const Fact& one : describe(event).facts) {
    if (one.name == name) return one.value;
  }
  return "(none)";
}

core::AlertEvent firing() { return tests::sample_alert(core::AlertStatus::firing); }

TEST(Message, SaysThatMoneyIsUnknownAndNeverZero) {
  core::AlertEvent event = firing();
  event.usd_so_far = event.usd_per_hour = event.usd_per_month = std::nullopt;
  EXPECT_EQ(fact(event, "Money"), "unknown: these calls have no price");
  EXPECT_EQ(fact(event, "Money by cause"), "(none)");
  event.status = core::AlertStatus::resolved;
  EXPECT_EQ(fact(event, "Money"), "unknown: these calls have no price");
}

TEST(Message, LeavesOutAnEffectThatHasNoBase) {
  core::AlertEvent event = firing();
  event.expected = 0;
  EXPECT_EQ(fact(event, "Observed"), "2,592 tokens/call");
  event.expected = 1980;
  event.effect = std::numeric_limits<double>::infinity();
  EXPECT_EQ(fact(event, "Observed"), "2,592 tokens/call");
}

// As the summary above it says it.
TEST(Message, SharesAreReadInPercent) {
  core::AlertEvent event = firing();
  event.unit = "retries/attempt";
  event.expected = 0.0000387;
  event.observed = 0.5;
  event.effect = 12900;
  event.effect_low = event.effect_high = 12900;
  EXPECT_EQ(fact(event, "Observed"), "50 % (over 100 times)");
  EXPECT_EQ(fact(event, "Expected"), "0 %");
}

TEST(Message, WritesDollarsAsDollars) {
  core::AlertEvent event = firing();
  event.unit = "USD/call";
  event.expected = 0.031;
  EXPECT_EQ(fact(event, "Expected"), "$0.031/call");
}

TEST(Message, SplitsMoneyOnlyWhenThereIsMoreThanOneCause) {
  core::AlertEvent event = firing();
  EXPECT_EQ(fact(event, "Money by cause"), "volume $3.00, input $35 an hour");
  event.usd_split[static_cast<int>(core::CostPart::volume)] = 0.1;
  EXPECT_EQ(fact(event, "Money by cause"), "(none)");
}

TEST(Message, SaysWhenNobodyOwnsIt) {
  core::AlertEvent event = firing();
  event.owner_team = event.owner = event.cost_center = "";
  EXPECT_EQ(fact(event, "Owner"), "nobody is named in these events");
}

TEST(Message, SaysWhenNothingExplainsIt) {
  core::AlertEvent event = firing();
  event.drivers.clear();
  EXPECT_EQ(fact(event, "Why"), "no single value of any dimension explains it");
}

TEST(Message, TellsTheWholeStoryOnceItIsOver) {
  const core::AlertEvent event = tests::sample_alert(core::AlertStatus::resolved);
  EXPECT_EQ(describe(event).headline, "RESOLVED: prompt growth on support-bot / gpt-4o");
  EXPECT_EQ(fact(event, "Since"), "2 Mar 14:05 UTC to 2 Mar 16:10 UTC (2.1 h)");
  EXPECT_EQ(fact(event, "Money"), "$41 more than expected in all");
  EXPECT_EQ(fact(event, "Reason"), "back at its baseline");
  EXPECT_EQ(describe(event).next, "Nothing to do.");
}

TEST(Message, SaysAtTheEndWhatBecomesOfThoseThatDriftAlike) {
  core::AlertEvent event = tests::sample_alert(core::AlertStatus::resolved);
  event.elsewhere.incidents = event.elsewhere.inside = 1;
  EXPECT_EQ(describe(event).next, "Nothing to do.");
  event.elsewhere.incidents = 3;
  EXPECT_EQ(describe(event).next, "Nothing to do: what goes on elsewhere for another hour is paged.");
}

TEST(Message, SaysWhichPageTellsOfATicket) {
  core::AlertEvent event = firing();
  event.told_by = {"0123456789abcdef", core::SeriesKey::of({{core::Dimension::app, "search"}})};
  EXPECT_EQ(fact(event, "Told by"), "incident 01234567 on search");
  EXPECT_EQ(describe(event).next, "Answer incident 01234567 on search, whose page tells of this one too.");
}

TEST(Message, CountsTheOtherDetectorsThatItDoesNotList) {
  core::AlertEvent event = firing();
  event.also.assign(8, event.also.front());
  const Message message = describe(event);
  ASSERT_EQ(message.also.size(), 6u);
  EXPECT_EQ(message.also.back(), "and 3 more");
}

TEST(Message, TakesWebLinksOnly) {
  core::AlertEvent event = firing();
  for (const char* url :
       {"javascript:alert(1)", "ftp://x/y", "https://x/a b", "https://x/<b>", "https://x/a|b", "//x"}) {
    event.runbook_url = url;
    EXPECT_EQ(describe(event).runbook_url, "") << url;
  }
}

}  // namespace
}  // namespace costdrift::sinks
