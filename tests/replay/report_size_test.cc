// A report of many incidents stays a file that can be mailed and opened.
#include <gtest/gtest.h>

#include "replay/report_html.h"
#include "tests/replay/told_support.h"

namespace costdrift::replay {
namespace {

constexpr int kApps = 20, kDays = 14, kIncidents = 200;

core::SeriesKey series_of(int app) {
  return core::SeriesKey::of({{core::Dimension::app, "app-" + std::to_string(app)},
                              {core::Dimension::model, "gpt-4o-2024-08-06"},
                              {core::Dimension::team, "customer-experience"},
                              {core::Dimension::provider, "openai"}});
}

// Two weeks of calls of twenty applications, no two quarters of an hour alike.
SeriesCurves two_weeks() {
  SeriesCurves curves;
  for (int app = 0; app < kApps; ++app) {
    for (int quarter = 0; quarter < kDays * 24 * 4; ++quarter) {
      core::BucketSummary summary;
      summary.totals.calls = 100 + (quarter * 7 + app) % 31;
      summary.totals.attempts = summary.totals.calls;
      summary.totals.retries = quarter % 13;
      summary.totals.output_tokens = 60'000 + (quarter * 6007) % 1009;
      summary.totals.input_tokens = summary.totals.calls * 2000 + (quarter * 7919 + app) % 10'007;
      summary.totals.cost = {summary.totals.input_tokens * 1237};
      const auto start = test_support::at(0, quarter * 15);
      curves.on_bucket(series_of(app), {.start = start, .end = start + core::minutes(15), .summary = &summary}, {});
    }
  }
  return curves;
}

core::AlertEvent incident(int i) {
  const char* detectors[] = {"prompt_growth", "retry_rate", "spend", "output_growth"};
  core::AlertEvent event =
      test_support::told("0123456789abcdef01234567" + std::to_string(10'000'000 + i), "app",
                         test_support::at(48 + (i * 53) % (kDays * 24 - 72), i % 60),
                         i % 3 == 0 ? core::Severity::critical : core::Severity::warning, 10 + i * 1.37);
  event.detector = detectors[i % 4];
  event.quantity = "input tokens per call";
  event.unit = "tokens/call";
  event.expected = 1980.5;
  event.observed = 2592.25;
  event.series = series_of(i % kApps);
  event.labels = event.series.labels();
  event.resolved_at = event.updated_at + core::hours(5);
  event.summary = "app-" + std::to_string(i % kApps) +
                  " / gpt-4o-2024-08-06: input tokens per call 2,592, expected 1,980 (+31 %) since 14:05 UTC; $38 an "
                  "hour, $27k a month at this rate; 94 % of it is use case rag-search";
  for (int driver = 0; driver < 3; ++driver) {
    event.drivers.push_back({.dimension = core::Dimension::use_case, .value = "rag-search", .share = 0.5});
  }
  return event;
}

TEST(SeriesCurvesTest, TheQuantityOfTheAlertOrElseDollarsPerHour) {
  const SeriesCurves curves = two_weeks();
  core::AlertEvent event = incident(0);
  const auto input = curves.of_incident(event);
  ASSERT_TRUE(input);
  EXPECT_EQ(input->quantity, "input tokens per call");
  EXPECT_EQ(input->expected, event.expected);
  EXPECT_NEAR(input->values[10].value_or(0), 2000, 101);
  event.quantity = "retries per attempt";
  EXPECT_LT(curves.of_incident(event)->values[10].value_or(1), 0.2);
  event.quantity = "P95 of latency per call";
  const auto spent = curves.of_incident(event);
  EXPECT_EQ(spent->quantity, "dollars per hour");
  EXPECT_FALSE(spent->expected);
}

TEST(ReportSizeTest, TwoHundredIncidentsStayUnderTwoMegabytes) {
  ReplayReport report;
  for (int i = 0; i < kIncidents; ++i) {
    const auto event = incident(i);
    report.a.incidents.push_back({.first = event, .page = event, .last = event});
    report.a.card.incidents.push_back({});
  }
  const std::string page = to_html(report, two_weeks());
  EXPECT_GT(page.size(), 500u << 10) << "with their charts";
  EXPECT_LT(page.size(), 2u << 20);
}

}  // namespace
}  // namespace costdrift::replay
