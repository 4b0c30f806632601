// Declared changes through the whole pipeline: named in alerts, taken as normal where they say so, and the same in a
// replay.
#include <gtest/gtest.h>

#include "tests/support/answer_play.h"

namespace costdrift::daemon {
namespace {

using tests::expect_same_in_replay;
using tests::Play;
using tests::with_reason;

// Twenty minutes before the prompts of the support bot grow.
const core::EventTime kBefore = *core::parse_rfc3339("2025-03-04T08:50:00Z");

// Says it once the time has come.
std::function<void(Play&)> at(core::EventTime time, const std::string& json, bool& done) {
  return [=, &done](Play& play) {
    if (done || play.pipeline().windows().closed_until() < time) return;
    done = true;
    play.act(json);
    play.commit();
    play.restart();
    EXPECT_EQ(play.pipeline().changes().all().size(), 1U) << "a declaration survives a restart";
  };
}

TEST(Declarations, ADeployIsNamedAndSilencesNothing) {
  Play play;
  bool said = false;
  play.run(500, at(kBefore,
                   R"({"action":"declare","kind":"deploy","note":"prompt v7",)"
                   R"("match":{"app":"support-bot"},"by":"ana"})",
                   said));
  ASSERT_TRUE(said);
  const auto growth = std::find_if(play.alerts().begin(), play.alerts().end(),
                                   [](const auto& event) { return event.detector == "prompt_growth"; });
  ASSERT_NE(growth, play.alerts().end());
  EXPECT_EQ(growth->status, core::AlertStatus::firing);
  ASSERT_TRUE(growth->declared_change);
  EXPECT_EQ(growth->declared_change->note, "prompt v7");
  EXPECT_NE(growth->summary.find("after the declared deploy \"prompt v7\" by ana"), std::string::npos)
      << growth->summary;
  EXPECT_FALSE(play.versions(play.sent(), growth->incident_id).empty());
  expect_same_in_replay(play);
}

TEST(Declarations, WhatIsExpectedIsOnRecordAndNotPaged) {
  Play play;
  bool said = false;
  play.run(500, at(kBefore,
                   R"({"action":"declare","kind":"deploy","note":"prompt v7",)"
                   R"("match":{"app":"support-bot"},"by":"ana","expect":["prompt_growth","cost_outlier"]})",
                   said));
  ASSERT_TRUE(said);
  const auto growth = std::find_if(play.alerts().begin(), play.alerts().end(),
                                   [](const auto& event) { return event.detector == "prompt_growth"; });
  ASSERT_NE(growth, play.alerts().end());
  EXPECT_EQ(growth->status, core::AlertStatus::resolved);
  EXPECT_EQ(growth->severity, core::Severity::info);
  EXPECT_EQ(growth->version, 1);
  EXPECT_EQ(growth->reason, "expected of the declared deploy \"prompt v7\" by ana: the present is learned as normal");
  for (const auto& event : play.alerts()) {
    EXPECT_FALSE(event.detector == "prompt_growth" && event.series == growth->series &&
                 event.severity > core::Severity::info)
        << event.summary;
  }
  expect_same_in_replay(play);
}

TEST(Declarations, ALateOneEndsWhatItExpects) {
  Play play;
  std::string id;
  play.run(500, [&](Play& now) {
    const core::AlertEvent* event = now.open("prompt_growth");
    if (!id.empty() || event == nullptr) return;
    id = event->incident_id;
    now.act(R"({"action":"declare","kind":"deploy","match":{"app":"support-bot"},"note":"prompt v7","when":")" +
            core::format_rfc3339(event->onset) + R"(","expect":["prompt_growth"]})");
  });
  ASSERT_FALSE(id.empty());
  const auto versions = play.versions(play.alerts(), id);
  const auto named = with_reason(versions, "called expected: prompt v7");
  ASSERT_NE(named, versions.end());
  EXPECT_TRUE(named->declared_change);
  EXPECT_EQ(named->status, core::AlertStatus::resolved);
  expect_same_in_replay(play);
}

TEST(Declarations, ALateOneIsNamedUntilItIsWithdrawn) {
  Play play;
  std::string id, change;
  play.run(500, [&](Play& now) {
    const core::AlertEvent* event = now.open("prompt_growth");
    if (!id.empty() || event == nullptr) return;
    id = event->incident_id;
    now.act(R"({"action":"declare","kind":"deploy","match":{"app":"support-bot"},"when":")" +
            core::format_rfc3339(event->onset) + "\"}");
    change = now.pipeline().changes().all().front().change.id;
    now.act(R"({"action":"withdraw","change":")" + change + "\"}");
    EXPECT_TRUE(now.pipeline().changes().all().empty());
  });
  const auto versions = play.versions(play.alerts(), id);
  const auto named = with_reason(versions, "declared: deploy");
  ASSERT_NE(named, versions.end());
  EXPECT_TRUE(named->declared_change);
  EXPECT_EQ(named->status, core::AlertStatus::updated);
  const auto gone = with_reason(versions, "the declared change was withdrawn");
  ASSERT_NE(gone, versions.end());
  EXPECT_FALSE(gone->declared_change);
  EXPECT_FALSE(play.pipeline().act(*parse_action(R"({"action":"withdraw","change":")" + change + "\"}")));
  expect_same_in_replay(play);
}

}  // namespace
}  // namespace costdrift::daemon
