// Scenario: a story about the traffic of a few applications and the alerts that it must cause, as YAML
// (tests/scenarios/*.yaml; tests/scenarios/README.md describes the keys).
//
// Operation  read_scenario() -> what is told; traffic_of() -> its events; play() -> what the pipeline made of them.
// All pure: the same file gives the same events and the same alerts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/alert_event.h"
#include "core/result.h"
#include "core/time.h"

namespace costdrift::tests {

// Normal traffic of one application. Zero or empty: the application does not have the trait.
struct ScenarioApp {
  std::string name, model, day;                // day: "flat" or "office" (daily and weekly pattern)
  double calls_per_minute = 0;                 // of an agent: runs a minute
  double input_tokens = 0, output_tokens = 0;  // means of log-normal distributions ...
  double spread = 0.4;                         // ... with this standard deviation of the logarithm
  double cache_hit_share = -1;  // of the calls that read 80 % of their input from the cache; negative: not reported
  double retry_share = 0;       // of the attempts that are followed by another one
  double steps_per_run = 0;     // mean, geometric; 0: no agent
  double retrieved_tokens = 0;  // of the input, mean of a log-normal distribution; 0: not reported
  double tool_calls = -1;       // mean a call, geometric; negative: not reported
  double latency_ms = 0;        // mean of a log-normal distribution; 0: not reported
  double reported_cost = 0;     // cost_usd / cost by the price list; 0: not reported
  std::string dear_model;       // serves `dear_share` of the calls instead of `model`
  double dear_share = 0;
  std::string outcome;  // of every finished task: a call, or the last one of a run; empty: not reported
  std::vector<std::pair<std::string, double>> use_cases;  // with their shares of the calls or runs
};

// What is different in one application for a while; what is absent stays as it is.
struct ScenarioChange {
  std::string app;
  std::string use_case;      // of whose calls alone it is true; empty: of all
  core::Duration at, lasts;  // after the end of the history
  double added_input_tokens = 0;
  double calls_factor = 1;
  double output_factor = 1, reasoning_tokens = 0;  // added to the output
  std::optional<double> cache_hit_share, retry_share, steps_per_run, retrieved_tokens, tool_calls, latency_ms,
      reported_cost, dear_share;
  double tail_share = 0, tail_factor = 1;  // so many calls use that many times the tokens
  bool free = false;                       // cost_usd is 0
  core::Duration endless_run_every;        // one run that makes a call this often and does not end; 0: none
  bool silent = false;                     // the producer sends nothing
  double twice_share = 0;                  // of the events that come twice
  std::string without;                     // a field that no call gives: cache_read_tokens, team (and owner)
  std::string team;                        // whom the calls name instead of the app's own team; empty: as ever
  std::string stray_key;                   // an API key makes calls like the app's, and names no owner; empty: none
  double stray_calls_per_minute = 0;
};

// What somebody declares (`costdrift changes declare`), and when it takes effect: at the same time.
struct ScenarioDeclaration {
  core::Duration at;  // after the end of the history
  std::string kind, note, by, up_to;
  std::vector<std::pair<std::string, std::string>> match;
  std::vector<std::string> expect;
};

struct ExpectedAlert {
  std::string app, detector;
  core::Severity severity = core::Severity::info;  // at least
  std::size_t change = 0;                          // caused by the change at this place, counted from 1
  core::Duration within;                           // of the change
  double effect_low = 0, effect_high = 0;          // bounds of `effect` in the newest version
  std::optional<core::Duration> resolved_within;   // of the end of the change
  std::vector<std::string> also;                   // detectors that must have joined the incident
  std::string driver;                              // the first one, "use_case rag"; empty: any or none
  std::string declared;                            // note of the declared change that it names; empty: it names none
  std::string model;                               // of the series; empty: any
  std::string told_by;                             // app whose page tells of it, so that it is a ticket; empty: none
  std::int64_t drift_alike = 0;                    // at most so many other series that its page tells of
  bool announced = false;                          // that change said so: on record as ended, and no page
};

struct Scenario {
  std::string name, title;
  std::uint64_t seed = 1;
  core::Duration history, watch;  // normal traffic; then the time in which things happen
  std::string pages, detectors;   // YAML of the configuration's sections, as they stand; may be empty
  std::vector<ScenarioApp> apps;
  std::vector<ScenarioChange> changes;
  std::vector<ScenarioDeclaration> declared;
  std::vector<ExpectedAlert> expected;  // these and no others; empty: none
  bool tickets_allowed = false;         // `expect: no pages`

  core::EventTime start() const { return {1'772'409'600'000'000}; }  // Monday 2026-03-02T00:00:00Z
  core::EventTime change_time(std::size_t place) const { return start() + history + changes[place].at; }
};

core::Result<Scenario> read_scenario(const std::string& path);

// One event as it stands in the log.
struct ScenarioRecord {
  core::EventTime ts;
  std::size_t partition = 0;
  std::int64_t offset = 0;
  std::string json;
};
inline constexpr std::size_t kScenarioPartitions = 4;

// By event time; within a partition so are the offsets. Calls of one run and attempts of one call share a partition.
std::vector<ScenarioRecord> traffic_of(const Scenario& scenario);

enum class ReadingOrder : std::uint8_t {
  by_event_time,          // partitions in step
  partition_by_partition  // last partition first, hours of event time at once
};
// The alert events that a fresh pipeline makes of the records, in order.
core::Result<std::vector<core::AlertEvent>> play(const Scenario& scenario, const std::vector<ScenarioRecord>& records,
                                                 ReadingOrder order);

// What is wrong with the alerts, a line each; empty: the story went as told.
std::string compare(const Scenario& scenario, const std::vector<core::AlertEvent>& alerts);

}  // namespace costdrift::tests
