#include <algorithm>
#include <cmath>
#include <utility>

#include "bench/arl_delay/scenario.h"

namespace costdrift::bench {
namespace {

Change iid_change(std::string name, const Law& before, const Law& after, double goal) {
  return {.name = std::move(name),
          .stream = [before, after](Random random) { return iid_stream(random, before, after); },
          .before = before,
          .after = after,
          .goal = goal};
}

Change hard_edge(Change change) {
  change.bounded = false;
  return change;
}

Scenario iid(std::string name, std::string unit, Metric metric, std::vector<Change> changes) {
  return {.name = std::move(name),
          .unit = std::move(unit),
          .metric = metric,
          .first_row = true,
          .changes = std::move(changes)};
}

Scenario retries() {
  const Law before = bernoulli(0.05);
  return iid("retries 5 %", "attempts", Metric::retry,
             {iid_change("to 7 %", before, bernoulli(0.07), kUsualGoal),
              iid_change("to 10 %", before, bernoulli(0.10), kUsualGoal),
              iid_change("to 25 %", before, bernoulli(0.25), kUsualGoal)});
}

Scenario cache() {
  const Law before = bernoulli(0.60);
  return iid("cache hits 40 %", "calls", Metric::cache_miss,
             {iid_change("to 35 %", before, bernoulli(0.65), kUsualGoal),
              iid_change("to 20 %", before, bernoulli(0.80), kUsualGoal)});
}

Scenario prompts() {
  const Law before = log_normal(2000, 1);
  return iid("prompts LN(2000, 1)", "calls", Metric::prompt_tokens,
             {hard_edge(iid_change("+100 tokens", before, log_normal(2000, 1, 100), kUsualGoal)),
              hard_edge(iid_change("+600 tokens", before, log_normal(2000, 1, 600), kUsualGoal)),
              iid_change("x 1.1", before, log_normal(2200, 1), kUsualGoal),
              iid_change("x 1.3", before, log_normal(2600, 1), kUsualGoal)});
}

// The same prompts at a rate that fills buckets: what judging by the bucket costs.
Scenario bucketed_prompts(int calls_per_bucket) {
  const Law before = log_normal(2000, 1);
  Scenario scenario =
      iid("prompts, " + std::to_string(calls_per_bucket) + " calls a bucket", "calls", Metric::prompt_tokens,
          {hard_edge(iid_change("+600 tokens", before, log_normal(2000, 1, 600), 0)),
           iid_change("x 1.3", before, log_normal(2600, 1), 0)});
  scenario.first_row = false;
  scenario.calls_per_minute = 12 * calls_per_bucket;
  scenario.history = std::max<std::int64_t>(50'000, std::int64_t{6} * 60 * scenario.calls_per_minute);
  scenario.share = 4;
  return scenario;
}

Scenario edged_prompts() {
  const Law before = log_normal(600, 1.2, 1400);
  return iid("prompts 1400 + LN(600, 1.2)", "calls", Metric::prompt_tokens,
             {hard_edge(iid_change("+100 tokens", before, log_normal(600, 1.2, 1500), kUsualGoal)),
              hard_edge(iid_change("+600 tokens", before, log_normal(600, 1.2, 2000), kHardEdgeGoal))});
}

Scenario loops() {
  const Law before = geometric(3);
  return iid("loops of 3 steps", "runs", Metric::run_depth,
             {iid_change("to 4 steps", before, geometric(4), kUsualGoal),
              iid_change("to 6 steps", before, geometric(6), kUsualGoal)});
}

Scenario tail(const std::string& name, double alpha) {
  const auto cost = [alpha](double share, double from) { return pareto_tail(0.01, 0.8, share, from, alpha); };
  const Law before = cost(0.03, 0.06);
  return iid("cost, Pareto tail " + name, "calls", Metric::call_cost,
             {iid_change("tail share 3 to 9 %", before, cost(0.09, 0.06), kUsualGoal),
              iid_change("P99 x 2, same median", before, cost(0.03, 0.12), kDoubledTailGoal)});
}

Scenario sessions(double length) {
  const auto change = [length](std::string name, double shift, double factor) {
    const SessionTraffic traffic{.mean_length = length, .shift_after = shift, .factor_after = factor};
    return Change{.name = std::move(name),
                  .stream = [traffic](Random random) { return session_stream(random, traffic); }};
  };
  return {.name = "sessions of " + std::to_string(static_cast<int>(length)) + " calls",
          .unit = "calls",
          .metric = Metric::prompt_tokens,
          .changes = {change("+600 tokens", 600, 1), change("x 1.3", 0, 1.3)}};
}

// One false alarm in four weeks of a call a second; two weeks of history, two weeks of quiet.
Scenario by_level(std::string name, Metric metric, const LevelTraffic& traffic,
                  const std::vector<std::pair<std::string, double>>& jumps) {
  constexpr std::int64_t kCallsPerWeek = 7 * 24 * 60 * 60;
  Scenario scenario{.name = std::move(name),
                    .unit = "calls",
                    .metric = metric,
                    .calls_per_minute = 60,
                    .arl = 4 * kCallsPerWeek,
                    .history = 2 * kCallsPerWeek,
                    .run = 2 * kCallsPerWeek,
                    .quiet = kCallsPerWeek / 7,
                    .share = 5};
  for (const auto& [change, jump] : jumps) {
    LevelTraffic changed = traffic;
    changed.jump = jump;
    scenario.changes.push_back(
        {.name = change, .stream = [changed](Random random) { return level_stream(random, changed); }});
  }
  return scenario;
}

double logit(double p) { return std::log(p / (1 - p)); }

double attempt_value(Random& random, double level) { return random.chance(1 / (1 + std::exp(-level))) ? 1 : 0; }

double prompt_value(Random& random, double level) { return std::exp(level + 0.8 * random.normal()); }

Scenario wandering_retries(const std::string& name, double ar) {
  const LevelTraffic traffic{.base = logit(0.05), .ar = ar, .sd = 0.25, .value = attempt_value};
  return by_level("wandering retries, AR(1) " + name, Metric::retry, traffic,
                  {{"to 10 %", logit(0.10) - logit(0.05)}, {"to 25 %", logit(0.25) - logit(0.05)}});
}

Scenario daily_prompts() {
  const LevelTraffic traffic{.base = std::log(2000), .rhythm = 0.1, .value = prompt_value};
  return by_level("prompts by the hour of the day", Metric::prompt_tokens, traffic,
                  {{"x 1.3", std::log(1.3)}, {"x 2", std::log(2)}});
}

}  // namespace

std::vector<Scenario> all_scenarios() {
  return {retries(),
          cache(),
          prompts(),
          edged_prompts(),
          loops(),
          tail("1.5", 1.5),
          tail("2.0", 2),
          tail("2.5", 2.5),
          bucketed_prompts(17),
          bucketed_prompts(85),
          sessions(8),
          sessions(30),
          wandering_retries("0.9", 0.9),
          wandering_retries("0.99", 0.99),
          daily_prompts()};
}

}  // namespace costdrift::bench
