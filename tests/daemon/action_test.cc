// Actions as JSON, and what each does to an incident, to whom it is told, and to a replay.
#include "daemon/answers/action.h"

#include <gtest/gtest.h>

#include "tests/support/answer_play.h"
#include "tests/support/places.h"
#include "tests/support/scenario.h"

namespace costdrift::daemon {
namespace {

using tests::expect_same_in_replay;
using tests::once;
using tests::Play;
using tests::with_reason;

TEST(ActionTest, ComesBackFromItsJson) {
  for (const char* line : {
           R"({"at":"2026-03-02T14:20:00Z","action":"ack","incident":"0123456789abcdef","by":"ana"})",
           R"({"action":"snooze","incident":"0123456789abcdef","for":"2h","by":"ana","note":"deploying"})",
           R"({"action":"expected","incident":"0123456789abcdef"})",
           R"({"action":"resolve","incident":"0123456789abcdef"})",
           R"({"at":"2026-03-02T14:20:00Z","action":"silence","match":{"app":"desk","team":"cx"},)"
           R"("until":"2026-03-02T16:20:00Z","silence":"ab12cd34"})",
           R"({"action":"unsilence","silence":"ab12cd34"})",
           R"({"at":"2026-03-02T14:20:00Z","action":"declare","kind":"deploy","match":{"app":"desk"},)"
           R"("when":"2026-03-02T14:00:00Z","expect":["cost_outlier","prompt_growth"],"up_to":"0.3",)"
           R"("until":"2026-03-03T14:00:00Z","by":"ci","note":"prompt v7","change":"ab12cd34"})",
           R"({"action":"declare","kind":"price","match":{"model":"gpt-4o"},"for":"2d"})",
           R"({"action":"withdraw","change":"ab12cd34"})",
       }) {
    const auto action = parse_action(line);
    ASSERT_TRUE(action) << action.error().message;
    EXPECT_EQ(to_json(*action), line);
  }
}

TEST(ActionTest, SaysWhatIsWrong) {
  const auto problem = [](std::string_view line) {
    const auto action = parse_action(line);
    return action ? std::string("nothing") : action.error().message;
  };
  EXPECT_NE(problem("[]").find("not a JSON object"), std::string::npos);
  EXPECT_NE(problem("{}").find("\"action\" is missing"), std::string::npos);
  EXPECT_NE(problem(R"({"action":"sleep"})").find("ack, snooze, expected"), std::string::npos);
  EXPECT_NE(problem(R"({"action":"ack"})").find("\"incident\" is missing"), std::string::npos);
  EXPECT_NE(problem(R"({"action":"snooze","incident":"0123456789"})").find("\"for\" is missing"), std::string::npos);
  EXPECT_NE(problem(R"({"action":"snooze","incident":"0123456789","for":"0s"})").find("at most 90d"),
            std::string::npos);
  // Added to a time, that would be no time.
  EXPECT_NE(problem(R"({"action":"ack","incident":"0123456789","for":"106751991d"})").find("at most 90d"),
            std::string::npos);
  EXPECT_NE(problem(R"({"action":"silence","for":"2h"})").find("\"match\" is missing"), std::string::npos);
  EXPECT_NE(problem(R"({"action":"silence","for":"2h","match":{"colour":"red"}})").find("colour"), std::string::npos);
  const std::string declare = R"({"action":"declare","match":{"app":"desk"})";
  EXPECT_NE(problem(declare + "}").find("\"kind\" is missing"), std::string::npos);
  EXPECT_NE(problem(declare + R"(,"kind":"holiday"})").find("deploy and price"), std::string::npos);
  EXPECT_NE(problem(R"({"action":"declare","kind":"deploy"})").find("\"match\" is missing"), std::string::npos);
  EXPECT_NE(problem(declare + R"(,"kind":"deploy","expect":["prompts"]})").find("is no detector"), std::string::npos);
  EXPECT_NE(problem(declare + R"(,"kind":"deploy","expect":"prompt_growth"})").find("list of det"), std::string::npos);
  for (const char* bound : {"", "0", "-5%", "nan", "30 percent", "10001%"}) {
    EXPECT_NE(problem(declare + R"(,"kind":"deploy","up_to":")" + bound + "\"}").find("\"up_to\""), std::string::npos);
  }
  EXPECT_NE(problem(R"({"action":"withdraw"})").find("\"change\" is missing"), std::string::npos);
  EXPECT_NE(problem(R"({"action":"ack","incident":7})").find("must be a text"), std::string::npos);
  EXPECT_NE(problem(R"({"action":"ack","incident":"0123456789","mood":"good"})").find("mood"), std::string::npos);
}

TEST(Answers, AcknowledgedIsSaidOnceAndQuietsTheRest) {
  Play play;
  std::string id;
  play.run(500, once("prompt_growth", "ack", id));
  ASSERT_FALSE(id.empty());
  const auto versions = play.versions(play.alerts(), id);
  const auto answered = with_reason(versions, "acknowledged by ana");
  ASSERT_NE(answered, versions.end());
  EXPECT_EQ(answered->status, core::AlertStatus::updated);
  for (auto later = answered; later != versions.end(); ++later) {
    EXPECT_TRUE(later == answered || later->status == core::AlertStatus::resolved ||
                later->reason.starts_with("severity rose"))
        << later->reason;
    EXPECT_EQ(later->acknowledged_by, "ana");
  }
  EXPECT_NE(play.dump().find("\nactions {\"at\":"), std::string::npos);
  expect_same_in_replay(play);
}

TEST(Answers, ExpectedEndsItAndLearnsThePresent) {
  Play play;
  std::string id;
  play.run(500, once("prompt_growth", "expected", id));
  ASSERT_FALSE(id.empty());
  const auto versions = play.versions(play.alerts(), id);
  EXPECT_EQ(versions.back().status, core::AlertStatus::resolved);
  EXPECT_EQ(versions.back().reason, "called expected by ana: the present is learned as normal");
  for (const auto& event : play.alerts()) {
    const bool again = event.series == versions.back().series && event.detector == "prompt_growth" &&
                       event.status == core::AlertStatus::firing && event.detected_at > versions.back().updated_at &&
                       event.effect > 0.1 && event.detected_at < versions.back().updated_at + core::hours(3);
    EXPECT_FALSE(again) << event.summary;
  }
  expect_same_in_replay(play);
}

// An application whose prompt grows on both models that it uses.
const std::vector<std::string>& both_models() {
  static const std::vector<std::string> lines = [] {
    auto scenario =
        tests::read_scenario(tests::source_path("tests/scenarios/prompt_grows_on_both_models_of_an_app.yaml"));
    scenario->changes[0].added_input_tokens = 3000;
    std::vector<std::string> texts;
    for (const auto& record : tests::traffic_of(*scenario)) texts.push_back(record.json);
    return texts;
  }();
  return lines;
}

TEST(Answers, ThatEndAPageEndWhatItToldOf) {
  for (const std::string action : {"expected", "resolve"}) {
    Play play({}, "{}", both_models());
    std::string page, other;
    play.run(500, [&](Play& now) {
      for (const auto& event : now.alerts()) {
        if (event.told_by) other = event.incident_id;
        if (event.elsewhere.incidents == 0 || !page.empty()) continue;
        page = event.incident_id;
        now.act(R"({"action":")" + action + R"(","incident":")" + page + R"(","by":"ana"})");
      }
    });
    ASSERT_FALSE(page.empty());
    const auto of_page = play.versions(play.alerts(), page), of_other = play.versions(play.alerts(), other);
    ASSERT_FALSE(of_other.empty());
    EXPECT_EQ(of_other.back().status, core::AlertStatus::resolved);
    EXPECT_EQ(of_other.back().reason, of_page.back().reason);
    EXPECT_EQ(of_other.back().updated_at, of_page.back().updated_at);
    for (const auto& event : play.alerts()) {
      EXPECT_TRUE(event.severity == core::Severity::info || event.incident_id == page) << event.summary;
    }
    expect_same_in_replay(play);
  }
}

TEST(Answers, ResolvedIsOverAndNotToldAgain) {
  Play play;
  std::string id;
  play.run(500, once("prompt_growth", "resolve", id));
  ASSERT_FALSE(id.empty());
  const auto versions = play.versions(play.alerts(), id);
  EXPECT_EQ(versions.back().status, core::AlertStatus::resolved);
  EXPECT_EQ(versions.back().reason, "resolved by ana");
  expect_same_in_replay(play);
}

TEST(Answers, SnoozedIsToldAgainWhenItStillGoesOn) {
  Play play;
  std::string id;
  play.run(500, [&](Play& now) {
    const core::AlertEvent* event = now.open("prompt_growth");
    if (!id.empty() || event == nullptr) return;
    id = event->incident_id;
    now.act(R"({"action":"snooze","incident":")" + id + R"(","for":"10m"})");
  });
  ASSERT_FALSE(id.empty());
  const auto versions = play.versions(play.alerts(), id);
  const auto snoozed = with_reason(versions, "snoozed until ");
  ASSERT_NE(snoozed, versions.end());
  const auto woke = with_reason(versions, "the snooze has ended and it still goes on");
  ASSERT_NE(woke, versions.end());
  EXPECT_GE(woke->updated_at, *snoozed->snoozed_until);
  for (const auto& event : play.versions(play.sent(), id)) {
    EXPECT_FALSE(event.version > snoozed->version && event.updated_at < *snoozed->snoozed_until) << event.reason;
  }
  expect_same_in_replay(play);
}

TEST(Answers, SilencedIsKeptButToldToNobodyUntilTheSilenceEnds) {
  Play play;
  bool said = false;
  play.run(500, [&](Play& now) {
    if (said || now.pipeline().windows().closed_until() == core::EventTime::min()) return;
    said = true;
    now.act(R"({"action":"silence","match":{"app":"support-bot"},"for":"60d","note":"migration"})");
    now.commit();
    now.restart();
    EXPECT_EQ(now.pipeline().silences().size(), 1U) << "a silence survives a restart";
  });
  int decided = 0;
  for (const auto& event : play.alerts()) decided += event.series.label(core::Dimension::app) == "support-bot" ? 1 : 0;
  EXPECT_GT(decided, 0);
  for (const auto& event : play.sent())
    EXPECT_NE(event.series.label(core::Dimension::app), "support-bot") << event.reason;
  EXPECT_FALSE(play.sent().empty()) << "others are told as always";
  expect_same_in_replay(play);
}

TEST(Answers, ARemovedSilenceTellsWhatStillGoesOn) {
  Play play;
  std::string silence;
  bool removed = false;
  play.run(200, [&](Play& now) {
    if (silence.empty() && now.pipeline().windows().closed_until() != core::EventTime::min()) {
      now.act(R"({"action":"silence","match":{"app":"support-bot"},"for":"60d"})");
      silence = now.pipeline().silences().front().id;
    } else if (!removed && now.open("prompt_growth") != nullptr) {
      removed = true;
      now.act(R"({"action":"unsilence","silence":")" + silence + R"("})");
    }
  });
  ASSERT_TRUE(removed);
  const auto told = std::find_if(play.sent().begin(), play.sent().end(), [](const auto& event) {
    return event.reason == "the silence has ended and it still goes on";
  });
  EXPECT_NE(told, play.sent().end());
  expect_same_in_replay(play);
}

TEST(Answers, WhatCannotBeDoneIsSaid) {
  Play play;
  const auto problem = [&](const std::string& json) {
    const auto done = play.pipeline().act(*parse_action(json));
    return done ? std::string("nothing") : done.error().message;
  };
  const std::string ack = R"({"action":"ack","incident":"ffffffffffffffff"})";
  EXPECT_NE(problem(ack).find("no events have been judged yet"), std::string::npos);
  std::string id;
  play.run(500, once("prompt_growth", "resolve", id));
  EXPECT_NE(problem(ack).find("there is none of this id"), std::string::npos);
  EXPECT_NE(problem(R"({"action":"ack","incident":")" + id + "\"}").find("it has ended"), std::string::npos);
  EXPECT_NE(problem(R"({"action":"ack","incident":"f"})").find("first 8 digits"), std::string::npos);
  EXPECT_NE(problem(R"({"action":"unsilence","silence":"nope"})").find("there is no silence"), std::string::npos);
}

}  // namespace
}  // namespace costdrift::daemon
