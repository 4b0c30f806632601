#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "daemon/http/server.h"
#include "tests/support/raw_http.h"
#include "tests/support/sample_snapshot.h"

namespace costdrift::daemon {
namespace {

using tests::body_of;
using tests::get_request;
using tests::raw_request;
using tests::RawConnection;
using tests::status_of;

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() { board.publish(std::make_shared<ApiSnapshot>(tests::sample_snapshot())); }

  core::Result<std::unique_ptr<HttpServer>> start(config::HttpSettings settings) {
    return HttpServer::start(settings, board, heartbeat);
  }
  std::unique_ptr<HttpServer> started() {
    config::HttpSettings settings;
    settings.listen = "127.0.0.1:0";
    return std::move(*start(settings));
  }

  core::SystemClock clock;
  Heartbeat heartbeat{clock};
  SnapshotBoard board;
};

TEST_F(HttpServerTest, AnswersOverASocketAndCloses) {
  const auto server = started();
  const std::string answer = raw_request(server->port(), get_request("/healthz"));
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(body_of(answer), "ok\n");
  EXPECT_EQ(server->url(), "http://127.0.0.1:" + std::to_string(server->port()));
}

TEST_F(HttpServerTest, SendsTheSecurityHeadersWithEveryAnswer) {
  const auto server = started();
  for (const char* path : {"/", "/api/v1/alerts", "/nothing"}) {
    const std::string answer = raw_request(server->port(), get_request(path));
    EXPECT_NE(
        answer.find("Content-Security-Policy: default-src 'none'; style-src 'self'; script-src 'self'; connect-src "
                    "'self'; img-src 'self' data:;"),
        std::string::npos)
        << path;
    EXPECT_NE(answer.find("X-Content-Type-Options: nosniff"), std::string::npos) << path;
    EXPECT_NE(answer.find("Referrer-Policy: no-referrer"), std::string::npos) << path;
    EXPECT_EQ(answer.find("Access-Control"), std::string::npos) << path;
  }
}

TEST_F(HttpServerTest, HeadGivesTheLengthWithoutTheBody) {
  const auto server = started();
  const std::string body = body_of(raw_request(server->port(), get_request("/page.css")));
  const std::string answer = raw_request(server->port(), "HEAD /page.css HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(body_of(answer), "");
  EXPECT_NE(answer.find("Content-Length: " + std::to_string(body.size())), std::string::npos) << answer;
}

TEST_F(HttpServerTest, ReadsTheQueryAndPercentEncoding) {
  const auto server = started();
  const auto total = [&](const char* path) { return body_of(raw_request(server->port(), get_request(path))); };
  EXPECT_NE(total("/api/v1/alerts?status=resolved&limit=1").find("],\"total\":2,"), std::string::npos);
  EXPECT_NE(total("/api/v1/alerts?status=res%6Flved").find("],\"total\":2,"), std::string::npos);
}

TEST_F(HttpServerTest, TellsAPosterThatItIsReadOnly) {
  const auto server = started();
  const std::string answer =
      raw_request(server->port(), "POST /api/v1/alerts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nabcd");
  EXPECT_EQ(status_of(answer), 405);
  EXPECT_NE(answer.find("Allow: GET, HEAD"), std::string::npos);
}

TEST_F(HttpServerTest, RefusesForeignHosts) {
  const auto server = started();
  EXPECT_EQ(status_of(raw_request(server->port(), "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")), 421);
  EXPECT_EQ(status_of(raw_request(server->port(), "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n")),
            400);
}

TEST_F(HttpServerTest, StopsReadingAfterEightKibibytes) {
  const auto server = started();
  std::string many;
  for (int i = 0; i < 200; ++i) many += "X-Filler-" + std::to_string(i) + ": " + std::string(50, 'x') + "\r\n";
  EXPECT_NE(status_of(raw_request(server->port(), get_request("/healthz", many))), 200);
  EXPECT_NE(status_of(raw_request(server->port(), get_request("/" + std::string(9000, 'x')))), 200);
  EXPECT_EQ(status_of(raw_request(server->port(), get_request("/healthz"))), 200) << "and goes on";
}

TEST_F(HttpServerTest, ARangeDoesNotMultiplyTheAnswer) {
  const auto server = started();
  const std::string whole = body_of(raw_request(server->port(), get_request("/page.js")));
  std::string ranges = "0-";
  for (int i = 0; i < 2000; ++i) ranges += ",0-";
  const std::string answer = raw_request(server->port(), get_request("/page.js", "Range: bytes=" + ranges + "\r\n"));
  EXPECT_LE(body_of(answer).size(), whole.size());
}

TEST_F(HttpServerTest, SendsTextAsItIsWhateverEncodingIsOffered) {
  const auto server = started();
  const std::string answer =
      raw_request(server->port(), get_request("/page.css", "Accept-Encoding: gzip, deflate, br\r\n"));
  EXPECT_EQ(answer.find("Content-Encoding"), std::string::npos);
  EXPECT_NE(body_of(answer).find("prefers-color-scheme"), std::string::npos);
}

TEST_F(HttpServerTest, SurvivesNonsense) {
  const auto server = started();
  for (const std::string& bytes :
       {std::string("\r\n\r\n"), std::string("GET\r\n\r\n"), std::string(64, '\0') + "\r\n\r\n",
        std::string("GET / HTTP/9.9\r\n\r\n"), std::string("GET /%zz%00 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        std::string("\xff\xfe\xfd\r\n\r\n")}) {
    EXPECT_NE(status_of(raw_request(server->port(), bytes)), 200);
  }
  EXPECT_EQ(status_of(raw_request(server->port(), get_request("/healthz"))), 200);
}

TEST_F(HttpServerTest, TellsTheSixtyFifthConnectionThatThereIsNoRoom) {
  const auto server = started();
  std::vector<RawConnection> idle;
  for (int i = 0; i < 64; ++i) idle.emplace_back(server->port());
  EXPECT_EQ(status_of(RawConnection(server->port()).read_all()), 503);
  for (RawConnection& connection : idle) ASSERT_TRUE(connection.send(get_request("/healthz")));
  for (RawConnection& connection : idle) EXPECT_EQ(status_of(connection.read_all()), 200);
}

TEST_F(HttpServerTest, EndsWithClientsThatNeverFinish) {
  auto server = started();
  RawConnection silent(server->port());
  RawConnection half(server->port());
  ASSERT_TRUE(half.send("GET / HTT"));
  EXPECT_EQ(status_of(raw_request(server->port(), get_request("/healthz"))), 200);
  server.reset();
  // A connection whose thread had not begun when the server stopped is told so.
  for (RawConnection* connection : {&silent, &half}) {
    const std::string answer = connection->read_all();
    EXPECT_TRUE(answer.empty() || status_of(answer) == 503) << answer;
  }
}

TEST_F(HttpServerTest, ReadsSnapshotsWhileTheyAreReplaced) {
  const auto server = started();
  std::thread publisher([this] {
    for (int i = 0; i < 200; ++i) {
      ApiSnapshot snapshot = tests::sample_snapshot();
      snapshot.commits = i;
      board.publish(std::make_shared<ApiSnapshot>(std::move(snapshot)));
      heartbeat.beat();
    }
  });
  for (int i = 0; i < 20; ++i) EXPECT_EQ(status_of(raw_request(server->port(), get_request("/metrics"))), 200);
  publisher.join();
}

TEST_F(HttpServerTest, SaysThatTheAddressIsInUse) {
  const auto server = started();
  config::HttpSettings settings;
  settings.listen = "127.0.0.1:" + std::to_string(server->port());
  const auto second = start(settings);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, core::ErrorCode::unavailable);
  EXPECT_NE(second.error().message.find("another program uses this address"), std::string::npos);
}

TEST_F(HttpServerTest, BeyondLoopbackATokenIsNeeded) {
  config::HttpSettings settings;
  settings.listen = "0.0.0.0:0";
  const auto server = start(settings);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, core::ErrorCode::config);
  EXPECT_NE(server.error().message.find("http.token_file"), std::string::npos);
}

TEST_F(HttpServerTest, TakesTheTokenAsBearerOrAsPassword) {
  config::HttpSettings settings;
  settings.listen = "0.0.0.0:0";
  settings.token_file = testing::TempDir() + "token" + std::to_string(::getpid());
  std::ofstream(settings.token_file) << "Aladdin\n";
  ::chmod(settings.token_file.c_str(), 0600);
  const auto server = start(settings);
  ASSERT_TRUE(server) << server.error().message;
  const auto status = [&](const char* header) {
    return status_of(raw_request((*server)->port(), get_request("/api/v1/status", header)));
  };
  EXPECT_EQ(status(""), 401);
  EXPECT_EQ(status("Authorization: Bearer aladdin\r\n"), 401);
  EXPECT_EQ(status("Authorization: Bearer Aladdin\r\n"), 200);
  EXPECT_EQ(status("Authorization: Basic Y29zdGRyaWZ0OkFsYWRkaW4=\r\n"), 200);
  std::filesystem::remove(settings.token_file);
}

}  // namespace
}  // namespace costdrift::daemon
