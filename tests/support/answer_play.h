// Play: the demo's traffic of two applications through a pipeline, with people who answer its alerts meanwhile.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/alert_event_json.h"
#include "daemon/catalogue.h"
#include "daemon/pipeline.h"
#include "state/dump.h"
#include "tests/support/running_daemon.h"
#include "tests/support/traffic_log.h"

namespace costdrift::tests {

using daemon::Action;
using daemon::Pipeline;
using daemon::PriceBook;

// `detectors`: that section of the configuration, as YAML.
inline config::Settings play_settings(const std::string& detectors) {
  const auto parsed = config::parse_settings(
      "kafka: {brokers: \"localhost:1\", topics: [{name: llm.usage}]}\nstate: {path: nowhere}\n"
      "sinks: {me: {type: console}}\ndetectors: " +
          detectors + "\n",
      "test.yaml", daemon::catalogue());
  if (!parsed) core::bug("the configuration of the play is wrong");
  return *parsed;
}

inline const std::vector<std::string>& play_lines() {
  static const auto log = demo_traffic(1, {"support-bot", "checkout-assist"});
  return log.partitions.front();
}

// Reads the log; `said` may answer after each step.
class Play {
 public:
  explicit Play(std::vector<Action> plan = {}, const std::string& detectors = "{}",
                std::vector<std::string> lines = play_lines())
      : settings_(play_settings(detectors)), lines_(std::move(lines)) {
    restart();
    pipeline_->plan(std::move(plan), [this](const std::string& problem) { problems_ += problem + "\n"; });
  }
  void restart() {
    pipeline_ = *Pipeline::make(settings_, *store_, prices_,
                                [this](const core::AlertEvent& event) { alerts_.push_back(event); });
    EXPECT_TRUE(pipeline_->add_partition({"llm.usage", 0}));
  }
  // The same with another configuration.
  void restart(const std::string& detectors) {
    pipeline_.reset();
    settings_ = play_settings(detectors);
    restart();
  }
  void run(std::size_t step, const std::function<void(Play&)>& said = {}) {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      pipeline_->process(
          {.partition = 0, .offset = static_cast<std::int64_t>(i), .value = lines_[i], .appended_at = {}});
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
    const auto action = daemon::parse_action(json);
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
      actions.push_back(*daemon::parse_action(line));
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
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  config::Settings settings_;
  std::vector<std::string> lines_;
  PriceBook prices_ = PriceBook::shipped({});
  std::unique_ptr<state::Store> store_ = std::move(*state::Store::open("play", {.sync = false, .in_memory = true}));
  std::unique_ptr<Pipeline> pipeline_;
  std::vector<core::AlertEvent> alerts_, sent_;
  std::string problems_;
};

// Says `action` about the first incident of the detector, once.
inline std::function<void(Play&)> once(const std::string& detector, const std::string& action, std::string& id) {
  return [=, &id](Play& play) {
    const core::AlertEvent* event = play.open(detector);
    if (!id.empty() || event == nullptr) return;
    id = event->incident_id;
    play.act(R"({"action":")" + action + R"(","incident":")" + id.substr(0, 12) + R"(","by":"ana"})");
  };
}

inline std::vector<core::AlertEvent>::const_iterator with_reason(const std::vector<core::AlertEvent>& versions,
                                                                 std::string_view reason) {
  return std::find_if(versions.begin(), versions.end(),
                      [&](const auto& event) { return event.reason.starts_with(reason); });
}

// The journal of actions, replayed in other steps, gives the same alerts and the same state.
inline void expect_same_in_replay(Play& live, const std::string& detectors = "{}") {
  Play again(live.journal(), detectors, live.lines());
  again.run(911);
  EXPECT_EQ(again.problems(), "");
  EXPECT_EQ(first_difference(live.all_alerts(), again.all_alerts()), "");
  EXPECT_EQ(first_difference(live.dump(), again.dump()), "");
}

}  // namespace costdrift::tests
