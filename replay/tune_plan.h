// TunePlan: which drifts are put where in a history, to measure a configuration.
//
// Each plan is one replay's worth: in it, every application has at most one drift, at a time drawn from the seed after
// the history that judgement needs. Over all plans every (application, drift) that makes sense has `trials` of them.
// Threads  pure functions but for HistoryProfile, which listens to one replay.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "daemon/pipeline_listener.h"
#include "replay/injection.h"

namespace costdrift::replay {

// What a history holds, as far as drifts depend on it.
class HistoryProfile final : public daemon::PipelineListener {
 public:
  struct App {
    core::Totals totals;
    std::string dearest_model;  // by dollars a token
  };
  bool wants_buckets() const override { return true; }
  void on_bucket(const core::SeriesKey& series, const core::ClosedBucket& bucket,
                 std::span<const daemon::JudgeStanding> standings) override;
  // The `count` that spend most, the first by name among equals.
  std::vector<std::pair<std::string, App>> dearest_apps(std::size_t count) const;
  // Of all models, by dollars a token; empty when nothing was seen.
  std::string dearest_model() const;
  core::EventTime begin() const { return begin_; }
  core::EventTime end() const { return end_; }

 private:
  std::map<std::string, std::map<std::string, core::Totals>> apps_;  // app -> model -> sum
  core::EventTime begin_ = core::EventTime::max(), end_ = core::EventTime::min();
};

struct PlannedDrift {
  InjectedDrift drift = InjectedDrift::prompt;
  double size = 0.1;
  bool operator==(const PlannedDrift&) const = default;
};
// "prompt=10%", "retries=0.2". Error (usage): no such drift, or a size that is not within (0, 10].
core::Result<PlannedDrift> parse_drift(const std::string& text);
// "prompt +10 %", "20 % of calls retried", ...: for people.
std::string describe_drift(const PlannedDrift& drift);

struct PlanOptions {
  std::vector<PlannedDrift> drifts;
  std::size_t apps = 8;
  int trials = 4;
  core::Duration lasts = core::hours(24);
  std::uint64_t seed = 1;
};
// Error (bad_data): the history is too short for a drift of that length behind the days that judgement needs.
core::Result<std::vector<std::vector<Injection>>> plan_injections(const HistoryProfile& history,
                                                                  const PlanOptions& options);

}  // namespace costdrift::replay
