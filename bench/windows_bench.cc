// What one event costs in Windows: add() alone, and add() with closing, rolling and saving as history is read.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "core/log_bins.h"
#include "state/windows.h"

namespace costdrift {
namespace {

template <std::optional<std::int64_t> core::UsageEvent::*kField>
core::Observations observe(const core::UsageEvent& event) {
  core::Observations seen;
  if (event.*kField) seen.add(static_cast<std::int16_t>(core::log_bin(*(event.*kField))));
  return seen;
}

core::Observations observe_cost(const core::UsageEvent& event) {
  core::Observations seen;
  seen.add(static_cast<std::int16_t>(core::log_bin(event.cost.nano)));
  return seen;
}

core::Observations observe_attempts(const core::UsageEvent& event) {
  core::Observations seen;
  seen.add(0, static_cast<std::int32_t>(event.attempts - event.retries));
  if (event.retries > 0) seen.add(1, static_cast<std::int32_t>(event.retries));
  return seen;
}

std::vector<core::MetricSpec> five_metrics() {
  using core::UsageEvent;
  return {{.name = "input_tokens", .unit = "", .observe_call = observe<&UsageEvent::input_tokens>},
          {.name = "output_tokens", .unit = "", .observe_call = observe<&UsageEvent::output_tokens>},
          {.name = "reasoning_tokens", .unit = "", .observe_call = observe<&UsageEvent::reasoning_tokens>},
          {.name = "cost", .unit = "", .observe_call = observe_cost},
          {.name = "attempts", .unit = "", .log_bins = false, .observe_call = observe_attempts}};
}

// Calls of `series` apps in turn, with the attributes that an organised producer sends.
class Traffic {
 public:
  explicit Traffic(int series) {
    for (int i = 0; i < series; ++i) apps_.push_back("support-bot-" + std::to_string(i));
    event_.model = "gpt-4o-2024-08-06";
    event_.provider = "openai";
    event_.team = "customer-experience";
    event_.owner = "ana";
    event_.env = "prod";
    event_.cost_center = "CC-1204";
    event_.use_case = "rag-search";
    event_.region = "eu-west-1";
    event_.cost_source = core::CostSource::computed;
  }
  const core::UsageEvent& next(core::EventTime ts) {
    ++count_;
    event_.ts = ts;
    event_.app = apps_[count_ % apps_.size()];
    event_.input_tokens = 500 + static_cast<std::int64_t>(count_ * 7919 % 3000);
    event_.output_tokens = 50 + static_cast<std::int64_t>(count_ * 104729 % 400);
    event_.cost = event_.input_cost = {static_cast<std::int64_t>(count_ * 15485863 % 9'000'000)};
    return event_;
  }
  state::LogPosition position() const { return {"llm.usage", 3, static_cast<std::int64_t>(count_)}; }

 private:
  std::vector<std::string> apps_;
  core::UsageEvent event_;
  std::size_t count_ = 0;
};

constexpr core::EventTime kStart{1'772'409'600'000'000};

std::unique_ptr<state::Store> scratch_store() {
  auto store = state::Store::open("bench", {.sync = false, .in_memory = true});
  return std::move(*store);
}

void add(benchmark::State& run) {
  auto store = scratch_store();
  state::Windows windows(*store, five_metrics(), {});
  if (!windows.load()) return;
  Traffic traffic(static_cast<int>(run.range(0)));
  core::EventTime now = kStart;
  const auto ignore = [](const core::SeriesKey&, const core::ClosedBucket&) {};
  for (int i = 0; i < run.range(0); ++i) windows.add(traffic.next(now), traffic.position());
  now = now + core::seconds(5);
  windows.close_until(now, ignore, [](core::EventTime) {});
  std::int64_t events = 0;
  for (auto _ : run) {
    windows.add(traffic.next(now), traffic.position());
    if (++events % 20'000 != 0) continue;
    run.PauseTiming();
    now = now + core::seconds(5);
    windows.close_until(now, ignore, [](core::EventTime) {});
    run.ResumeTiming();
  }
  run.SetItemsProcessed(events);
}
BENCHMARK(add)->Arg(1)->Arg(100)->Arg(10'000);

// Four calls a series and bucket, a commit after every 200,000 events: history at full speed.
void history(benchmark::State& run) {
  auto store = scratch_store();
  state::Windows windows(*store, five_metrics(), {});
  if (!windows.load()) return;
  const int series = static_cast<int>(run.range(0));
  Traffic traffic(series);
  core::EventTime now = kStart;
  std::int64_t events = 0;
  for (auto _ : run) {
    for (int i = 0; i < 4 * series; ++i) windows.add(traffic.next(now), traffic.position());
    now = now + core::seconds(5);
    windows.close_until(
        now - core::seconds(60), [](const core::SeriesKey&, const core::ClosedBucket&) {}, [](core::EventTime) {});
    const std::int64_t before = events;
    events += 4 * series;
    if (before / 200'000 == events / 200'000) continue;
    windows.save();
    if (!store->commit()) return run.SkipWithError("commit failed");
  }
  run.SetItemsProcessed(events);
}
BENCHMARK(history)->Arg(10)->Arg(100)->Arg(1000);

}  // namespace
}  // namespace costdrift
