// Simulation: the whole daemon in one thread, from log to receivers, through many lives: fake clock, scripted broker, a
// disk that dies, receivers that refuse. Everything follows from the plan, and the plan from its seed.
//
// Checked  I1 the state in the end is that of a run without faults; I2 every incident reaches every receiver; I3 no
//          receiver hears of an end before a beginning, or of an older version after a newer one; I4 what receivers
//          were told last is what the daemon holds; I5 the ledger is the sum of the accepted and late events, and every
//          record is accounted for once; I6 no queue holds more than one message an incident; I7 the watermark never
//          goes back in one life, nor beyond the newest event; I8 no receiver knows what a reopened state does not.
//          Liveness: once the faults stop, everything is read and delivered within ten minutes of simulated time.
// Source   the method of FoundationDB and TigerBeetle: deterministic simulation with separate checks of safety and
//          liveness.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulator/simulated_log.h"
#include "tests/simulator/simulated_sinks.h"
#include "tests/support/traffic_log.h"

namespace costdrift::tests {

// Faults of costdrift itself, put in to show that the checks find them.
enum class SeededBug {
  none,
  skipped_record,     // a record is not counted
  repeated_record,    // a record is counted twice
  early_message,      // a message leaves before the commit that decided it
  unsynced_commit,    // commits are not synced
  forgotten_message,  // a message of a commit is not given to its sink
  unopened_end,       // the pager is told the end of what it never heard of
};

struct Plan {
  std::uint64_t seed = 0;
  SeededBug bug = SeededBug::none;
  LogFaults log;
  SinkFaults sinks;
  double kill = 0;                                // chance a turn that the disk dies within the next calls
  double power_loss = 0;                          // chance that a death takes what was not synced
  core::Duration turn = core::milliseconds(100);  // simulated time a turn takes

  static Plan without_faults(std::uint64_t seed);
  static Plan of(std::uint64_t seed);
  std::string text() const;
};

struct SimulationOutcome {
  std::vector<std::string> violations;  // each begins with the name of its invariant
  std::uint64_t trace = 0;              // hash of every message and of every life's end
  std::string dump;
  int lives = 0, messages = 0, duplicates = 0, incidents = 0;
};

// `reference`: the dump of a run without faults over the same traffic; empty: not compared.
SimulationOutcome simulate(const TrafficLog& traffic, const Plan& plan, const std::string& reference);

}  // namespace costdrift::tests
