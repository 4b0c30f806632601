// Events a second of one stream thread on the demo's traffic: decoding alone, and the whole pipeline from bytes to
// committed state without a broker. `costdrift demo` prints the same with Kafka, producer and sinks around it.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "config/settings.h"
#include "daemon/catalogue.h"
#include "daemon/decode/decode.h"
#include "daemon/demo/incident_script.h"
#include "daemon/demo/workload.h"
#include "daemon/pipeline.h"

namespace costdrift {
namespace {

constexpr int kPartitions = 8;
constexpr core::Duration kStep = core::minutes(5);

// One day of traffic as the broker would hand it over: slices of kStep, by partition.
class Log {
 public:
  Log() : workload_({.history_days = 1, .partitions = kPartitions, .volume = 2.5}, {}) {
    for (auto until = workload_.start() + kStep; until <= workload_.day_start(); until = until + kStep) {
      slices_.emplace_back(kPartitions);
      workload_.generate_until(until, slices_.back());
    }
  }
  const std::vector<std::vector<daemon::demo::EventBatch>>& slices() const { return slices_; }
  std::int64_t events() const { return workload_.events(); }

 private:
  daemon::demo::Workload workload_;
  std::vector<std::vector<daemon::demo::EventBatch>> slices_;
};

const Log& log() {
  static const Log instance;
  return instance;
}

class CountingHandler final : public daemon::EventHandler {
 public:
  void on_event(const core::UsageEvent& event) override { tokens += event.input_tokens.value_or(0); }
  void on_rejected(daemon::RejectReason, std::string_view) override { ++rejected; }
  std::int64_t tokens = 0, rejected = 0;
};

void BM_Decode(benchmark::State& state) {
  const auto decoder = *daemon::make_decoder("canonical", {});
  CountingHandler handler;
  for (auto _ : state) {
    for (const auto& slice : log().slices()) {
      for (const auto& batch : slice) {
        for (std::size_t i = 0; i < batch.size(); ++i) decoder->decode(batch.event(i), handler);
      }
    }
  }
  if (handler.rejected > 0 || handler.tokens == 0) state.SkipWithError("the demo's events do not decode");
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * log().events());
}
BENCHMARK(BM_Decode)->Unit(benchmark::kMillisecond);

core::Result<config::Settings> settings() {
  return config::parse_settings(
      "kafka: {brokers: localhost, topics: [{name: llm.usage}]}\nstate: {path: /unused}\nsinks: {}\n", "bench",
      daemon::catalogue());
}

// One pass over the log by a pipeline that is new.
core::Result<void> pass(const config::Settings& settings, const daemon::PriceBook& prices) {
  auto store = state::Store::open("/bench", {.sync = false, .in_memory = true});
  if (!store) return store.error();
  auto pipeline = daemon::Pipeline::make(settings, **store, prices, [](const core::AlertEvent&) {});
  if (!pipeline) return pipeline.error();
  std::vector<std::int64_t> offsets(kPartitions, 0);
  for (int p = 0; p < kPartitions; ++p) {
    if (auto added = (*pipeline)->add_partition({"llm.usage", p}); !added) return added.error();
  }
  for (const auto& slice : log().slices()) {
    for (std::size_t p = 0; p < slice.size(); ++p) {
      for (std::size_t i = 0; i < slice[p].size(); ++i) {
        (*pipeline)->process({.partition = p, .offset = offsets[p]++, .value = slice[p].event(i), .appended_at = {}});
      }
    }
    (*pipeline)->advance();
    if (auto committed = (*pipeline)->commit(); !committed) return committed.error();
  }
  return {};
}

void BM_Pipeline(benchmark::State& state) {
  const auto configured = settings();
  const auto prices = daemon::PriceBook::shipped({});
  if (!configured) return state.SkipWithError("the settings do not load");
  for (auto _ : state) {
    if (auto passed = pass(*configured, prices); !passed) return state.SkipWithError(passed.error().message.c_str());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * log().events());
}
BENCHMARK(BM_Pipeline)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace costdrift
