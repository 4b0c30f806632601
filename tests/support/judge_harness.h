// JudgeHarness: one judge of one detector, fed with synthetic calls bucket by bucket, with its history in memory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/log_bins.h"
#include "core/time.h"
#include "detectors/detector.h"
#include "detectors/siblings.h"
#include "state/run_weight.h"
#include "tests/support/memory_history.h"
#include "tests/support/random.h"

namespace costdrift::tests {

// The detector with the defaults of its fields, but for `max_steps` of loop_depth.
inline std::unique_ptr<detectors::Detector> make_detector(std::string_view name, std::int64_t max_steps = 0) {
  config::Values values;
  values.set("max_steps", max_steps);
  values.set("max_run_usd", 0.0);
  values.set("page", false);
  values.set("budgets", std::vector<config::Values>{});
  values.set("watch", std::vector<std::string>{"app", "api_key_id"});
  values.set("owned_by", std::vector<std::string>{"team", "owner"});
  values.set("min_usd", 1.0);
  auto made = detectors::find_detector(name)->make(values);
  return *std::move(made);
}

class JudgeHarness {
 public:
  static constexpr core::Duration kBucket = core::seconds(5);

  explicit JudgeHarness(std::string_view detector, std::int64_t judges = 1)
      : JudgeHarness(make_detector(detector), judges) {}
  explicit JudgeHarness(std::unique_ptr<detectors::Detector> detector, std::int64_t judges = 1)
      : judges_(judges), detector_(std::move(detector)) {
    judge_ = detector_->judge(core::SeriesKey::of({{core::Dimension::app, "desk"}, {core::Dimension::model, "m"}}));
  }

  // Calls of the open bucket; observed as the windows would.
  void call(const core::UsageEvent& event) {
    for (const auto& metric : detector_->metrics()) {
      if (metric.observe_call == nullptr) continue;
      const auto seen = metric.observe_call(event);
      const core::Weight weight = weight_of(event, metric);
      for (int i = 0; i < seen.size; ++i) count(metric.name, seen.items[i].bin, weight * seen.items[i].times);
    }
    core::Totals totals;
    totals.calls = 1;
    totals.attempts = event.attempts;
    totals.retries = event.retries;
    totals.input_tokens = event.input_tokens.value_or(0);
    totals.cache_read_tokens = event.cache_read_tokens.value_or(0);
    totals.cache_eligible_tokens = event.cache_read_tokens ? totals.input_tokens : 0;
    totals.cost = event.cost;
    totals.input_cost = event.input_cost;
    totals.retry_cost = event.retries > 0 ? event.cost : core::NanoUsd{};
    totals.run_cost = event.run_id.empty() ? core::NanoUsd{} : event.cost;
    totals.cacheable_cost = event.cacheable_cost;
    totals.output_tokens = event.output_tokens.value_or(0);
    totals.reasoning_tokens = event.reasoning_tokens.value_or(0);
    totals.retrieved_tokens = event.retrieved_tokens.value_or(0);
    totals.outcomes = event.outcome.empty() ? 0 : 1;
    totals.output_cost = event.output_cost;
    if (event.reported_cost && event.list_cost && !event.gateway_cache_hit) {
      totals.compared_cost = *event.reported_cost;
      totals.compared_list_cost = *event.list_cost;
    }
    open_.totals.add(totals);
    if (!event.team.empty()) {
      open_.add_attributes({{core::Dimension::team, std::string(event.team)}},
                           {.calls = 1, .retries = event.retries, .cost = event.cost});
    }
  }
  void run(const core::RunTransition& transition) {
    struct Context {
      JudgeHarness* harness;
      std::string_view metric;
    };
    for (const auto& metric : detector_->metrics()) {
      if (metric.observe_run == nullptr) continue;
      Context context{this, metric.name};
      metric.observe_run(
          transition,
          [](void* raw, std::int16_t bin, std::int32_t times) {
            auto* to = static_cast<Context*>(raw);
            to->harness->count(to->metric, bin, core::kOneCall * times);
          },
          &context);
    }
  }
  core::BucketSummary& open() { return open_; }

  // Closes the bucket and moves on; returns what the judge said.
  std::vector<core::Finding> close() {
    std::vector<core::Finding> findings;
    if (!open_.empty()) {
      history_.add(now_, open_);
      judge_->observe(
          {.bucket = {now_, now_ + kBucket, &open_}, .history = &history_, .budget = budget(), .siblings = siblings_},
          findings);
    }
    open_ = {};
    now_ = now_ + kBucket;
    return findings;
  }
  // What the daemon's detection would keep for all series of the detector; outlives the harness.
  void meet(detectors::Siblings& siblings) { siblings_ = &siblings; }
  // What other series that drift at the same time take from the threshold, nats.
  void relieve(double relief) { relief_ = relief; }
  double margin() const { return judge_->evidence_margin(budget()); }
  // Time without calls.
  void skip(core::Duration time) { now_ = now_ + time; }
  core::EventTime now() const { return now_; }
  detectors::SeriesJudge& judge() { return *judge_; }
  // Stores the model as the daemon would, and a minute passes. False: it has changed since and did not say so.
  [[nodiscard]] bool stores_every_change() {
    skip(core::minutes(1) - kBucket);
    core::ByteWriter model;
    judge_->save_model(model);
    const bool marked = judge_->model_changed() || model.bytes() == stored_;
    stored_ = model.bytes();
    judge_->model_saved();
    return marked;
  }
  // Saves the judge, throws it away, and goes on with a restored one.
  bool restart() {
    core::ByteWriter lanes, model;
    judge_->save_lanes(lanes);
    judge_->save_model(model);
    judge_ = detector_->judge(core::SeriesKey::of({{core::Dimension::app, "desk"}, {core::Dimension::model, "m"}}));
    return judge_->restore(lanes.bytes(), model.bytes());
  }

 private:
  detectors::Budget budget() const {
    return {.false_pages_per_week = 1, .judges = judges_, .min_effect = 0.1, .relief = relief_};
  }
  static core::Weight weight_of(const core::UsageEvent& event, const core::MetricSpec& metric) {
    const bool weighted =
        event.step && !event.run_id.empty() && metric.run_weighting == core::RunWeighting::information;
    return weighted ? state::run_weight(*event.step) : core::kOneCall;
  }
  void count(std::string_view metric, std::int16_t bin, core::Weight weight) {
    core::merge_counts(open_.metrics[std::string(metric)], {{bin, weight}});
  }

  std::int64_t judges_;
  std::string stored_;
  double relief_ = 0;
  detectors::Siblings* siblings_ = nullptr;
  std::unique_ptr<detectors::Detector> detector_;
  std::unique_ptr<detectors::SeriesJudge> judge_;
  MemoryHistory history_;
  core::BucketSummary open_;
  core::EventTime now_{1'772'409'600'000'000};
};

}  // namespace costdrift::tests
