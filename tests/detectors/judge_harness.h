// JudgeHarness: one judge of one detector, fed with synthetic calls bucket by bucket, with its history in memory.
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/log_bins.h"
#include "core/time.h"
#include "detectors/detector.h"

namespace costdrift::tests {

// splitmix64 with the usual transforms: the same numbers everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  double uniform() { return (static_cast<double>(next() >> 11) + 0.5) * 0x1.0p-53; }
  bool chance(double p) { return uniform() < p; }
  double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform()); }
  double log_normal(double median, double sd) { return median * std::exp(sd * normal()); }

 private:
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

// Sums buckets exactly: hours are kept beside them so that long histories stay fast.
class MemoryHistory final : public core::SeriesHistory {
 public:
  void add(core::EventTime start, const core::BucketSummary& summary) {
    buckets_[start] = summary;
    hours_[core::floor_to(start, core::hours(1))].merge(summary);
  }
  core::BucketSummary sum(core::EventTime from, core::EventTime to) const override {
    core::BucketSummary result;
    core::EventTime at = from;
    while (at < to) {
      const core::EventTime hour = core::floor_to(at, core::hours(1));
      const auto whole = hours_.find(hour);
      if (at == hour && to - hour >= core::hours(1)) {
        if (whole != hours_.end()) result.merge(whole->second);
        at = hour + core::hours(1);
        continue;
      }
      const core::EventTime end = std::min(to, hour + core::hours(1));
      for (auto it = buckets_.lower_bound(at); it != buckets_.end() && it->first < end; ++it) result.merge(it->second);
      at = end;
    }
    return result;
  }

 private:
  std::map<core::EventTime, core::BucketSummary> buckets_, hours_;
};

class JudgeHarness {
 public:
  static constexpr core::Duration kBucket = core::seconds(5);

  explicit JudgeHarness(std::string_view detector, std::int64_t judges = 1) : judges_(judges) {
    config::Values values;
    const auto* spec = detectors::find_detector(detector);
    values.set("max_steps", std::int64_t{0});
    values.set("max_run_usd", 0.0);
    auto made = spec->make(values);
    detector_ = *std::move(made);
    judge_ = detector_->judge(core::SeriesKey::of({{core::Dimension::app, "desk"}, {core::Dimension::model, "m"}}));
  }

  // Calls of the open bucket; observed as the windows would.
  void call(const core::UsageEvent& event) {
    for (const auto& metric : detector_->metrics()) {
      if (metric.observe_call == nullptr) continue;
      const auto seen = metric.observe_call(event);
      for (int i = 0; i < seen.size; ++i) count(metric.name, seen.items[i].bin, seen.items[i].times);
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
    open_.totals.add(totals);
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
            to->harness->count(to->metric, bin, times);
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
      judge_->observe({.bucket = {now_, now_ + kBucket, &open_},
                       .history = &history_,
                       .budget = {.false_pages_per_week = 1, .judges = judges_, .min_effect = 0.1}},
                      findings);
    }
    open_ = {};
    now_ = now_ + kBucket;
    return findings;
  }
  core::EventTime now() const { return now_; }
  detectors::SeriesJudge& judge() { return *judge_; }
  // Saves the judge, throws it away, and goes on with a restored one.
  bool restart() {
    core::ByteWriter lanes, model;
    judge_->save_lanes(lanes);
    judge_->save_model(model);
    judge_ = detector_->judge(core::SeriesKey::of({{core::Dimension::app, "desk"}, {core::Dimension::model, "m"}}));
    return judge_->restore(lanes.bytes(), model.bytes());
  }

 private:
  void count(std::string_view metric, std::int16_t bin, std::int32_t times) {
    core::merge_counts(open_.metrics[std::string(metric)], {{bin, core::kOneCall * times}});
  }

  std::int64_t judges_;
  std::unique_ptr<detectors::Detector> detector_;
  std::unique_ptr<detectors::SeriesJudge> judge_;
  MemoryHistory history_;
  core::BucketSummary open_;
  core::EventTime now_{1'772'409'600'000'000};
};

}  // namespace costdrift::tests
