#include "daemon/answers/answers.h"

#include <algorithm>
#include <utility>

namespace costdrift::daemon {
namespace {

constexpr std::int64_t kActionLines = 100'000;

Action called_expected(const std::string& incident, const Declaration& declaration, core::EventTime now) {
  Action expected;
  expected.at = now;
  expected.kind = ActionKind::expected;
  expected.incident_id = incident;
  expected.by = declaration.change.by;
  expected.note = declaration.change.note;
  return expected;
}

}  // namespace

bool StandingAnswers::remember(const Action& action) {
  switch (action.kind) {
    case ActionKind::silence:
      silences.add(action);
      return true;
    case ActionKind::unsilence:
      return silences.remove(action.silence_id);
    case ActionKind::declare:
      changes.add(action);
      return true;
    case ActionKind::withdraw:
      return changes.remove(action.change_id);
    case ActionKind::ack:
    case ActionKind::snooze:
    case ActionKind::expected:
    case ActionKind::resolve:
      return true;
  }
  core::bug("unknown kind of action");
}

void StandingAnswers::expire(core::EventTime now) {
  silences.expire(now);
  changes.expire(now);
}

Answers::Answers(state::Store& store, Answered answered)
    : answered_(answered), record_(store, kActionLines, state::KeySpace::actions) {}

void Answers::load(core::EventTime now) {
  record_.scan([&](std::string_view line) {
    if (const auto action = parse_action(line)) (void)answered_.standing.remember(*action);
    return true;
  });
  answered_.standing.expire(now);
}

core::Result<std::string> Answers::carry_out(Action action) {
  if (is_about_incident(action.kind)) {
    auto id = answered_.incidents.full_id(action.incident_id);
    if (!id) return id.error();
    action.incident_id = *std::move(id);
    answer_with_those_it_tells_of(action);
  } else if (!answered_.standing.remember(action)) {
    return unknown_id(action);
  }
  if (action.kind == ActionKind::declare || action.kind == ActionKind::withdraw) apply_changes(action.at);
  record_.append(to_json(action));
  return to_json(action);
}

void Answers::apply_changes(core::EventTime now) {
  end_expected(now);
  answered_.announcer.publish(answered_.incidents.review_causes(now), Audience::told);
  answered_.shadow.review_causes(now);
}

void Answers::answer_incident(const Action& action) {
  const auto sources = answered_.incidents.sources(action.incident_id);
  answered_.shadow.act(action);
  answered_.announcer.publish({answered_.incidents.act(action)}, Audience::told);
  if (action.kind != ActionKind::expected) return;
  for (const auto& source : sources) answered_.detection.rebase(source.series, source.detector, answered_.windows);
}

// They were told in the same message, and would be paged as soon as nothing tells of them.
void Answers::answer_with_those_it_tells_of(const Action& action) {
  const bool ends = action.kind == ActionKind::expected || action.kind == ActionKind::resolve;
  const auto told = ends ? answered_.incidents.told_by(action.incident_id) : std::vector<std::string>();
  answer_incident(action);
  Action same = action;
  for (const auto& id : told) {
    same.incident_id = id;
    answer_incident(same);
  }
}

void Answers::end_expected(core::EventTime now) {
  for (const auto& [id, declaration] : answered_.incidents.expected_incidents()) {
    answer_incident(called_expected(id, *declaration, now));
  }
}

void Answers::plan(std::vector<Action> taken, OnProblem on_problem) {
  std::stable_sort(taken.begin(), taken.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
  plan_ = std::move(taken);
  planned_ = 0;
  on_problem_ = std::move(on_problem);
}

void Answers::carry_out_planned(core::EventTime now) {
  for (; planned_ < plan_.size() && plan_[planned_].at <= now; ++planned_) {
    const auto done = carry_out(plan_[planned_]);
    if (!done) on_problem_(done.error().message);
  }
}

}  // namespace costdrift::daemon
