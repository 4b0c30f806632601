// Ten thousand incidents at once: every one is in the book and in the API, and no sink is told of more than a person
// can read.
#include <gtest/gtest.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "daemon/http/api_json.h"
#include "daemon/incidents/incident_book.h"
#include "tests/daemon/finding_support.h"
#include "tests/support/delivery_bench.h"

namespace costdrift::tests {
namespace {

constexpr int kIncidents = 10'000;
constexpr int kMinutes = 10;
constexpr int kLimit = 20;

core::Finding finding_of(int number) {
  core::Finding finding = daemon::test_support::prompt_finding();
  finding.series = core::SeriesKey::of(
      {{core::Dimension::app, "app-" + std::to_string(number)}, {core::Dimension::model, "gpt-4o"}});
  return finding;
}

TEST(Storm, TenThousandIncidentsAreInTheApiAndInAFewMessages) {
  auto store = std::move(*state::Store::open("book", {.sync = false, .in_memory = true}));
  const config::Settings settings = daemon::test_support::page_settings();
  daemon::IncidentBook book(settings, *store);
  ASSERT_TRUE(book.load(core::EventTime::min()));
  DeliveryBench bench(kLimit);
  bench.start({"finops", "slack", core::seconds(1), 3}, {"oncall", "pagerduty", core::seconds(1), 10});
  for (int i = 0; i < kIncidents; ++i) {
    for (const auto& event : book.apply(finding_of(i))) {
      bench.want("finops", event.incident_id, event.version);
      bench.want("oncall", event.incident_id, event.version);
    }
  }
  for (int second = 0; second < kMinutes * 60; ++second) ASSERT_TRUE(bench.advance(core::seconds(1)));
  for (const char* sink : {"finops", "oncall"}) {
    const std::size_t messages = bench.record(sink).told().size();
    std::printf("%s: %d incidents in %zu messages within %d minutes\n", sink, kIncidents, messages, kMinutes);
    EXPECT_LE(messages, static_cast<std::size_t>(kLimit + kMinutes));
    EXPECT_EQ(bench.statistics(sink).pending, 0);
  }
  daemon::ApiSnapshot snapshot;
  snapshot.incidents = std::make_shared<const std::vector<core::AlertEvent>>(
      book.newest(static_cast<std::size_t>(settings.limits.max_incidents_kept)));
  const auto document = nlohmann::json::parse(daemon::alerts_json(snapshot, daemon::AlertFilter::all, kIncidents));
  EXPECT_EQ(document["alerts"].size(), static_cast<std::size_t>(kIncidents));
}

}  // namespace
}  // namespace costdrift::tests
