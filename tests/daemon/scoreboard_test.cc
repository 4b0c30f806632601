#include "daemon/demo/scoreboard.h"

#include <gtest/gtest.h>

namespace costdrift::daemon::demo {
namespace {

constexpr core::EventTime kMorning{1'772'700'600'000'000};

core::EventTime at(std::int64_t minutes) { return kMorning + core::minutes(minutes); }

PlayedIncident played(const std::string& app, const std::string& detector, std::int64_t from, std::int64_t to) {
  Incident incident;
  incident.title = "what happens to " + app;
  incident.app = app;
  incident.detector = detector;
  return {incident, at(from), at(to), core::from_usd(40)};
}

AlertFacts alert(const std::string& id, const std::string& app, const std::string& detector, std::int64_t onset) {
  AlertFacts facts;
  facts.incident_id = id;
  facts.version = 1;
  facts.status = "firing";
  facts.severity = "warning";
  facts.detector = detector;
  facts.app = app;
  facts.onset_earliest = at(onset - 1);
  facts.onset_latest = at(onset + 1);
  facts.detected_at = at(onset + 5);
  facts.usd_per_hour = 18.0;
  facts.summary = "summary of " + id;
  return facts;
}

class ScoreboardTest : public ::testing::Test {
 protected:
  const std::vector<PlayedIncident> incidents_ = {played("desk", "prompt_growth", 0, 120),
                                                  played("shop", "retry_rate", 60, 180)};
};

TEST_F(ScoreboardTest, PassesWhenEveryIncidentIsPagedAndNothingElse) {
  const Score result =
      score(incidents_, {alert("a", "desk", "prompt_growth", 0), alert("b", "shop", "retry_rate", 62)});
  EXPECT_TRUE(result.passed());
  EXPECT_EQ(result.alerted(), 2);
  EXPECT_EQ(result.incidents[0].delay, core::minutes(5));
  EXPECT_EQ(result.incidents[1].delay, core::minutes(7));
  EXPECT_EQ(result.incidents[0].stated_usd_per_hour, 18.0);
  EXPECT_DOUBLE_EQ(result.incidents[0].true_usd_per_hour, 20);
  EXPECT_NE(to_text(result).find("2 of 2 incidents alerted, 0 false pages, slowest 7"), std::string::npos)
      << to_text(result);
}

TEST_F(ScoreboardTest, MissesAnIncidentWithoutAPage) {
  const Score result = score(incidents_, {alert("a", "desk", "prompt_growth", 0)});
  EXPECT_FALSE(result.passed());
  EXPECT_FALSE(result.incidents[1].alerted);
  EXPECT_NE(to_text(result).find("NO ALERT"), std::string::npos);
  EXPECT_NE(to_text(result).find("1 of 2 incidents alerted"), std::string::npos);
  EXPECT_FALSE(score(incidents_, {}).passed());
}

TEST_F(ScoreboardTest, CountsATicketAsNoPage) {
  AlertFacts ticket = alert("a", "desk", "prompt_growth", 0);
  ticket.severity = "info";
  const Score result = score(incidents_, {ticket});
  EXPECT_EQ(result.alerted(), 0);
  EXPECT_EQ(result.tickets, 1);
  EXPECT_TRUE(result.false_pages.empty());
}

TEST_F(ScoreboardTest, TakesTheDelayFromTheVersionThatBecameAPage) {
  AlertFacts ticket = alert("a", "desk", "prompt_growth", 0);
  ticket.severity = "info";
  AlertFacts page = alert("a", "desk", "prompt_growth", 0);
  page.version = 2;
  page.detected_at = at(30);
  const Score result = score(incidents_, {page, ticket});
  EXPECT_EQ(result.incidents[0].delay, core::minutes(30));
  EXPECT_EQ(result.tickets, 0);
}

TEST_F(ScoreboardTest, AcceptsTheKindAmongTheOthersThatSeeIt) {
  AlertFacts page = alert("a", "shop", "spend", 61);
  EXPECT_FALSE(score(incidents_, {page}).incidents[1].alerted);
  EXPECT_EQ(score(incidents_, {page}).further_pages.size(), 1u);
  page.also = {"output_growth", "retry_rate"};
  EXPECT_TRUE(score(incidents_, {page}).incidents[1].alerted);
}

TEST_F(ScoreboardTest, CallsAPageFalseWhenAppOrTimeIsWrong) {
  EXPECT_EQ(score(incidents_, {alert("a", "web", "prompt_growth", 10)}).false_pages.size(), 1u);
  EXPECT_EQ(score(incidents_, {alert("a", "", "prompt_growth", 10)}).false_pages.size(), 1u);
  EXPECT_EQ(score(incidents_, {alert("a", "desk", "prompt_growth", -10)}).false_pages.size(), 1u);
  EXPECT_EQ(score(incidents_, {alert("a", "desk", "prompt_growth", 130)}).false_pages.size(), 1u);
  const Score result = score(incidents_, {alert("a", "desk", "prompt_growth", 0), alert("b", "shop", "retry_rate", 62),
                                          alert("c", "web", "spend", 10)});
  EXPECT_EQ(result.alerted(), 2);
  EXPECT_FALSE(result.passed());
  EXPECT_NE(to_text(result).find("false page:   summary of c"), std::string::npos);
}

TEST_F(ScoreboardTest, CountsTheVersionsOfOneIncidentOnceAndStatesTheLastRate) {
  AlertFacts update = alert("a", "desk", "prompt_growth", 0);
  update.version = 2;
  update.status = "updated";
  update.usd_per_hour = 21.0;
  AlertFacts resolved = update;
  resolved.version = 3;
  resolved.status = "resolved";
  resolved.usd_per_hour = 3.0;
  const Score result = score(incidents_, {resolved, update, alert("a", "desk", "prompt_growth", 0)});
  EXPECT_EQ(result.incidents[0].stated_usd_per_hour, 21.0);
  EXPECT_TRUE(result.further_pages.empty());
}

TEST(ReadAlert, ReadsTheWebhookBody) {
  const auto facts = read_alert(R"({"type":"alert.firing","timestamp":"2026-03-05T09:14:00Z","data":{
    "incident_id":"ab","version":2,"status":"updated","detector":"spend","severity":"critical",
    "labels":{"app":"desk","model":"gpt-4o"},"onset":"2026-03-05T09:10:00Z","onset_earliest":"2026-03-05T09:09:00Z",
    "onset_latest":"2026-03-05T09:11:00Z","detected_at":"2026-03-05T09:14:00Z","usd":{"per_hour":38.5},
    "also":[{"detector":"prompt_growth"}],"summary":"s"}})");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->incident_id, "ab");
  EXPECT_EQ(facts->version, 2);
  EXPECT_EQ(facts->app, "desk");
  EXPECT_EQ(facts->also, std::vector<std::string>{"prompt_growth"});
  EXPECT_EQ(facts->usd_per_hour, 38.5);
  EXPECT_EQ(facts->detected_at - facts->onset_earliest, core::minutes(5));
}

TEST(ReadAlert, RejectsWhatIsNoAlert) {
  EXPECT_FALSE(read_alert("no JSON"));
  EXPECT_FALSE(read_alert(R"({"type":"ping"})"));
  EXPECT_FALSE(read_alert(R"({"data":{"incident_id":"ab"}})"));
}

}  // namespace
}  // namespace costdrift::daemon::demo
