// SpendCurve: dollars and calls an hour by application over a replay, from closed buckets.
#pragma once

#include <map>
#include <string>

#include "core/money.h"
#include "daemon/pipeline_listener.h"

namespace costdrift::replay {

class SpendCurve final : public daemon::PipelineListener {
 public:
  struct Hour {
    core::NanoUsd cost;
    std::int64_t calls = 0;
  };
  using Curve = std::map<core::EventTime, Hour>;  // by the hour's beginning; hours without calls are absent

  bool wants_buckets() const override { return true; }
  void on_bucket(const core::SeriesKey& series, const core::ClosedBucket& bucket,
                 std::span<const daemon::JudgeStanding> standings) override;

  // What is new, and all of it again (replay/gathered.h).
  void save(state::Store& store);
  bool load(const state::Store& store);

  const Curve& total() const { return total_; }
  const std::map<std::string, Curve>& by_app() const { return by_app_; }
  // Begin of the first and end of the last hour with calls; equal when there is none.
  core::EventTime begin() const { return total_.empty() ? core::EventTime{} : total_.begin()->first; }
  core::EventTime end() const { return total_.empty() ? core::EventTime{} : total_.rbegin()->first + core::hours(1); }

 private:
  Curve total_;
  std::map<std::string, Curve> by_app_;
  core::EventTime unsaved_ = core::EventTime::max();  // hours before are saved as they are
};

}  // namespace costdrift::replay
