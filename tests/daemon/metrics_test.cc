#include "daemon/http/metrics.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/places.h"
#include "tests/support/sample_snapshot.h"

namespace costdrift::daemon {
namespace {

std::string rendered(const ApiSnapshot& snapshot) { return render_metrics(snapshot, core::milliseconds(250)); }

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

// Name -> "type: help", as the page says.
std::map<std::string, std::string> described(const std::string& text) {
  std::map<std::string, std::string> help, result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, std::regex("# HELP (\\S+) (.*)"))) help[match[1]] = match[2];
    if (std::regex_match(line, match, std::regex("# TYPE (\\S+) (.*)"))) {
      result[match[1]] = std::string(match[2]) + ": " + help[match[1]];
    }
  }
  return result;
}

TEST(Metrics, CountsEventsPerTopic) {
  const std::string text = rendered(tests::sample_snapshot());
  EXPECT_TRUE(has_line(text, "costdrift_events_consumed_total{topic=\"llm.usage\"} 2585494"));
  EXPECT_TRUE(has_line(text, "costdrift_events_accepted_total{topic=\"llm.usage\"} 2585450"));
  EXPECT_TRUE(has_line(text, "costdrift_events_rejected_total{topic=\"llm.usage\",reason=\"malformed\"} 4"));
  EXPECT_TRUE(has_line(text, "costdrift_events_duplicate_total{topic=\"llm.usage\"} 24"));
  EXPECT_TRUE(has_line(text, "costdrift_events_late_total{topic=\"llm.usage\",action=\"ledger_only\"} 6"));
}

TEST(Metrics, CountsOnlyOpenIncidentsAsActive) {
  const std::string text = rendered(tests::sample_snapshot());
  EXPECT_TRUE(has_line(text, "costdrift_alerts_active{detector=\"prompt_growth\",severity=\"warning\"} 1"));
  EXPECT_TRUE(has_line(text, "costdrift_alerts_active{detector=\"retry_rate\",severity=\"critical\"} 1"));
  EXPECT_EQ(text.find("cache_hit_rate"), std::string::npos);
}

TEST(Metrics, CountsWhatOnlyShadowDetectorsSee) {
  ApiSnapshot snapshot = tests::sample_snapshot();
  auto with = *snapshot.incidents;
  with.push_back(tests::sample_alert());
  with.back().incident_id = "ffffffffffffffffffffffffffffffff";
  with.back().detector = "latency";
  with.back().severity = core::Severity::info;
  snapshot.shadow = std::make_shared<const std::vector<core::AlertEvent>>(with);
  const std::string line = "costdrift_shadow_alerts_active{detector=\"latency\",severity=\"info\"} 1";
  EXPECT_TRUE(has_line(rendered(snapshot), line));
  EXPECT_FALSE(has_line(rendered(tests::sample_snapshot()), line));
}

TEST(Metrics, TellsAttemptsFailuresAndWaitingPerSink) {
  const std::string text = rendered(tests::sample_snapshot());
  EXPECT_TRUE(has_line(text, "costdrift_notifications_total{sink=\"ledger\"} 16"));
  EXPECT_TRUE(has_line(text, "costdrift_notifications_failed_total{sink=\"ledger\",reason=\"temporary\"} 6"));
  EXPECT_TRUE(has_line(text, "costdrift_notifications_failed_total{sink=\"ledger\",reason=\"rejected\"} 1"));
  EXPECT_TRUE(has_line(text, "costdrift_outbox_size{sink=\"ledger\"} 2"));
}

TEST(Metrics, KeepsMoneyTokensAndTimesExact) {
  const std::string text = rendered(tests::sample_snapshot());
  EXPECT_TRUE(has_line(text, "costdrift_cost_usd_total{cost_source=\"computed\"} 8310.25"));
  EXPECT_TRUE(has_line(text, "costdrift_tokens_total{type=\"input\"} 4211000123"));
  EXPECT_TRUE(has_line(text, "costdrift_watermark_timestamp_seconds 1772460480"));
  EXPECT_TRUE(has_line(text, "costdrift_heartbeat_age_seconds 0.25"));
}

TEST(Metrics, LeaveOutWhatIsNotKnown) {
  const std::string text = rendered(ApiSnapshot());
  EXPECT_EQ(text.find("\ncostdrift_watermark_timestamp_seconds"), std::string::npos);
  EXPECT_TRUE(has_line(text, "costdrift_ready 0"));
}

TEST(Metrics, EscapeHostileLabels) {
  const std::string text = rendered(tests::hostile_snapshot());
  EXPECT_NE(text.find("{topic=\"a\\\"b\\\\c\\nd\"}"), std::string::npos);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    EXPECT_TRUE(line.starts_with("# ") || line.starts_with("costdrift_"));
}

TEST(Metrics, NeverLabelByAppTeamOrModel) {
  const std::string text = rendered(tests::sample_snapshot());
  std::set<std::string> labels;
  const std::regex label("[{,]([a-z_]+)=\"");
  for (std::sregex_iterator i(text.begin(), text.end(), label), end; i != end; ++i) labels.insert((*i)[1]);
  const std::set<std::string> allowed = {"topic", "partition", "reason", "action",  "cost_source",
                                         "type",  "detector",  "sink",   "version", "severity"};
  EXPECT_EQ(labels, allowed);
}

TEST(Metrics, AreTheOnesThatTheDocumentationLists) {
  std::ifstream file(tests::source_path("docs/METRICS.md"));
  ASSERT_TRUE(file) << "docs/METRICS.md cannot be read";
  std::map<std::string, std::string> documented;
  const std::regex row("\\| `(costdrift_\\w+)` \\| (\\w+) \\|[^|]*\\| (.*) \\|");
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (std::regex_match(line, match, row)) documented[match[1]] = std::string(match[2]) + ": " + std::string(match[3]);
  }
  EXPECT_EQ(documented, described(rendered(tests::sample_snapshot())));
}

}  // namespace
}  // namespace costdrift::daemon
