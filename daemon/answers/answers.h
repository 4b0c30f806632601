// Answers: carries out what people say, and remembers what of it still holds. Every action taken is recorded, so that a
// replay can carry it out again at its time.
//
// Threads  the stream thread.
// Errors   usage (no such incident, it has ended, no such silence or change). Not an error: the same action twice.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemon/answers/declared_changes.h"
#include "daemon/answers/silences.h"
#include "daemon/detection.h"
#include "daemon/incidents/announcer.h"
#include "daemon/incidents/incident_book.h"
#include "daemon/incidents/shadow_book.h"
#include "state/store.h"
#include "state/tables.h"
#include "state/windows.h"

namespace costdrift::daemon {

// What people said that holds for a while.
struct StandingAnswers {
  Silences silences;
  DeclaredChanges changes;

  // What an action about no incident leaves behind. False: there is nothing of the id that it names.
  [[nodiscard]] bool remember(const Action& action);
  void expire(core::EventTime now);
};

// What an action has its effect on; all of it outlives the answers.
struct Answered {
  StandingAnswers& standing;
  IncidentBook& incidents;
  ShadowBook& shadow;
  Detection& detection;
  const state::Windows& windows;
  Announcer& announcer;
};

class Answers {
 public:
  using OnProblem = std::function<void(const std::string&)>;

  Answers(state::Store& store, Answered answered);

  // Reads back what holds at `now`.
  void load(core::EventTime now);

  // `action` was taken: it has its time. Returns what was done.
  core::Result<std::string> carry_out(Action action);

  // Replay: actions taken before, carried out by carry_out_planned() once their time has come. One that cannot be is
  // told to `on_problem`.
  void plan(std::vector<Action> taken, OnProblem on_problem);
  void carry_out_planned(core::EventTime now);

  // Open incidents that a declaration announced end as if called expected.
  void end_expected(core::EventTime now);

 private:
  void answer_with_those_it_tells_of(const Action& action);
  void answer_incident(const Action& action);
  void apply_changes(core::EventTime now);

  Answered answered_;
  state::Journal record_;
  std::vector<Action> plan_;  // in order of time
  std::size_t planned_ = 0;   // of the plan, how many were carried out
  OnProblem on_problem_;
};

}  // namespace costdrift::daemon
