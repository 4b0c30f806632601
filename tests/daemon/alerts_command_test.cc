// What `costdrift alerts list`, `alerts diff` and `changes list` print of a daemon's answers.
#include "daemon/answers/alerts_command.h"

#include <gtest/gtest.h>

#include "daemon/http/server.h"
#include "tests/support/sample_snapshot.h"

namespace costdrift::daemon {
namespace {

core::AlertEvent alert_of(const std::string& app, char id) {
  core::AlertEvent event = tests::sample_alert();
  event.incident_id = std::string(32, id);
  event.series = core::SeriesKey::of({{core::Dimension::app, app}, {core::Dimension::model, "gpt-4o"}});
  event.labels = event.series.labels();
  event.status = core::AlertStatus::firing;
  event.severity = core::Severity::warning;
  event.detector = "prompt_growth";
  event.acknowledged_at = event.snoozed_until = event.resolved_at = std::nullopt;
  event.acknowledged_by.clear();
  event.detected_at = *core::parse_rfc3339("2026-03-02T14:05:00Z");
  event.summary = app + ": longer prompts";
  return event;
}

class AlertsCommandTest : public testing::Test {
 protected:
  // What a command prints to standard output; the exit status and standard error are in status_ and err_.
  std::string printed(int (*command)(const DaemonAddress&), const ApiSnapshot& snapshot) {
    board_.publish(std::make_shared<ApiSnapshot>(snapshot));
    config::HttpSettings settings;
    settings.listen = "127.0.0.1:0";
    const auto server = std::move(*HttpServer::start(settings, board_, heartbeat_));
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    status_ = command({.url = server->url()});
    err_ = testing::internal::GetCapturedStderr();
    return testing::internal::GetCapturedStdout();
  }
  std::string diff(std::vector<core::AlertEvent> live, std::vector<core::AlertEvent> shadow,
                   std::set<std::string> untold = {}) {
    ApiSnapshot snapshot = tests::quiet_snapshot();
    snapshot.incidents = std::make_shared<const std::vector<core::AlertEvent>>(std::move(live));
    snapshot.shadow = std::make_shared<const std::vector<core::AlertEvent>>(std::move(shadow));
    snapshot.shadow_detectors = {"latency", "spend"};
    snapshot.untold = untold;
    snapshot.shadow_untold = std::move(untold);
    return printed(alerts_diff_command, snapshot);
  }

  core::SystemClock clock_;
  Heartbeat heartbeat_{clock_};
  SnapshotBoard board_;
  int status_ = -1;
  std::string err_;
};

TEST_F(AlertsCommandTest, ListMarksWhatASilenceKeepsFromEverybody) {
  ApiSnapshot snapshot = tests::quiet_snapshot();
  const core::AlertEvent told = alert_of("desk", 'a'), silenced = alert_of("mail", 'b');
  snapshot.incidents = std::make_shared<const std::vector<core::AlertEvent>>(std::vector{told, silenced});
  snapshot.untold = {silenced.incident_id};
  const auto list = [](const DaemonAddress& daemon) { return alerts_list_command({.daemon = daemon}); };
  EXPECT_EQ(printed(list, snapshot),
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  firing  warning  desk: longer prompts\n"
            "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb  firing  warning  mail: longer prompts  [silenced]\n");
}

TEST_F(AlertsCommandTest, ListSaysWhichPageTellsOfATicket) {
  ApiSnapshot snapshot = tests::quiet_snapshot();
  const core::AlertEvent page = alert_of("desk", 'a');
  core::AlertEvent ticket = alert_of("mail", 'b');
  ticket.told_by = {page.incident_id, page.series};
  snapshot.incidents = std::make_shared<const std::vector<core::AlertEvent>>(std::vector{page, ticket});
  const auto list = [](const DaemonAddress& daemon) { return alerts_list_command({.daemon = daemon}); };
  EXPECT_NE(printed(list, snapshot).find("mail: longer prompts  [told by aaaaaaaa]\n"), std::string::npos);
}

TEST_F(AlertsCommandTest, DiffTellsWhatIsOnlyOnOneSideAndWhatIsToldOtherwise) {
  const core::AlertEvent live = alert_of("desk", 'a'), same = alert_of("mail", 'b'), gone = alert_of("shop", 'c');
  core::AlertEvent otherwise = live, fresh = alert_of("bot", 'd');
  otherwise.severity = core::Severity::critical;
  otherwise.detector = "spend";
  otherwise.detected_at = otherwise.detected_at + core::minutes(2);
  fresh.severity = core::Severity::info;
  fresh.acknowledged_at = fresh.detected_at;
  fresh.acknowledged_by = "ana";
  EXPECT_EQ(diff({live, same, gone}, {otherwise, same, fresh}),
            "only with shadow     dddddddddddddddddddddddddddddddd  firing  info  bot: longer prompts  "
            "[acknowledged by ana]\n"
            "only without shadow  cccccccccccccccccccccccccccccccc  firing  warning  shop: longer prompts\n"
            "otherwise            aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  firing  critical  desk: longer prompts  "
            "[critical instead of warning, led by spend instead of prompt_growth, told at 2026-03-02T14:07:00Z instead "
            "of 2026-03-02T14:05:00Z]\n"
            "with latency, spend on: pages: 2 instead of 3, tickets: 1 instead of 0, of open incidents and those that "
            "ended in the last two days\n");
  EXPECT_EQ(status_, 0);
}

TEST_F(AlertsCommandTest, DiffMarksWhatNobodyIsToldOf) {
  const core::AlertEvent live = alert_of("desk", 'a'), gone = alert_of("shop", 'c'), fresh = alert_of("desk", 'd');
  EXPECT_EQ(diff({live, gone}, {fresh}, {live.incident_id, gone.incident_id}),
            "only without shadow  cccccccccccccccccccccccccccccccc  firing  warning  shop: longer prompts  [silenced]\n"
            "otherwise            dddddddddddddddddddddddddddddddd  firing  warning  desk: longer prompts  [not "
            "silenced]\n"
            "with latency, spend on: pages: 1 instead of 0, tickets: 0 instead of 0, of open incidents and those that "
            "ended in the last two days\n");
  EXPECT_EQ(diff({}, {fresh}, {fresh.incident_id}),
            "only with shadow     dddddddddddddddddddddddddddddddd  firing  warning  desk: longer prompts  [silenced]\n"
            "with latency, spend on: pages: 0 instead of 0, tickets: 0 instead of 0, of open incidents and those that "
            "ended in the last two days\n");
}

TEST_F(AlertsCommandTest, DiffOfTheSameIsItsLastLine) {
  EXPECT_EQ(diff({alert_of("desk", 'a')}, {alert_of("desk", 'a')}),
            "with latency, spend on: pages: 1 instead of 1, tickets: 0 instead of 0, of open incidents and those that "
            "ended in the last two days\n");
}

TEST_F(AlertsCommandTest, DiffWithoutShadowDetectorsSaysHowToHaveOne) {
  EXPECT_EQ(printed(alerts_diff_command, tests::quiet_snapshot()), "");
  EXPECT_EQ(status_, 64);
  EXPECT_NE(err_.find("no detector is a shadow; `detectors: {NAME: {shadow: true}}` makes it one"), std::string::npos)
      << err_;
}

TEST_F(AlertsCommandTest, ListsDeclaredChangesWithWhatTheyExpect) {
  ApiSnapshot snapshot = tests::quiet_snapshot();
  snapshot.changes = std::make_shared<const std::vector<Declaration>>(std::vector<Declaration>{
      {.change = {"ab12cd34", core::ChangeKind::deploy, *core::parse_rfc3339("2026-03-02T14:00:00Z"), "prompt v7",
                  "ana"},
       .match = {{core::Dimension::app, "desk"}, {core::Dimension::model, "gpt-4o"}},
       .expect = {"prompt_growth", "spend"},
       .up_to = std::nullopt,
       .until = *core::parse_rfc3339("2026-03-03T14:00:00Z")},
      {.change = {"99887766", core::ChangeKind::price, *core::parse_rfc3339("2026-03-01T00:00:00Z"), "\x1b[2J", "bo"},
       .match = {{core::Dimension::model, "o3"}},
       .expect = {},
       .up_to = std::nullopt,
       .until = {}}});
  EXPECT_EQ(printed(changes_list_command, snapshot),
            "ab12cd34  2026-03-02T14:00:00Z  deploy  {\"app\":\"desk\",\"model\":\"gpt-4o\"}  expects "
            "[\"prompt_growth\",\"spend\"] until 2026-03-03T14:00:00Z  ana  prompt v7\n"
            "99887766  2026-03-01T00:00:00Z  price  {\"model\":\"o3\"}  bo  \\x1b[2J\n");
  EXPECT_EQ(status_, 0);
}

TEST_F(AlertsCommandTest, SaysThatNoChangeIsDeclared) {
  EXPECT_EQ(printed(changes_list_command, tests::quiet_snapshot()), "no declared changes\n");
  EXPECT_EQ(status_, 0);
}

}  // namespace
}  // namespace costdrift::daemon
