#include "sinks/slack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "tests/support/fake_clock.h"
#include "tests/support/sink_setup.h"

namespace costdrift::sinks {
namespace {

using Json = nlohmann::json;

class SlackTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = slack_spec.make(tests::default_values(slack_spec, files_), {&http_, &clock_, "costdrift:host-1"});
    ASSERT_TRUE(made) << made.error().message;
    sink_ = std::move(*made);
  }
  Outcome deliver(core::AlertEvent event) { return sink_->deliver(tests::notification_of(std::move(event))); }
  Json sent(std::size_t i) const { return Json::parse(http_.requests.at(i).body); }

  tests::SecretFiles files_;
  tests::FakeClock clock_;
  tests::ScriptedHttp http_;
  std::unique_ptr<Sink> sink_;
};

std::size_t code_points(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

TEST_F(SlackTest, ResendsARefusedLayoutAsItsTextAlone) {
  http_.replies = {tests::http_reply(400, "invalid_blocks"), tests::http_reply(200, "ok")};
  EXPECT_TRUE(std::holds_alternative<Delivered>(deliver(tests::sample_alert(core::AlertStatus::firing))));
  EXPECT_TRUE(sent(0).contains("blocks"));
  EXPECT_FALSE(sent(1).contains("blocks"));
  EXPECT_EQ(sent(0)["text"], sent(1)["text"]);
}

TEST_F(SlackTest, A200WithoutOkIsNotADelivery) {
  http_.replies = {tests::http_reply(200, "<html>log in</html>")};
  const Outcome outcome = deliver(tests::sample_alert(core::AlertStatus::firing));
  ASSERT_TRUE(std::holds_alternative<Rejected>(outcome));
  EXPECT_EQ(std::get<Rejected>(outcome).reason.find("html"), std::string::npos);
  http_.replies = {tests::http_reply(200, "ok\n")};
  EXPECT_TRUE(std::holds_alternative<Delivered>(deliver(tests::sample_alert(core::AlertStatus::firing))));
}

TEST_F(SlackTest, TellsSlacksOwnWordForTheError) {
  http_.replies = {tests::http_reply(410, "channel_is_archived")};
  const Outcome outcome = deliver(tests::sample_alert(core::AlertStatus::firing));
  EXPECT_EQ(std::get<Rejected>(outcome).reason,
            "Slack answered HTTP 410 (channel_is_archived): the address was removed for good: create a new one and put "
            "it into webhook_url_file, or remove the sink");
}

TEST_F(SlackTest, KeepsWithinSlacksLimitsWhateverTheNames) {
  core::AlertEvent event = tests::hostile_alert();
  event.drivers.assign(20, {core::Dimension::use_case, std::string(5000, '&'), 0.05});
  event.also.assign(20, {std::string(5000, '<'), event.onset, std::string(5000, '>'), "unit", 1, 2, 1, 3});
  event.summary = std::string(5000, '&');
  event.quiet_if = std::string(5000, '<');
  event.replay_command = std::string(5000, '&');
  deliver(event);
  const Json body = sent(0);
  EXPECT_LE(body["blocks"].size(), 50u);
  for (const Json& block : body["blocks"]) {
    if (block["type"] == "header") {
      EXPECT_LE(code_points(block["text"]["text"]), 150u);
    } else if (block.contains("text")) {
      EXPECT_LE(block["text"]["text"].get<std::string>().size(), 3000u);
    }
    if (!block.contains("fields")) continue;
    EXPECT_LE(block["fields"].size(), 10u);
    for (const Json& field : block["fields"]) EXPECT_LE(field["text"].get<std::string>().size(), 2000u);
  }
}

TEST_F(SlackTest, LetsNoNameMentionOrLink) {
  deliver(tests::hostile_alert());
  const std::string body = http_.requests.at(0).body;
  const Json message = sent(0);
  for (const Json& block : message["blocks"]) {
    const std::string text = block.dump();
    if (block["type"] == "header") continue;  // plain text: Slack reads no markup in it
    EXPECT_EQ(text.find("<!channel>"), std::string::npos) << text;
    EXPECT_EQ(text.find("<@U012345>"), std::string::npos) << text;
    EXPECT_EQ(text.find("<https://evil"), std::string::npos) << text;
  }
  EXPECT_EQ(body.find("javascript:"), std::string::npos);
}

TEST(EscapeMrkdwn, EscapesThreeCharactersOnly) {
  EXPECT_EQ(escape_mrkdwn("a<b>&\"c\"*d*", 100), "a&lt;b&gt;&amp;\"c\"*d*");
}

TEST(EscapeMrkdwn, CutsBetweenEntitiesAndCodePoints) {
  EXPECT_EQ(escape_mrkdwn("&&&", 15), "&amp;&amp;&amp;");
  EXPECT_EQ(escape_mrkdwn("&&&", 14), "&amp;&amp;…");
  EXPECT_EQ(escape_mrkdwn("ééééé", 9), "ééé…");
  EXPECT_EQ(escape_mrkdwn("", 5), "");
  for (std::size_t limit = 3; limit < 40; ++limit) {
    const std::string cut = escape_mrkdwn("a<é&>ü<b>&&ö>>", limit);
    EXPECT_LE(cut.size(), limit);
    EXPECT_TRUE(core::is_valid_utf8(cut)) << cut;
  }
}

}  // namespace
}  // namespace costdrift::sinks
