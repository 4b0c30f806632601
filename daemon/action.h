// Action: what a person says about an incident or about alerts to come: acknowledge, snooze, expected, resolve,
// silence.
//
// An action holds from a moment of event time (`at`, the end of the newest closed bucket when it was taken), never from
// a moment of the clock, so that a replay with the same actions comes to the same alerts. As JSON, one object a line:
//   {"at":"2026-03-02T14:20:00Z","action":"snooze","incident":"<id>","until":"2026-03-02T16:20:00Z","by":"ana"}
//   {"at":"...","action":"silence","match":{"app":"desk"},"until":"...","by":"ana","note":"migration","silence":"<id>"}
// A request may say "for":"2h" for "until", and leaves "at" out. docs/ALERTS.md "Answering" is for people.
// Threads  plain values, pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/series.h"
#include "core/time.h"

namespace costdrift::daemon {

enum class ActionKind : std::uint8_t { ack, snooze, expected, resolve, silence, unsilence };
std::string_view action_name(ActionKind kind);

struct Action {
  core::EventTime at = core::EventTime::min();  // min: not yet taken
  ActionKind kind = ActionKind::ack;
  std::string incident_id;               // ack, snooze, expected, resolve
  std::string by, note;                  // may be empty
  std::optional<core::Duration> lasts;   // snooze, silence: as asked for
  std::optional<core::EventTime> until;  // the same once taken
  std::vector<core::Label> match;        // silence: labels that an alert must all have
  std::string silence_id;                // silence (once taken), unsilence
  bool operator==(const Action&) const = default;
};

// Error (usage): not an object of the form above; says which key is wrong and what is right.
core::Result<Action> parse_action(std::string_view json);
std::string to_json(const Action& action);

// The action as taken at `at`: with `until`, and a silence with its id (a function of its content).
Action taken_at(Action action, core::EventTime at);

}  // namespace costdrift::daemon
