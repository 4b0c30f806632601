#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "core/alert_event_json.h"
#include "daemon/http/routes.h"
#include "tests/support/fake_clock.h"
#include "tests/support/sample_snapshot.h"

namespace costdrift::daemon {
namespace {

using nlohmann::json;

class HttpRoutesTest : public testing::Test {
 protected:
  void publish(ApiSnapshot snapshot) { board.publish(std::make_shared<ApiSnapshot>(std::move(snapshot))); }

  HttpResponse get(std::string path, std::vector<std::pair<std::string, std::string>> query = {}) const {
    return routes.answer({"GET", std::move(path), std::move(query), "localhost:8321", false, ""});
  }

  tests::FakeClock clock;
  Heartbeat heartbeat{clock};
  SnapshotBoard board;
  HttpRoutes routes{AccessPolicy({"127.0.0.1", 8321, true}, "", {}), board, heartbeat};
  HttpRoutes guarded{AccessPolicy({"127.0.0.1", 8321, true}, "", {"Bearer right"}), board, heartbeat};
};

TEST_F(HttpRoutesTest, HealthFollowsTheHeartbeat) {
  for (const char* path : {"/healthz", "/livez", "/-/healthy"}) EXPECT_EQ(get(path).status, 200) << path;
  clock.advance(core::milliseconds(29'999));
  EXPECT_EQ(get("/healthz").status, 200);
  clock.advance(core::milliseconds(1));
  EXPECT_EQ(get("/healthz").status, 503);
  EXPECT_EQ(get("/healthz").body, "the stream thread has not moved for 30 s\n");
  heartbeat.beat();
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(HttpRoutesTest, ReadinessSaysWhyNot) {
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_EQ(get("/readyz").body, "starting\n");
  ApiSnapshot snapshot;
  snapshot.not_ready_because = "reading the state back";
  publish(snapshot);
  EXPECT_EQ(get("/-/ready").status, 503);
  EXPECT_EQ(get("/-/ready").body, "reading the state back\n");
  publish(tests::quiet_snapshot());
  EXPECT_EQ(get("/readyz").status, 200);
}

TEST_F(HttpRoutesTest, ReadinessDoesNotDecideHealth) {
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(HttpRoutesTest, ListsAlertsNewestFirst) {
  const ApiSnapshot snapshot = tests::sample_snapshot();
  publish(snapshot);
  const auto response = get("/api/v1/alerts");
  EXPECT_EQ(response.content_type, "application/json");
  const json answer = json::parse(response.body);
  ASSERT_EQ(answer["alerts"].size(), snapshot.incidents->size());
  EXPECT_EQ(answer["total"], snapshot.incidents->size());
  for (std::size_t i = 0; i < snapshot.incidents->size(); ++i) {
    EXPECT_EQ(answer["alerts"][i], json::parse(core::to_json((*snapshot.incidents)[i])));
  }
}

TEST_F(HttpRoutesTest, FiltersAndLimitsAlerts) {
  publish(tests::sample_snapshot());
  const json firing = json::parse(get("/api/v1/alerts", {{"status", "firing"}}).body);
  EXPECT_EQ(firing["alerts"].size(), 2U);
  EXPECT_EQ(firing["alerts"][0]["detector"], "prompt_growth");
  const json resolved = json::parse(get("/api/v1/alerts", {{"status", "resolved"}, {"limit", "1"}}).body);
  ASSERT_EQ(resolved["alerts"].size(), 1U);
  EXPECT_EQ(resolved["alerts"][0]["status"], "resolved");
  EXPECT_EQ(resolved["total"], 2);
}

TEST_F(HttpRoutesTest, RefusesParametersItDoesNotUnderstand) {
  EXPECT_EQ(get("/api/v1/alerts", {{"status", "open"}}).status, 400);
  for (const char* limit : {"0", "-1", "x", "1x", ""}) {
    EXPECT_EQ(get("/api/v1/alerts", {{"limit", limit}}).status, 400) << limit;
  }
}

TEST_F(HttpRoutesTest, ShowsOneAlert) {
  publish(tests::sample_snapshot());
  const auto found = get("/api/v1/alerts/0123456789abcdef0123456789abcdef");
  EXPECT_EQ(json::parse(found.body)["detector"], "prompt_growth");
  EXPECT_EQ(get("/api/v1/alerts/0123").status, 404);
  EXPECT_EQ(get("/api/v1/alerts/").status, 404);
}

TEST_F(HttpRoutesTest, ListsDeclaredChanges) {
  ApiSnapshot snapshot = tests::sample_snapshot();
  snapshot.changes = std::make_shared<const std::vector<Declaration>>(std::vector<Declaration>{
      {.change = {"ab12cd34", core::ChangeKind::deploy, {1'772'460'000'000'000}, "prompt v7", "ana"},
       .match = {{core::Dimension::app, "desk"}},
       .expect = {"prompt_growth"},
       .up_to = 0.3,
       .until = {1'772'546'400'000'000}}});
  publish(snapshot);
  EXPECT_EQ(
      get("/api/v1/changes").body,
      R"({"changes":[{"id":"ab12cd34","kind":"deploy","match":{"app":"desk"},"at":"2026-03-02T14:00:00Z",)"
      R"("expect":["prompt_growth"],"up_to":0.3,"until":"2026-03-03T14:00:00Z","by":"ana","note":"prompt v7"}]})");
}

TEST_F(HttpRoutesTest, TellsWhatShadowDetectorsWouldChange) {
  ApiSnapshot snapshot = tests::sample_snapshot();
  publish(snapshot);
  EXPECT_EQ(get("/api/v1/alerts", {{"shadow", "true"}}).status, 404) << "there are none";
  EXPECT_EQ(get("/api/v1/shadow").status, 404);
  auto with = *snapshot.incidents;
  with.front().incident_id = "ffffffffffffffffffffffffffffffff";
  with.front().series = core::SeriesKey::of({{core::Dimension::app, "another"}});
  snapshot.shadow = std::make_shared<const std::vector<core::AlertEvent>>(with);
  snapshot.shadow_detectors = {"latency"};
  publish(snapshot);
  EXPECT_EQ(get("/api/v1/alerts", {{"shadow", "yes"}}).status, 400);
  const json alerts = json::parse(get("/api/v1/alerts", {{"shadow", "true"}}).body);
  ASSERT_EQ(alerts["alerts"].size(), with.size());
  EXPECT_EQ(alerts["alerts"][0]["shadow"], true);
  EXPECT_EQ(alerts["alerts"][0]["incident_id"], with.front().incident_id);
  EXPECT_FALSE(json::parse(get("/api/v1/alerts").body)["alerts"][0].contains("shadow"));
  const json diff = json::parse(get("/api/v1/shadow").body);
  EXPECT_EQ(diff["detectors"], json({"latency"}));
  ASSERT_EQ(diff["only_shadow"].size(), 1U);
  EXPECT_EQ(diff["only_shadow"][0]["incident_id"], with.front().incident_id);
  ASSERT_EQ(diff["only_live"].size(), 1U);
  EXPECT_EQ(diff["only_live"][0]["incident_id"], snapshot.incidents->front().incident_id);
  EXPECT_EQ(diff["both"].size(), with.size() - 1);
  EXPECT_EQ(diff["pages"]["live"], diff["pages"]["shadow"]);
  EXPECT_EQ(diff["untold"], json::parse(R"({"live":[],"shadow":[]})"));
}

TEST_F(HttpRoutesTest, TheDifferenceOfShadowDetectorsCountsWhatIsTold) {
  ApiSnapshot snapshot = tests::sample_snapshot();
  snapshot.shadow = snapshot.incidents;
  const auto counted = [&] {
    publish(snapshot);
    const json diff = json::parse(get("/api/v1/shadow").body);
    return diff["pages"]["shadow"].get<int>() + diff["tickets"]["shadow"].get<int>();
  };
  const int all = counted();
  snapshot.shadow_untold = {snapshot.incidents->front().incident_id};
  EXPECT_EQ(counted(), all - 1);
  const json diff = json::parse(get("/api/v1/shadow").body);
  EXPECT_EQ(diff["untold"]["shadow"], json({snapshot.incidents->front().incident_id}));
  EXPECT_EQ(diff["pages"]["live"].get<int>() + diff["tickets"]["live"].get<int>(), all);
}

TEST_F(HttpRoutesTest, StatusAddsUpThePartitions) {
  publish(tests::sample_snapshot());
  const json status = json::parse(get("/api/v1/status").body);
  const json& sums = status["accounting"];
  EXPECT_EQ(sums["accepted"], 1'284'332 + 1'301'118);
  EXPECT_EQ(sums["dead_lettered"]["missing_field"], 10);
  EXPECT_EQ(sums["consumed"], sums["accepted"].get<int>() + 24 + 6 + 14);
  EXPECT_EQ(status["watermark"], "2026-03-02T14:08:00Z");
  EXPECT_EQ(status["sinks"][2]["last_problem"], "HTTP status 503; tried again in 40 s");
}

TEST_F(HttpRoutesTest, WhatIsNotKnownYetIsNull) {
  const json status = json::parse(get("/api/v1/status").body);
  EXPECT_TRUE(status["watermark"].is_null());
  EXPECT_FALSE(status["ready"]);
}

TEST_F(HttpRoutesTest, HostileNamesStayText) {
  publish(tests::hostile_snapshot());
  const json alerts = json::parse(get("/api/v1/alerts").body);
  EXPECT_NE(alerts["alerts"][0]["summary"].get<std::string>().find("<script>"), std::string::npos);
  const json status = json::parse(get("/api/v1/status").body);
  EXPECT_EQ(status["partitions"][0]["topic"], "a\"b\\c\nd");
}

TEST_F(HttpRoutesTest, ServesThePageItsScriptAndItsStyle) {
  EXPECT_EQ(get("/").content_type, "text/html; charset=utf-8");
  EXPECT_NE(get("/").body.find("<title>costdrift</title>"), std::string::npos);
  EXPECT_EQ(get("/page.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(get("/page.css").content_type, "text/css; charset=utf-8");
}

TEST_F(HttpRoutesTest, ThePageHasNothingInline) {
  const std::string page = get("/").body;
  EXPECT_EQ(page.find("<style"), std::string::npos);
  EXPECT_EQ(page.find(" style="), std::string::npos);
  EXPECT_EQ(page.find("<script>"), std::string::npos);
  const std::string script = get("/page.js").body;
  EXPECT_EQ(script.find("innerHTML"), std::string::npos);
  EXPECT_EQ(script.find("insertAdjacentHTML"), std::string::npos);
}

TEST_F(HttpRoutesTest, IsReadOnly) {
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"}) {
    const auto response = routes.answer({method, "/api/v1/alerts", {}, "localhost", false, ""});
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(response.headers.front().second, "GET, HEAD");
  }
}

TEST_F(HttpRoutesTest, RefusesForeignAndMissingHosts) {
  EXPECT_EQ(routes.answer({"GET", "/metrics", {}, "evil.example", false, ""}).status, 421);
  EXPECT_EQ(routes.answer({"GET", "/metrics", {}, std::nullopt, false, ""}).status, 400);
  EXPECT_EQ(routes.answer({"GET", "/healthz", {}, std::nullopt, true, ""}).status, 200) << "HTTP/1.0 probes";
}

TEST_F(HttpRoutesTest, GuardsThePageAndTheApiButNotProbesAndMetrics) {
  const auto status = [this](const char* path, const char* authorization) {
    return guarded.answer({"GET", path, {}, "localhost", false, authorization}).status;
  };
  for (const char* path : {"/", "/page.js", "/page.css", "/api/v1/alerts", "/api/v1/status", "/nothing"}) {
    EXPECT_EQ(status(path, ""), 401) << path;
    EXPECT_EQ(status(path, "Bearer wrong"), 401) << path;
    EXPECT_NE(status(path, "Bearer right"), 401) << path;
  }
  EXPECT_EQ(status("/healthz", ""), 200);
  EXPECT_EQ(status("/metrics", ""), 200);
}

TEST_F(HttpRoutesTest, UnknownPathsAreNotFound) {
  for (const char* path : {"/nothing", "/api", "/api/v1", "/../etc/passwd", ""})
    EXPECT_EQ(get(path).status, 404) << path;
}

// What a program of ours sends; each test spoils one part of it.
HttpRequest action_request(std::string body) {
  HttpRequest request{"POST", "/api/v1/actions", {}, "localhost:8321", false, ""};
  request.content_type = "application/json";
  request.action_header = true;
  request.body = std::move(body);
  return request;
}

class HttpActionsTest : public HttpRoutesTest {
 protected:
  ActionDesk desk;
  HttpRoutes acting{AccessPolicy({"127.0.0.1", 8321, true}, "", {}), board, heartbeat, &desk};
  HttpRoutes guarded_acting{AccessPolicy({"127.0.0.1", 8321, true}, "", {"Bearer right"}), board, heartbeat, &desk};
  const std::string ack = R"({"action":"ack","incident":"0123456789abcdef"})";
};

TEST_F(HttpActionsTest, AnActionIsDoneByTheStreamThread) {
  std::thread stream([this] {
    for (int answered = 0; answered < 2;) {
      for (const auto& request : desk.take()) {
        const bool known = request->action.incident_id.starts_with("0123");
        desk.answer(*request, known ? core::Result<std::string>("{\"done\":1}")
                                    : core::fail(core::ErrorCode::usage, "there is none of this id"));
        ++answered;
      }
      std::this_thread::yield();
    }
  });
  const auto done = acting.answer(action_request(ack));
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.body, "{\"done\":1}");
  const auto unknown = acting.answer(action_request(R"({"action":"ack","incident":"ffffffffffffffff"})"));
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.body, "there is none of this id\n");
  stream.join();
}

TEST_F(HttpActionsTest, APageOfAnotherSiteCannotAct) {
  HttpRequest request = action_request(ack);
  request.action_header = false;
  EXPECT_EQ(acting.answer(request).status, 403);
  request = action_request(ack);
  request.origin = "http://evil.example";
  EXPECT_EQ(acting.answer(request).status, 403);
  request.origin = "null";
  EXPECT_EQ(acting.answer(request).status, 403);
  request = action_request(ack);
  request.content_type = "text/plain";
  EXPECT_EQ(acting.answer(request).status, 415);
  request = action_request(ack);
  request.host = "evil.example";
  EXPECT_EQ(acting.answer(request).status, 421);
  EXPECT_EQ(guarded_acting.answer(action_request(ack)).status, 401);
  EXPECT_TRUE(desk.take().empty());
}

TEST_F(HttpActionsTest, NothingElseTakesAPost) {
  HttpRequest request = action_request(ack);
  request.path = "/api/v1/alerts";
  EXPECT_EQ(acting.answer(request).status, 405);
  EXPECT_EQ(routes.answer(action_request(ack)).status, 405) << "without a desk everything is read-only";
  EXPECT_EQ(acting.answer(action_request("{")).status, 400);
  EXPECT_EQ(acting.answer(action_request(R"({"action":"snooze","incident":"0123456789"})")).status, 400);
}

TEST_F(HttpActionsTest, AStoppingDaemonSaysSo) {
  desk.close();
  EXPECT_EQ(acting.answer(action_request(ack)).status, 503);
}

TEST_F(HttpActionsTest, ListsSilences) {
  ApiSnapshot snapshot;
  snapshot.silences.push_back({.id = "ab12",
                               .match = {{core::Dimension::app, "desk"}},
                               .from = {0},
                               .until = {60'000'000},
                               .by = "ana",
                               .note = "migration"});
  publish(snapshot);
  EXPECT_EQ(get("/api/v1/silences").body,
            R"({"silences":[{"id":"ab12","match":{"app":"desk"},"from":"1970-01-01T00:00:00Z",)"
            R"("until":"1970-01-01T00:01:00Z","by":"ana","note":"migration"}]})");
}

}  // namespace
}  // namespace costdrift::daemon
