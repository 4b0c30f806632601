// Action: what a person (or a deploy pipeline) says about an incident or about alerts to come: acknowledge, snooze,
// expected, resolve, silence, declare a change.
//
// An action holds from a moment of event time (`at`, the end of the newest closed bucket when it was taken), never from
// a moment of the clock, so that a replay with the same actions comes to the same alerts. As JSON, one object a line:
//   {"at":"2026-03-02T14:20:00Z","action":"snooze","incident":"<id>","until":"2026-03-02T16:20:00Z","by":"ana"}
//   {"at":"...","action":"silence","match":{"app":"desk"},"until":"...","by":"ana","note":"migration","silence":"<id>"}
//   {"at":"...","action":"declare","kind":"deploy","match":{"app":"desk"},"when":"...","expect":["prompt_growth"],
//    "up_to":"30%","until":"...","by":"ci","note":"prompt v7","change":"<id>"}
// A request may say "for":"2h" for "until", and leaves "at" out. docs/ALERTS.md "Answering" is for people.
// Threads  plain values, pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/alert_event.h"
#include "core/result.h"
#include "core/series.h"
#include "core/time.h"

namespace costdrift::daemon {

enum class ActionKind : std::uint8_t { ack, snooze, expected, resolve, silence, unsilence, declare, withdraw };
std::string_view action_name(ActionKind kind);
// Whether it answers one incident, which it names.
bool is_about_incident(ActionKind kind);

struct Action {
  core::EventTime at = core::EventTime::min();  // min: not yet taken
  ActionKind kind = ActionKind::ack;
  std::string incident_id;               // ack, snooze, expected, resolve
  std::string by, note;                  // may be empty
  std::optional<core::Duration> lasts;   // snooze, silence, declare: as asked for
  std::optional<core::EventTime> until;  // the same once taken
  std::vector<core::Label> match;        // silence, declare: labels that an alert must all have
  std::string silence_id;                // silence (once taken), unsilence

  std::optional<core::ChangeKind> change;  // declare: what changes
  std::optional<core::EventTime> when;     // declare: when it takes effect; once taken, `at` unless given
  std::vector<std::string> expect;         // declare: detectors whose findings are meant; sorted
  std::optional<double> up_to;             // declare: only while the effect is at most this; 0.3 is 30 %
  std::string change_id;                   // declare (once taken), withdraw
  bool operator==(const Action&) const = default;
};

// Error (usage): not an object of the form above; says which key is wrong and what is right.
core::Result<Action> parse_action(std::string_view json);
std::string to_json(const Action& action);

// How long a declaration's expectations hold, from `when` on, unless it says so.
inline constexpr core::Duration kExpectationLasts = core::days(1);

// The action as taken at `at`: with `until`, and a silence or a declaration with its id, a function of its content (of
// a declaration without `at`: the same one, said again with its own `when`, is one).
Action taken_at(Action action, core::EventTime at);

// What an unsilence or a withdraw is answered when nothing has the id that it names (usage).
core::Error unknown_id(const Action& action);

}  // namespace costdrift::daemon
