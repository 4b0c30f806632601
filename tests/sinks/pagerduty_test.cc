#include "sinks/pagerduty.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/fake_clock.h"
#include "tests/support/sink_setup.h"

namespace costdrift::sinks {
namespace {

using Json = nlohmann::json;

class PagerdutyTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made =
        pagerduty_spec.make(tests::default_values(pagerduty_spec, files_), {&http_, &clock_, "costdrift:host-1"});
    ASSERT_TRUE(made) << made.error().message;
    sink_ = std::move(*made);
    http_.replies = {tests::http_reply(202, R"({"status":"success"})")};
  }
  Outcome deliver(core::AlertEvent event) { return sink_->deliver(tests::notification_of(std::move(event))); }
  Json sent(std::size_t i) const { return Json::parse(http_.requests.at(i).body); }

  tests::SecretFiles files_;
  tests::FakeClock clock_;
  tests::ScriptedHttp http_;
  std::unique_ptr<Sink> sink_;
};

TEST_F(PagerdutyTest, EveryMessageOfAnIncidentMeetsTheSameAlert) {
  for (const auto status : {core::AlertStatus::firing, core::AlertStatus::updated, core::AlertStatus::resolved}) {
    deliver(tests::sample_alert(status));
  }
  const std::string actions[] = {"trigger", "trigger", "resolve"};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(sent(i)["event_action"], actions[i]);
    EXPECT_EQ(sent(i)["dedup_key"], "costdrift/9f2c6a1e4d7b8c309f2c6a1e4d7b8c30");
    EXPECT_EQ(sent(i)["routing_key"], tests::kRoutingKey);
  }
  EXPECT_EQ(sent(2).size(), 3u) << "a resolve has nothing else";
}

TEST_F(PagerdutyTest, ATicketThatAPageTellsOfOpensNothingUntilItIsAPage) {
  core::AlertEvent event = tests::sample_alert(core::AlertStatus::firing);
  event.severity = core::Severity::info;
  event.told_by = {"0123456789abcdef0123456789abcdef", event.series};
  EXPECT_TRUE(std::holds_alternative<Delivered>(deliver(event)));
  EXPECT_TRUE(http_.requests.empty());
  event.told_by.reset();
  event.severity = core::Severity::warning;
  event.status = core::AlertStatus::updated;
  deliver(event);
  EXPECT_EQ(sent(0)["event_action"], "trigger");
}

TEST_F(PagerdutyTest, PassesTheSeverityOn) {
  for (const auto severity : {core::Severity::info, core::Severity::warning, core::Severity::critical}) {
    core::AlertEvent event = tests::sample_alert(core::AlertStatus::firing);
    event.severity = severity;
    deliver(event);
    EXPECT_EQ(sent(http_.requests.size() - 1)["payload"]["severity"], core::severity_name(severity));
  }
}

TEST_F(PagerdutyTest, GroupsByTeamOrElseByApp) {
  core::AlertEvent event = tests::sample_alert(core::AlertStatus::firing);
  deliver(event);
  event.labels = {{core::Dimension::app, "support-bot"}};
  deliver(event);
  EXPECT_EQ(sent(0)["payload"]["group"], "cx");
  EXPECT_EQ(sent(1)["payload"]["group"], "support-bot");
  EXPECT_FALSE(sent(1)["payload"].contains("component")) << "an unknown model is left out";
}

TEST_F(PagerdutyTest, ResendsARefusedEventWithoutItsDetails) {
  http_.replies = {tests::http_reply(400), tests::http_reply(202)};
  EXPECT_TRUE(std::holds_alternative<Delivered>(deliver(tests::sample_alert(core::AlertStatus::firing))));
  EXPECT_TRUE(sent(0)["payload"].contains("custom_details"));
  EXPECT_FALSE(sent(1)["payload"].contains("custom_details"));
}

TEST_F(PagerdutyTest, TellsWhatPagerdutySaysIsWrong) {
  http_.replies = {tests::http_reply(400, R"({"status":"invalid event","message":"Event object is invalid",)"
                                          R"("errors":["Length of 'routing_key' is incorrect"]})")};
  const Outcome outcome = deliver(tests::sample_alert(core::AlertStatus::firing));
  EXPECT_NE(std::get<Rejected>(outcome).reason.find("(Event object is invalid; Length of 'routing_key' is incorrect)"),
            std::string::npos)
      << std::get<Rejected>(outcome).reason;
}

TEST_F(PagerdutyTest, BacksOffAMinuteWhenLimited) {
  http_.replies = {tests::http_reply(429)};
  EXPECT_EQ(std::get<Retry>(deliver(tests::sample_alert(core::AlertStatus::firing))).after, core::minutes(1));
  http_.replies = {tests::http_reply(429, "", {{"retry-after", "300"}})};
  EXPECT_EQ(std::get<Retry>(deliver(tests::sample_alert(core::AlertStatus::firing))).after, core::minutes(5));
}

TEST_F(PagerdutyTest, KeepsWithinPagerdutysLimitsWhateverTheNames) {
  core::AlertEvent event = tests::hostile_alert();
  event.labels.assign(5000, {core::Dimension::use_case, std::string(5000, '"')});
  event.drivers.assign(5000, {core::Dimension::use_case, std::string(5000, '"'), 0.05});
  event.also.assign(5000, {std::string(5000, '"'), event.onset, std::string(5000, '"'), "unit", 1, 2, 1, 3});
  event.replay_command = std::string(600'000, '"');
  deliver(event);
  EXPECT_LE(http_.requests.at(0).body.size(), 512'000u);
  EXPECT_LE(sent(0)["payload"]["summary"].get<std::string>().size(), 1024u);
}

}  // namespace
}  // namespace costdrift::sinks
