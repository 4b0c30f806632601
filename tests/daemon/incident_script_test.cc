#include "daemon/demo/incident_script.h"

#include <gtest/gtest.h>

namespace costdrift::daemon::demo {
namespace {

std::string with_change(const std::string& app, const std::string& change) {
  return "- {title: t, at: \"09:10\", lasts: 2h, app: " + app + ", detector: d, change: " + change + "}\n";
}

std::string complaint(const std::string& text) {
  const auto parsed = parse_incident_script(text);
  return parsed ? "" : parsed.error().message;
}

TEST(IncidentScript, ShippedScriptHoldsTheSixIncidents) {
  const auto incidents = parse_incident_script(shipped_incident_script());
  ASSERT_TRUE(incidents) << incidents.error().message;
  ASSERT_EQ(incidents->size(), 6u);
  const Incident& first = incidents->front();
  EXPECT_EQ(first.app, "support-bot");
  EXPECT_EQ(first.model, "gpt-4o");
  EXPECT_EQ(first.detector, "prompt_growth");
  EXPECT_EQ(first.at, core::hours(9) + core::minutes(10));
  EXPECT_EQ(first.lasts, core::hours(2));
  EXPECT_EQ(first.change.added_input_tokens, 600);
  EXPECT_EQ(first.change.prompt_version, "support-v8");
  EXPECT_FALSE(first.change.retry_share);
  EXPECT_EQ(incidents->back().change.endless_run->every, core::seconds(20));
}

TEST(IncidentScript, NamesTheIncidentAndTheKeyThatIsWrong) {
  const std::string good = with_change("support-bot", "{added_input_tokens: 1}");
  ASSERT_EQ(complaint(good), "");
  EXPECT_NE(complaint(good + with_change("nobody", "{retry_share: 0.1}")).find("incident 2: app:"), std::string::npos);
  EXPECT_NE(complaint(with_change("support-bot", "{tokens: 1}")).find("unknown key \"tokens\""), std::string::npos);
  EXPECT_NE(complaint(with_change("support-bot", "{}")).find("say what changes"), std::string::npos);
  EXPECT_NE(complaint(with_change("support-bot", "{retry_share: 0.2}")).find("retry_share"), std::string::npos);
  EXPECT_NE(complaint(with_change("checkout-assist", "{retry_share: 1.5}")).find("retry_share"), std::string::npos);
  EXPECT_NE(complaint("- {title: t}").find("incident 1: app is missing"), std::string::npos);
}

TEST(IncidentScript, RejectsWhatIsNoScript) {
  EXPECT_NE(complaint("").find("must be a list"), std::string::npos);
  EXPECT_NE(complaint("a: [").find("reading the demo's script of incidents"), std::string::npos);
  EXPECT_NE(complaint("- just text").find("incident 1"), std::string::npos);
  std::string late = with_change("support-bot", "{added_input_tokens: 1}");
  late.replace(late.find("09:10"), 5, "23:10");
  EXPECT_NE(complaint(late).find("ends after midnight"), std::string::npos);
  late.replace(late.find("23:10"), 5, "25:10");
  EXPECT_NE(complaint(late).find("time of day"), std::string::npos);
}

}  // namespace
}  // namespace costdrift::daemon::demo
