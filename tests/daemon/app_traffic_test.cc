// What one application of the demo calls, without and with its incident. The counts are large and the seed is fixed,
// so the tolerances are several standard errors wide and never flake.
#include "daemon/demo/app_traffic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace costdrift::daemon::demo {
namespace {

constexpr core::EventTime kMonday{1'772'409'600'000'000};

PlayedIncident played(const std::string& app, Change change) {
  Incident incident;
  incident.app = app;
  incident.change = std::move(change);
  return {incident, kMonday, kMonday + core::days(1), {}};
}

// All calls of a day; with `incident`, which then lasts the whole day.
std::vector<Call> day_of(std::string_view app, PlayedIncident* incident = nullptr, double volume = 0.5) {
  std::vector<PlayedIncident*> incidents;
  if (incident) incidents.push_back(incident);
  AppTraffic traffic(*find_app(app), incidents, {kMonday, kMonday + core::days(1)}, 7, volume);
  std::vector<Call> calls;
  while (traffic.next_time() < core::EventTime::max()) calls.push_back(traffic.next());
  return calls;
}

double mean(const std::vector<Call>& calls, std::int64_t Call::*field) {
  double sum = 0;
  for (const Call& call : calls) sum += static_cast<double>(call.*field);
  return sum / static_cast<double>(calls.size());
}

std::int64_t cost_of_all(const std::vector<Call>& calls) {
  std::int64_t sum = 0;
  for (const Call& call : calls) sum += cost_of(call);
  return sum;
}

double cost_quantile(const std::vector<Call>& calls, double part) {
  std::vector<std::int64_t> costs;
  for (const Call& call : calls) costs.push_back(cost_of(call));
  const auto place = costs.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(costs.size()));
  std::nth_element(costs.begin(), place, costs.end());
  return static_cast<double>(*place);
}

double retry_share(const std::vector<Call>& calls) {
  const auto retries = std::count_if(calls.begin(), calls.end(), [](const Call& call) { return call.attempt > 1; });
  return static_cast<double>(retries) / static_cast<double>(calls.size());
}

double mean_steps(const std::vector<Call>& calls) {
  const auto ends = std::count_if(calls.begin(), calls.end(), [](const Call& call) { return call.run_end; });
  return static_cast<double>(calls.size()) / static_cast<double>(ends);
}

double hit_rate(const std::vector<Call>& calls) { return mean(calls, &Call::cached) / mean(calls, &Call::input); }

TEST(AppTraffic, DrawsTokensWithTheMeansOfTheTable) {
  const auto calls = day_of("support-bot");
  ASSERT_GT(calls.size(), 50'000u);
  EXPECT_NEAR(mean(calls, &Call::input), 1980, 30);
  EXPECT_NEAR(mean(calls, &Call::output), 220, 4);
  EXPECT_EQ(calls.front().cached, kAbsent);
  EXPECT_EQ(calls.front().attempt, 0);
}

TEST(AppTraffic, GivesTheCallsInOrderOfTime) {
  const auto calls = day_of("checkout-assist");
  EXPECT_TRUE(std::is_sorted(calls.begin(), calls.end(), [](const Call& a, const Call& b) { return a.ts < b.ts; }));
}

TEST(AppTraffic, GrowsAPromptAndKnowsItsCostExactly) {
  PlayedIncident incident = played("support-bot", {.added_input_tokens = 600, .prompt_version = "v8"});
  const auto calls = day_of("support-bot", &incident);
  EXPECT_NEAR(mean(calls, &Call::input), 2580, 30);
  EXPECT_EQ(calls.front().prompt_version, "v8");
  EXPECT_EQ(incident.extra.nano, static_cast<std::int64_t>(calls.size()) * 600 * 2500);
}

TEST(AppTraffic, RetriesAtTheShareOfTheTableAndOfTheIncident) {
  const auto before = day_of("checkout-assist");
  EXPECT_NEAR(retry_share(before), 0.05, 0.004);
  PlayedIncident incident = played("checkout-assist", {.retry_share = 0.25});
  const auto calls = day_of("checkout-assist", &incident);
  EXPECT_NEAR(retry_share(calls), 0.25, 0.01);
  // Of four attempts three are needed; without the incident 0.95 of them were.
  const double expected = static_cast<double>(cost_of_all(calls)) * (1 - 0.75 / 0.95);
  EXPECT_NEAR(static_cast<double>(incident.extra.nano), expected, 0.04 * expected);
}

TEST(AppTraffic, LosesTheCacheInTheIncident) {
  EXPECT_NEAR(hit_rate(day_of("docs-search")), 0.72, 0.02);
  PlayedIncident incident = played("docs-search", {.cache_hit_share = 0.1});
  const auto calls = day_of("docs-search", &incident);
  EXPECT_NEAR(hit_rate(calls), 0.08, 0.01);
  const double lost_tokens = (0.71 - 0.08) * mean(calls, &Call::input) * static_cast<double>(calls.size());
  EXPECT_NEAR(static_cast<double>(incident.extra.nano), lost_tokens * 900, 0.05 * lost_tokens * 900);
}

TEST(AppTraffic, DoublesTheTailAndLeavesTheMedian) {
  const auto before = day_of("report-writer");
  PlayedIncident incident = played("report-writer", {.tail = Change::Tail{0.016, 6}});
  const auto calls = day_of("report-writer", &incident);
  EXPECT_NEAR(cost_quantile(calls, 0.5) / cost_quantile(before, 0.5), 1, 0.03);
  EXPECT_GT(cost_quantile(calls, 0.99) / cost_quantile(before, 0.99), 1.8);
  EXPECT_LT(cost_quantile(calls, 0.99) / cost_quantile(before, 0.99), 2.6);
  EXPECT_NEAR(static_cast<double>(incident.extra.nano), 0.074 * static_cast<double>(cost_of_all(calls)),
              0.015 * static_cast<double>(cost_of_all(calls)));
}

TEST(AppTraffic, LoopsThreeStepsOnAverageAndSixInTheIncident) {
  const auto before = day_of("code-review-agent", nullptr, 1);
  EXPECT_NEAR(mean_steps(before), 3, 0.1);
  PlayedIncident incident = played("code-review-agent", {.mean_steps = 6});
  const auto calls = day_of("code-review-agent", &incident, 1);
  EXPECT_NEAR(mean_steps(calls), 6, 0.3);
  const double expected = static_cast<double>(cost_of_all(calls)) - static_cast<double>(cost_of_all(before));
  EXPECT_NEAR(static_cast<double>(incident.extra.nano), expected, 0.1 * expected);
}

TEST(AppTraffic, GrowsTheInputOfEachStep) {
  std::map<std::uint64_t, std::pair<std::int64_t, std::int64_t>> last;  // by run: step and input
  for (const Call& call : day_of("code-review-agent")) {
    auto& [step, input] = last[call.run];
    EXPECT_EQ(call.step, step + 1);
    EXPECT_GT(call.input, input);
    EXPECT_EQ(call.run_end, call.tool_calls == 0);
    step = call.step;
    input = call.input;
  }
}

TEST(AppTraffic, LetsOneRunGoOnUntilTheIncidentIsOver) {
  PlayedIncident incident = played("ops-agent", {.endless_run = Change::EndlessRun{core::seconds(20), 600}});
  incident.from = kMonday + core::hours(10);
  incident.to = kMonday + core::hours(11);
  const auto calls = day_of("ops-agent", &incident, 1);
  std::map<std::uint64_t, std::int64_t> steps;
  for (const Call& call : calls) steps[call.run] = call.step;
  const auto longest =
      std::max_element(steps.begin(), steps.end(), [](auto& a, auto& b) { return a.second < b.second; });
  EXPECT_EQ(longest->second, 180);
  std::int64_t cost = 0, ends = 0;
  for (const Call& call : calls) {
    if (call.run != longest->first) continue;
    cost += cost_of(call);
    ends += call.run_end;
    EXPECT_TRUE(incident.from <= call.ts && call.ts < incident.to);
  }
  EXPECT_EQ(ends, 1);
  EXPECT_EQ(cost, incident.extra.nano);
}

TEST(AppTraffic, HasAHeavyTailWhereNothingIsWrong) {
  const auto heavy = day_of("data-extract");
  const auto light = day_of("report-writer");
  const auto spread = [](const std::vector<Call>& calls) {
    return cost_quantile(calls, 0.999) / cost_quantile(calls, 0.5);
  };
  EXPECT_GT(spread(heavy), 2 * spread(light));
}

TEST(AppTraffic, FailsAFewCallsOfTheChat) {
  const auto calls = day_of("chat-web");
  const auto failed = std::count_if(calls.begin(), calls.end(), [](const Call& call) { return call.failed; });
  EXPECT_NEAR(static_cast<double>(failed) / static_cast<double>(calls.size()), 0.003, 0.001);
}

}  // namespace
}  // namespace costdrift::daemon::demo
