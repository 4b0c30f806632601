// AppTraffic: the calls of one application in order of event time, with its incidents played into it.
//
// Each application draws from a generator of its own, so an incident in one moves no other. What an incident costs is
// known exactly: every call is priced as it is and as it would have been by the same draws without the incident.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "core/money.h"
#include "daemon/demo/call.h"
#include "daemon/demo/incident_script.h"
#include "daemon/demo/random.h"

namespace costdrift::daemon::demo {

struct PlayedIncident {
  Incident incident;
  core::EventTime from, to;
  core::NanoUsd extra;  // what it has cost so far, at list prices
};

class AppTraffic {
 public:
  struct Period {
    core::EventTime start, end;
  };
  // `incidents` (of this application only, not overlapping) are borrowed and their `extra` is counted up.
  // `volume` multiplies the number of calls.
  AppTraffic(const AppProfile& profile, std::vector<PlayedIncident*> incidents, Period period, std::uint64_t seed,
             double volume);

  // When the next call completes; EventTime::max() after the end of the period.
  core::EventTime next_time() const;
  // That call. Not after the end of the period.
  Call next();

 private:
  // A call that is due: a new one, a retry, or the next step of a run.
  struct Unit {
    core::EventTime ts;
    std::uint64_t order = 0;
    std::uint8_t model = 0, use_case = 0;
    std::int64_t attempt = 1;
    std::uint64_t run = 0;
    std::int64_t step = 0;
    std::int64_t input = 0;           // 0: to be drawn
    PlayedIncident* cause = nullptr;  // the incident without which this call would not be
    bool endless = false;
    bool operator>(const Unit& other) const { return ts != other.ts ? ts > other.ts : order > other.order; }
  };

  void schedule_arrival();
  void refresh_level(core::EventTime t);
  Unit begin(core::EventTime ts);
  void begin_endless_runs();
  Call perform(const Unit& unit);
  Call draw(const Unit& unit, double hit_draw);
  void distort(Call& call, const Change& change, double hit_draw);
  void follow_up(const Unit& unit, const Call& call, PlayedIncident* active);
  void follow_up_step(const Unit& unit, Call& call, PlayedIncident* active);
  void add_follow_up(Unit unit, core::EventTime ts);
  PlayedIncident* active_at(core::EventTime t) const;
  std::int64_t draw_tokens(const TokenShape& shape);

  const AppProfile& profile_;
  std::vector<PlayedIncident*> incidents_;
  Period period_;
  std::uint64_t key_;
  double volume_;
  Random random_;
  core::EventTime next_arrival_;
  core::EventTime minute_ = core::EventTime::min();  // that the two levels below belong to
  double per_second_ = 0;
  double token_level_ = 1;
  std::uint64_t order_ = 0;
  std::priority_queue<Unit, std::vector<Unit>, std::greater<>> follow_ups_;
};

}  // namespace costdrift::daemon::demo
