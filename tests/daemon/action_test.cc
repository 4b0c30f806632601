// Actions as JSON, and what each does to an incident, to whom it is told, and to a replay.
#include "daemon/action.h"

#include <gtest/gtest.h>

#include "core/alert_event_json.h"
#include "daemon/catalogue.h"
#include "daemon/pipeline.h"
#include "state/dump.h"
#include "tests/support/running_daemon.h"
#include "tests/support/traffic_log.h"

namespace costdrift::daemon {
namespace {

TEST(ActionTest, ComesBackFromItsJson) {
  for (const char* line : {
           R"({"at":"2026-03-02T14:20:00Z","action":"ack","incident":"0123456789abcdef","by":"ana"})",
           R"({"action":"snooze","incident":"0123456789abcdef","for":"2h","by":"ana","note":"deploying"})",
           R"({"action":"expected","incident":"0123456789abcdef"})",
           R"({"action":"resolve","incident":"0123456789abcdef"})",
           R"({"at":"2026-03-02T14:20:00Z","action":"silence","match":{"app":"desk","team":"cx"},)"
           R"("until":"2026-03-02T16:20:00Z","silence":"ab12cd34"})",
           R"({"action":"unsilence","silence":"ab12cd34"})",
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
  EXPECT_NE(problem(R"({"action":"ack","incident":7})").find("must be a text"), std::string::npos);
  EXPECT_NE(problem(R"({"action":"ack","incident":"0123456789","mood":"good"})").find("mood"), std::string::npos);
}

const config::Settings& settings() {
  static const config::Settings parsed = *config::parse_settings(
      "kafka: {brokers: \"localhost:1\", topics: [{name: llm.usage}]}\nstate: {path: nowhere}\n"
      "sinks: {me: {type: console}}\n",
      "test.yaml", catalogue());
  return parsed;
}

const std::vector<std::string>& lines() {
  static const auto log = tests::demo_traffic(1, {"support-bot", "checkout-assist"});
  return log.partitions.front();
}

// Reads the log; `said` may answer after each step.
class Play {
 public:
  explicit Play(std::vector<Action> plan = {}) {
    restart();
    pipeline_->plan(std::move(plan), [this](const std::string& problem) { problems_ += problem + "\n"; });
  }
  void restart() {
    pipeline_ = *Pipeline::make(settings(), *store_, prices_,
                                [this](const core::AlertEvent& event) { alerts_.push_back(event); });
    EXPECT_TRUE(pipeline_->add_partition({"llm.usage", 0}));
  }
  void run(std::size_t step, const std::function<void(Play&)>& said = {}) {
    for (std::size_t i = 0; i < lines().size(); ++i) {
      pipeline_->process(
          {.partition = 0, .offset = static_cast<std::int64_t>(i), .value = lines()[i], .appended_at = {}});
      if (i % step != 0) continue;
      pipeline_->advance();
      if (said) said(*this);
      commit();
    }
    pipeline_->set_idle(0, true);
    pipeline_->advance();
    commit();
  }
  void commit() {
    auto outgoing = pipeline_->commit();
    ASSERT_TRUE(outgoing);
    for (auto& item : *outgoing) sent_.push_back(item.notification.event);
  }
  void act(const std::string& json) {
    const auto action = parse_action(json);
    ASSERT_TRUE(action) << action.error().message;
    const auto done = pipeline_->act(*action);
    EXPECT_TRUE(done) << done.error().message;
  }
  std::string dump() {
    std::string text;
    EXPECT_TRUE(state::dump_store(*store_, {}, [&](std::string_view line) { text.append(line).append("\n"); }));
    return text;
  }
  std::vector<Action> journal() {
    std::vector<Action> actions;
    state::Journal(*store_, 1000, state::KeySpace::actions).scan([&](std::string_view line) {
      actions.push_back(*parse_action(line));
      return true;
    });
    return actions;
  }
  // The newest alert with this detector that is open.
  const core::AlertEvent* open(const std::string& detector) const {
    const core::AlertEvent* found = nullptr;
    for (const auto& event : alerts_) {
      if (event.detector != detector) continue;
      found = event.status == core::AlertStatus::resolved ? nullptr : &event;
    }
    return found;
  }
  std::vector<core::AlertEvent> versions(const std::vector<core::AlertEvent>& of, const std::string& id) const {
    std::vector<core::AlertEvent> result;
    for (const auto& event : of) {
      if (event.incident_id == id) result.push_back(event);
    }
    return result;
  }
  std::string all_alerts() const {
    std::string text;
    for (const auto& event : alerts_) text += core::to_json(event) + "\n";
    return text;
  }
  const std::vector<core::AlertEvent>& alerts() const { return alerts_; }
  const std::vector<core::AlertEvent>& sent() const { return sent_; }
  const std::string& problems() const { return problems_; }
  Pipeline& pipeline() { return *pipeline_; }

 private:
  PriceBook prices_ = PriceBook::shipped({});
  std::unique_ptr<state::Store> store_ = std::move(*state::Store::open("play", {.sync = false, .in_memory = true}));
  std::unique_ptr<Pipeline> pipeline_;
  std::vector<core::AlertEvent> alerts_, sent_;
  std::string problems_;
};

// Says `action` about the first incident of the detector, once.
std::function<void(Play&)> once(const std::string& detector, const std::string& action, std::string& id) {
  return [=, &id](Play& play) {
    const core::AlertEvent* event = play.open(detector);
    if (!id.empty() || event == nullptr) return;
    id = event->incident_id;
    play.act(R"({"action":")" + action + R"(","incident":")" + id.substr(0, 12) + R"(","by":"ana"})");
  };
}

std::vector<core::AlertEvent>::const_iterator with_reason(const std::vector<core::AlertEvent>& versions,
                                                          std::string_view reason) {
  return std::find_if(versions.begin(), versions.end(),
                      [&](const auto& event) { return event.reason.starts_with(reason); });
}

// The journal of actions, replayed in other steps, gives the same alerts and the same state.
void expect_same_in_replay(Play& live) {
  Play again(live.journal());
  again.run(911);
  EXPECT_EQ(again.problems(), "");
  EXPECT_EQ(tests::first_difference(live.all_alerts(), again.all_alerts()), "");
  EXPECT_EQ(tests::first_difference(live.dump(), again.dump()), "");
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
