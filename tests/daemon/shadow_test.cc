// Shadow detectors: what they find is told to nobody and changes nothing, and can be compared with what is told.
#include <gtest/gtest.h>

#include "daemon/incidents/shadow_diff.h"
#include "tests/support/answer_play.h"

namespace costdrift::daemon {
namespace {

using tests::Play;

const std::string kOff = "{prompt_growth: false}";
const std::string kShadow = "{prompt_growth: {shadow: true}}";

std::vector<core::AlertEvent> shadow_of(Play& play) {
  const IncidentBook* book = play.pipeline().shadow_incidents();
  return book == nullptr ? std::vector<core::AlertEvent>() : book->newest(1000);
}

bool has(const std::vector<core::AlertEvent>& events, const std::string& id) {
  return std::any_of(events.begin(), events.end(), [&](const auto& event) { return event.incident_id == id; });
}

std::string id_of_growth(const std::vector<core::AlertEvent>& events) {
  for (const auto& event : events) {
    if (event.detector == "prompt_growth") return event.incident_id;
  }
  return {};
}

TEST(Shadow, ChangesNoRealAlertAndFindsWhatItWouldFind) {
  Play off({}, kOff), shadow({}, kShadow), on;
  for (Play* play : {&off, &shadow, &on}) play->run(1000);
  ASSERT_FALSE(off.alerts().empty());
  EXPECT_EQ(tests::first_difference(off.all_alerts(), shadow.all_alerts()), "");
  EXPECT_EQ(off.sent().size(), shadow.sent().size());
  EXPECT_EQ(off.pipeline().shadow_incidents(), nullptr);
  const auto would = shadow_of(shadow);
  const std::string growth = id_of_growth(would);
  ASSERT_FALSE(growth.empty());
  EXPECT_TRUE(has(on.alerts(), growth)) << "the incident that it opens once it is on";
  EXPECT_FALSE(has(shadow.alerts(), growth));
  const ShadowDiff diff = shadow_diff(shadow.pipeline().incidents().newest(1000), would);
  const bool led_otherwise = std::any_of(diff.both.begin(), diff.both.end(), [&](const auto& both) {
    return both.second.incident_id == growth && both.first.detector != "prompt_growth";
  });
  EXPECT_TRUE(has(diff.only_shadow, growth) || led_otherwise);
  EXPECT_TRUE(diff.only_live.empty());
}

TEST(Shadow, SurvivesRestartsAndLeavesNothingBehind) {
  Play whole({}, kShadow), stopped({}, kShadow);
  whole.run(1000);
  int steps = 0;
  stopped.run(1000, [&](Play& play) {
    if (++steps % 7 != 0) return;
    play.commit();
    play.restart();
  });
  EXPECT_EQ(tests::first_difference(whole.dump(), stopped.dump()), "");
  ASSERT_NE(whole.dump().find("\nshadow_incidents "), std::string::npos);
  whole.restart("{}");
  whole.commit();
  EXPECT_EQ(whole.dump().find("\nshadow_incidents "), std::string::npos);
}

TEST(Shadow, BeginsWithWhatIsOpenAndKeepsWhatItLearned) {
  Play play;
  bool changed = false;
  std::string open;
  play.run(1000, [&](Play& now) {
    const core::AlertEvent* growth = now.open("prompt_growth");
    if (changed || growth == nullptr) return;
    changed = true;
    open = growth->incident_id;
    const auto judges = now.pipeline().detection().judges();
    now.commit();
    now.restart("{latency: {shadow: true}}");
    EXPECT_TRUE(has(shadow_of(now), open));
    EXPECT_LE(now.pipeline().detection().judges(), judges) << "a shadow takes no share of the page budget";
  });
  ASSERT_TRUE(changed);
  EXPECT_TRUE(shadow_diff(play.pipeline().incidents().newest(1000), shadow_of(play)).only_live.empty());
}

const core::AlertEvent* find(const std::vector<core::AlertEvent>& events, const std::string& id) {
  const auto found = std::find_if(events.begin(), events.end(), [&](const auto& e) { return e.incident_id == id; });
  return found == events.end() ? nullptr : &*found;
}

TEST(Shadow, ASilenceKeepsItFromEverybodyAsIfItWereOn) {
  Play shadow({}, kShadow), on, loud({}, kShadow);
  for (Play* play : {&shadow, &on}) {
    bool said = false;
    play->run(1000, [&](Play& now) {
      if (said || now.pipeline().windows().closed_until() == core::EventTime::min()) return;
      said = true;
      now.act(R"({"action":"silence","match":{"app":"support-bot"},"for":"60d"})");
    });
  }
  loud.run(1000);
  const std::string growth = id_of_growth(shadow_of(shadow));
  ASSERT_FALSE(growth.empty());
  EXPECT_TRUE(shadow.pipeline().shadow_incidents()->untold().contains(growth));
  EXPECT_TRUE(on.pipeline().incidents().untold().contains(growth));
  for (const auto& event : shadow_of(shadow)) {
    const bool covered = event.series.label(core::Dimension::app) == "support-bot";
    EXPECT_EQ(shadow.pipeline().shadow_incidents()->untold().contains(event.incident_id), covered) << event.summary;
  }
  ASSERT_TRUE(has(shadow_of(loud), growth));
  EXPECT_TRUE(loud.pipeline().shadow_incidents()->untold().empty());
}

// Silences an application until a shadow detector has found something in it.
struct SilenceUntilGrowth {
  std::string silence, growth;
  void operator()(Play& now) {
    if (silence.empty() && now.pipeline().windows().closed_until() != core::EventTime::min()) {
      now.act(R"({"action":"silence","match":{"app":"support-bot"},"for":"60d"})");
      silence = now.pipeline().silences().front().id;
    }
    if (!growth.empty() || id_of_growth(shadow_of(now)).empty()) return;
    growth = id_of_growth(shadow_of(now));
    EXPECT_TRUE(now.pipeline().shadow_incidents()->untold().contains(growth));
    now.act(R"({"action":"unsilence","silence":")" + silence + R"("})");
  }
};

TEST(Shadow, ASilenceEndsAsItDoesForWhatIsTold) {
  Play play({}, kShadow);
  SilenceUntilGrowth said;
  bool told = false;
  play.run(200, [&](Play& now) {
    said(now);
    const auto events = shadow_of(now);
    const core::AlertEvent* event = find(events, said.growth);
    told = told || (event != nullptr && event->reason == "the silence has ended and it still goes on");
  });
  ASSERT_FALSE(said.growth.empty());
  EXPECT_TRUE(told);
  EXPECT_FALSE(play.pipeline().shadow_incidents()->untold().contains(said.growth));
  tests::expect_same_in_replay(play, kShadow);
}

TEST(Shadow, WhatASilenceHoldsSurvivesRestarts) {
  Play whole({}, kShadow), stopped({}, kShadow);
  whole.run(200, SilenceUntilGrowth());
  SilenceUntilGrowth said;
  int steps = 0;
  stopped.run(200, [&](Play& play) {
    said(play);
    if (++steps % 7 != 0) return;
    play.commit();
    play.restart();
  });
  ASSERT_FALSE(said.growth.empty());
  EXPECT_EQ(tests::first_difference(whole.dump(), stopped.dump()), "");
}

TEST(Shadow, ASnoozeEndsAsItDoesForWhatIsTold) {
  Play play({}, kShadow);
  std::string id;
  play.run(200, [&](Play& now) {
    if (!id.empty() || now.alerts().empty() || now.alerts().back().status == core::AlertStatus::resolved) return;
    if (!has(shadow_of(now), now.alerts().back().incident_id)) return;
    id = now.alerts().back().incident_id;
    now.act(R"({"action":"snooze","incident":")" + id + R"(","for":"10m"})");
  });
  ASSERT_FALSE(id.empty());
  const auto versions = play.versions(play.alerts(), id);
  ASSERT_NE(tests::with_reason(versions, "the snooze has ended"), versions.end());
  const auto would = shadow_of(play);
  ASSERT_NE(find(would, id), nullptr);
  EXPECT_FALSE(find(would, id)->snoozed_until);
}

core::AlertEvent event(const std::string& id, std::int64_t onset, std::optional<std::int64_t> end = {}) {
  core::AlertEvent event;
  event.incident_id = id;
  event.series = core::SeriesKey::of({{core::Dimension::app, "desk"}});
  event.onset = {onset};
  if (end) event.resolved_at = core::EventTime{*end};
  return event;
}

TEST(ShadowDiff, SameIdsFirstThenTheSameTime) {
  const auto diff = shadow_diff({event("a", 10, 20), event("b", 30), event("c", 0, 5)},
                                {event("x", 15), event("b", 31), event("d", 21, 25), event("y", 6, 9)});
  ASSERT_EQ(diff.both.size(), 2U);
  EXPECT_EQ(diff.both[0].first.incident_id + diff.both[0].second.incident_id, "ax");
  EXPECT_EQ(diff.both[1].first.incident_id + diff.both[1].second.incident_id, "bb");
  ASSERT_EQ(diff.only_shadow.size(), 2U);
  EXPECT_EQ(diff.only_shadow[0].incident_id + diff.only_shadow[1].incident_id, "dy");
  ASSERT_EQ(diff.only_live.size(), 1U);
  EXPECT_EQ(diff.only_live[0].incident_id, "c");
}

}  // namespace
}  // namespace costdrift::daemon
