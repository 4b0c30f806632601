#include "daemon/delivery/renewing_sink.h"

#include <gtest/gtest.h>

#include "core/clock.h"
#include "tests/support/sink_setup.h"
#include "tests/support/temp_dir.h"

namespace costdrift::daemon {
namespace {

constexpr const char* kOld = "https://hooks.slack.com/services/T0/B0/old";
constexpr const char* kNew = "https://hooks.slack.com/services/T0/B0/new";

class RenewingSinkTest : public testing::Test {
 protected:
  void SetUp() override {
    config::Values values;
    values.set("webhook_url_file", secret_.write("url", kOld));
    auto made =
        make_renewing_sink(*sinks::find_sink("slack"), values, {.http = &http_, .clock = &clock_, .sender = {}});
    ASSERT_TRUE(made) << made.error().message;
    sink_ = *std::move(made);
  }
  bool delivered() {
    const auto alert = tests::notification_of(tests::sample_alert(core::AlertStatus::firing));
    return std::holds_alternative<sinks::Delivered>(sink_->deliver(alert));
  }

  const tests::TempDir secret_;
  const core::SystemClock clock_;
  tests::ScriptedHttp http_;
  std::unique_ptr<sinks::Sink> sink_;
};

TEST_F(RenewingSinkTest, TriesANewAddressOnceTheOldOneIsRefused) {
  secret_.write("url", kNew);
  http_.replies = {tests::http_reply(200, "ok"), tests::http_reply(403), tests::http_reply(200, "ok")};
  EXPECT_TRUE(delivered());
  ASSERT_EQ(http_.requests.size(), 1U);
  EXPECT_EQ(http_.requests[0].url, kOld) << "what works is not changed";
  EXPECT_TRUE(delivered());
  ASSERT_EQ(http_.requests.size(), 3U);
  EXPECT_EQ(http_.requests[2].url, kNew);
  EXPECT_TRUE(delivered());
  EXPECT_EQ(http_.requests.back().url, kNew);
}

TEST_F(RenewingSinkTest, ARefusalWithTheSameSecretStands) {
  http_.replies = {tests::http_reply(403)};
  EXPECT_FALSE(delivered());
  EXPECT_EQ(http_.requests.size(), 1U);
}

TEST_F(RenewingSinkTest, ASecretThatCannotBeUsedIsLeftAlone) {
  secret_.write("url", "ftp://nowhere");
  http_.replies = {tests::http_reply(403)};
  EXPECT_FALSE(delivered());
  EXPECT_EQ(http_.requests.size(), 1U);
  secret_.write("url", kNew);
  http_.replies = {tests::http_reply(403), tests::http_reply(200, "ok")};
  EXPECT_TRUE(delivered()) << "looked at again with the next refusal";
}

TEST_F(RenewingSinkTest, WhatMayBeTriedAgainIsNoRefusal) {
  secret_.write("url", kNew);
  http_.replies = {tests::http_reply(503)};
  EXPECT_FALSE(delivered());
  EXPECT_EQ(http_.requests.size(), 1U);
}

}  // namespace
}  // namespace costdrift::daemon
