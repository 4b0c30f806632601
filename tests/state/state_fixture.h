// What the tests of state/ share: scratch directories, in-memory stores, made-up events.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "state/dump.h"
#include "state/store.h"
#include "state/windows.h"

namespace costdrift::state::testing {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "costdrift-state-XXXXXX").string();
    if (::mkdtemp(pattern.data())) path_ = pattern;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string path(const std::string& name = "state") const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::unique_ptr<Store> memory_store() {
  auto store = Store::open("scratch", {.sync = false, .in_memory = true});
  EXPECT_TRUE(store) << store.error().message;
  return std::move(*store);
}

inline std::string dump_text(Store& store) {
  std::string text;
  const auto dumped = dump_store(store, {}, [&](std::string_view line) { text.append(line).append("\n"); });
  EXPECT_TRUE(dumped) << dumped.error().message;
  return text;
}

// An event that owns its texts.
struct OwnedEvent {
  core::UsageEvent event;
  std::string app = "desk", model = "gpt-4o", run_id, team, topic = "llm.usage", trace_id;
  std::int32_t partition = 0;
  std::int64_t offset = 0;

  core::UsageEvent view() const {
    core::UsageEvent result = event;
    result.app = app;
    result.model = model;
    result.run_id = run_id;
    result.team = team;
    result.trace_id = trace_id;
    return result;
  }
  LogPosition position() const { return {topic, partition, offset}; }
};

inline constexpr core::EventTime kMonday{1'772'409'600'000'000};  // 2026-03-02T00:00:00Z

inline OwnedEvent call_at(core::EventTime ts, std::int64_t input_tokens = 100, std::int64_t nano = 1000) {
  OwnedEvent made;
  made.event.ts = ts;
  made.event.input_tokens = input_tokens;
  made.event.output_tokens = 10;
  made.event.cost = made.event.input_cost = {nano};
  made.event.cost_source = core::CostSource::computed;
  return made;
}

// Metrics of every kind.
inline std::vector<core::MetricSpec> test_metrics() {
  core::MetricSpec tokens{.name = "tokens", .unit = "tokens"};
  tokens.observe_call = [](const core::UsageEvent& event) {
    core::Observations seen;
    if (event.input_tokens) seen.add(static_cast<std::int16_t>(*event.input_tokens % 1000));
    return seen;
  };
  core::MetricSpec attempts{.name = "attempts", .unit = "", .log_bins = false};
  attempts.observe_call = [](const core::UsageEvent& event) {
    core::Observations seen;
    seen.add(0, static_cast<std::int32_t>(event.attempts - event.retries));
    seen.add(1, static_cast<std::int32_t>(event.retries));
    return seen;
  };
  core::MetricSpec weighted = tokens;
  weighted.name = "weighted_tokens";
  weighted.run_weighting = core::RunWeighting::information;
  core::MetricSpec steps{.name = "steps", .unit = "", .log_bins = false};
  steps.observe_run = [](const core::RunTransition& change, void (*add)(void*, std::int16_t, std::int32_t),
                         void* context) {
    // Bin 2d: the run went on from depth d; bin 2d + 1: it ended there.
    for (std::int64_t depth = change.from_depth; depth < change.to_depth; ++depth)
      if (depth > 0) add(context, static_cast<std::int16_t>(2 * depth), 1);
    if (change.ended) add(context, static_cast<std::int16_t>(2 * change.to_depth + 1), 1);
  };
  return {tokens, attempts, weighted, steps};
}

inline core::SeriesKey series(const std::string& app, const std::string& model = "gpt-4o") {
  return core::SeriesKey::of({{core::Dimension::app, app}, {core::Dimension::model, model}});
}

}  // namespace costdrift::state::testing
