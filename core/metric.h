// MetricSpec: how one number is read from a call or from an agent run and put into a bin.
//
// A detector declares the metrics it needs; the windows stage observes them for every event, so that adding a
// detector touches neither. Two detectors may declare the same metric (same name); it is observed once.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/usage_event.h"

namespace costdrift::core {

// Counts are kept in 1/65536 of a call, so that a call deep inside an agent run can count for less than one.
using Weight = std::int64_t;
inline constexpr Weight kOneCall = 65536;

// One observation: a bin, and how many times it was seen (in calls, before run weighting).
struct Observation {
  std::int16_t bin = 0;
  std::int32_t times = 1;
};

// At most two bins per call (e.g. attempts that are retries and attempts that are not).
struct Observations {
  Observation items[2];
  int size = 0;
  void add(std::int16_t bin, std::int32_t times = 1) { items[size++] = {bin, times}; }
};

enum class RunWeighting : std::uint8_t {
  none,         // every call counts as one
  information,  // the m-th call of a run counts by the information it adds (detectors/README.md "Runs")
};

// What happened to an agent run in one closed bucket (made by state/run_table from the run's calls).
struct RunTransition {
  std::int64_t from_depth = 0;  // depth before the bucket (0: the run began in it)
  std::int64_t to_depth = 0;    // depth after it
  bool ended = false;           // run_end was seen, or the run fell silent for the run time-out
  // Of the whole run so far.
  NanoUsd cost;
  std::optional<std::int64_t> tool_calls;  // absent: no call of the run gave the field
  std::int32_t outcomes = 0;               // in this bucket: calls that gave an outcome
};

struct MetricSpec {
  std::string_view name;  // stored in state: do not rename
  std::string_view unit;  // unit of a bin's value
  bool log_bins = true;   // bins of core/log_bins.h; otherwise categories, each for itself
  RunWeighting run_weighting = RunWeighting::none;

  // At least one of the two is set. Pure; the order of calls must not matter.
  Observations (*observe_call)(const UsageEvent&) = nullptr;
  // Calls add(bin, times) for every step or end that the transition holds.
  void (*observe_run)(const RunTransition&, void (*add)(void* context, std::int16_t bin, std::int32_t times),
                      void* context) = nullptr;
};

}  // namespace costdrift::core
