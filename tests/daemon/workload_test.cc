// The demo's traffic is what its header says: distributions, incidents, what they cost, and the same bytes every time.
#include "daemon/demo/workload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace costdrift::daemon::embedded {
extern const std::string_view shipped_prices;
}

namespace costdrift::daemon::demo {
namespace {

std::vector<Incident> shipped_incidents() { return *parse_incident_script(shipped_incident_script()); }

std::vector<std::string> lines_of(const WorkloadOptions& options, std::vector<Incident> incidents) {
  Workload workload(options, std::move(incidents));
  std::vector<EventBatch> batches(static_cast<std::size_t>(options.partitions));
  while (!workload.finished()) workload.generate_until(workload.now() + core::minutes(10), batches);
  std::vector<std::string> lines;
  for (const EventBatch& batch : batches) {
    for (std::size_t i = 0; i < batch.size(); ++i) lines.emplace_back(batch.event(i));
  }
  return lines;
}

// The text behind "key":" of an event, as it stands there.
std::string value_of(const std::string& line, const std::string& key) {
  const auto begin = line.find("\"" + key + "\":\"") + key.size() + 4;
  return line.substr(begin, line.find('"', begin) - begin);
}

WorkloadOptions small(std::uint64_t seed = 1) {
  WorkloadOptions options;
  options.history_days = 1;
  options.volume = 0.003;
  options.seed = seed;
  return options;
}

TEST(Workload, IsTheSameBytesForTheSameSeedAndOthersForAnother) {
  EXPECT_EQ(lines_of(small(), shipped_incidents()), lines_of(small(), shipped_incidents()));
  EXPECT_NE(lines_of(small(1), {}), lines_of(small(2), {}));
}

TEST(Workload, DoesNotDependOnTheStepsInWhichItIsTaken) {
  Workload workload(small(), shipped_incidents());
  std::vector<EventBatch> batches(4);
  workload.generate_until(workload.end() + core::days(1), batches);
  EXPECT_TRUE(workload.finished());
  std::vector<std::string> lines;
  for (const EventBatch& batch : batches) {
    for (std::size_t i = 0; i < batch.size(); ++i) lines.emplace_back(batch.event(i));
  }
  EXPECT_EQ(lines, lines_of(small(), shipped_incidents()));
}

TEST(Workload, OrdersEachPartitionByTimeAndStopsAtTheTimeAsked) {
  Workload workload(small(), shipped_incidents());
  std::vector<EventBatch> batches(4);
  workload.generate_until(workload.start() + core::hours(12), batches);
  for (const EventBatch& batch : batches) {
    ASSERT_GT(batch.size(), 30u);
    std::string last;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::string ts = nlohmann::json::parse(batch.event(i))["ts"];
      EXPECT_LE(last, ts);
      EXPECT_LT(ts, "2026-03-02T12:00:00");
      last = ts;
    }
  }
}

TEST(Workload, WritesCompleteCanonicalEventsWithUniqueIds) {
  std::set<std::string> ids, apps;
  for (const std::string& line : lines_of(small(), shipped_incidents())) {
    const auto event = nlohmann::json::parse(line);
    EXPECT_TRUE(ids.insert(event.at("event_id")).second);
    apps.insert(event.at("app"));
    EXPECT_TRUE(event.contains("model") && event.contains("team") && event.contains("owner")) << line;
    if (event.at("status") == "ok") {
      EXPECT_GT(event.at("input_tokens"), 0) << line;
      EXPECT_LE(event.value("cache_read_tokens", 0), event.at("input_tokens")) << line;
    }
    EXPECT_LT(line.size(), 600u);
  }
  EXPECT_EQ(apps.size(), all_apps().size());
}

TEST(Workload, MovesNoOtherApplicationByAnIncident) {
  const auto by_app = [](std::vector<Incident> incidents) {
    std::map<std::string, std::vector<std::string>> calls;
    for (std::string line : lines_of(small(), std::move(incidents))) {
      const std::string app = value_of(line, "app");
      for (const char* numbered : {"event_id", "trace_id"}) {
        const std::string value = value_of(line, numbered);
        line.erase(line.find(value), value.size());
      }

      calls[app].push_back(std::move(line));
    }
    for (auto& [app, lines] : calls) std::sort(lines.begin(), lines.end());
    return calls;
  };
  auto with = by_app({shipped_incidents().front()});
  auto without = by_app({});
  EXPECT_NE(with["support-bot"], without["support-bot"]);
  with.erase("support-bot");
  without.erase("support-bot");
  EXPECT_EQ(with, without);
}

TEST(Workload, HasTheVolumeOfItsHeader) {
  WorkloadOptions options;
  options.volume = 0.05;
  Workload workload(options, {});
  std::vector<EventBatch> batches(4);
  workload.generate_until(workload.start() + core::hours(10), batches);
  const std::int64_t before = workload.events();
  workload.generate_until(workload.start() + core::hours(16), batches);
  const double per_second = static_cast<double>(workload.events() - before) / (6 * 3600) / options.volume;
  EXPECT_GT(per_second, 12);
  EXPECT_LT(per_second, 20);
}

TEST(Workload, EveryIncidentCostsMoreThanFifteenDollarsAnHour) {
  WorkloadOptions options;
  options.history_days = 0;
  options.volume = 0.1;
  Workload workload(options, shipped_incidents());
  std::vector<EventBatch> batches(4);
  workload.generate_until(workload.end(), batches);
  ASSERT_EQ(workload.incidents().size(), 6u);
  for (const PlayedIncident& played : workload.incidents()) {
    const double volume = played.incident.change.endless_run ? 1 : options.volume;  // one run is one run
    const double per_hour = core::to_usd(played.extra) / core::to_hours(played.to - played.from) / volume;
    EXPECT_GT(per_hour, 15) << played.incident.title;
    EXPECT_LT(per_hour, 150) << played.incident.title;
  }
}

TEST(WeeklyLevel, IsLowAtNightAndAtTheWeekend) {
  const core::EventTime monday = WorkloadOptions().start;
  const double noon = weekly_level(DayShape::office, monday + core::hours(11));
  EXPECT_DOUBLE_EQ(noon, 1);
  EXPECT_LT(weekly_level(DayShape::office, monday + core::hours(3)), 0.2);
  EXPECT_LT(weekly_level(DayShape::office, monday + core::days(5) + core::hours(11)), 0.5);
  EXPECT_DOUBLE_EQ(weekly_level(DayShape::office, monday + core::days(7) + core::hours(11)), noon);
}

TEST(Models, CostWhatTheShippedPriceListSays) {
  const auto prices = nlohmann::json::parse(embedded::shipped_prices);
  for (const Model& model : all_models()) {
    const auto& listed = prices.at(std::string(model.name));
    EXPECT_NEAR(listed.at("input_cost_per_token").get<double>() * 1e9, static_cast<double>(model.input), 1e-6);
    EXPECT_NEAR(listed.at("cache_read_input_token_cost").get<double>() * 1e9, static_cast<double>(model.cache_read),
                1e-6);
    EXPECT_NEAR(listed.at("output_cost_per_token").get<double>() * 1e9, static_cast<double>(model.output), 1e-6);
  }
}

}  // namespace
}  // namespace costdrift::daemon::demo
