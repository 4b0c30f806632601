#include "sinks/webhook.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/alert_event_json.h"
#include "tests/support/fake_clock.h"
#include "tests/support/sink_setup.h"

namespace costdrift::sinks {
namespace {

class WebhookTest : public testing::Test {
 protected:
  config::Values values_with(const std::string& url, const std::string& url_file, const std::string& secret_file) {
    config::Values values;
    values.set("url", url);
    values.set("url_file", url_file);
    values.set("signing_secret_file", secret_file);
    values.set("allow_http", false);
    return values;
  }
  core::Result<std::unique_ptr<Sink>> make(const config::Values& values) {
    return webhook_spec.make(values, {&http_, &clock_, "costdrift:host-1"});
  }
  std::string header(const std::string& wanted) const {
    for (const auto& [name, value] : http_.requests.back().headers) {
      if (name == wanted) return value;
    }
    return "(none)";
  }

  tests::SecretFiles files_;
  tests::FakeClock clock_;
  tests::ScriptedHttp http_;
};

core::Notification firing() { return tests::notification_of(tests::sample_alert(core::AlertStatus::firing)); }

TEST_F(WebhookTest, CarriesTheAlertEventVerbatim) {
  auto sink = make(values_with("https://receiver.example/x", "", ""));
  ASSERT_TRUE(sink) << sink.error().message;
  (*sink)->deliver(firing());
  EXPECT_EQ(http_.requests.back().body, R"({"type":"alert.firing","timestamp":"2026-03-02T14:20:00Z","data":)" +
                                            core::to_json(firing().event) + "}");
  EXPECT_EQ(header("webhook-signature"), "(none)");
}

TEST_F(WebhookTest, SignsEveryAttemptAtItsOwnTimeUnderTheSameId) {
  auto sink =
      make(values_with("https://receiver.example/x", "", files_.write("s", std::string(tests::kSigningSecret))));
  ASSERT_TRUE(sink) << sink.error().message;
  const std::string key = *decode_signing_secret(tests::kSigningSecret);
  for (const std::int64_t now_s : {1'772'460'300, 1'772'460'360}) {
    (*sink)->deliver(firing());
    EXPECT_EQ(header("webhook-id"), "9f2c6a1e4d7b8c309f2c6a1e4d7b8c30:1");
    EXPECT_EQ(header("webhook-timestamp"), std::to_string(now_s));
    EXPECT_EQ(header("webhook-signature"), sign_webhook(key, firing().id(), now_s, http_.requests.back().body));
    clock_.advance(core::minutes(1));
  }
}

TEST_F(WebhookTest, IsStampedWithTheTimeOfWhatItTells) {
  auto sink = make(values_with("https://receiver.example/x", "", ""));
  ASSERT_TRUE(sink) << sink.error().message;
  auto updated = tests::sample_alert(core::AlertStatus::updated);
  updated.updated_at = updated.detected_at + core::minutes(15);
  (*sink)->deliver(tests::notification_of(updated));
  EXPECT_EQ(nlohmann::json::parse(http_.requests.back().body)["timestamp"], "2026-03-02T14:35:00Z");
}

TEST_F(WebhookTest, NamesEveryStatusInItsType) {
  auto sink = make(values_with("https://receiver.example/x", "", ""));
  ASSERT_TRUE(sink) << sink.error().message;
  for (const auto status : {core::AlertStatus::firing, core::AlertStatus::updated, core::AlertStatus::resolved,
                            core::AlertStatus::retracted}) {
    (*sink)->deliver(tests::notification_of(tests::sample_alert(status)));
    const auto body = nlohmann::json::parse(http_.requests.back().body);
    EXPECT_EQ(body["type"], "alert." + std::string(core::status_name(status)));
  }
}

TEST_F(WebhookTest, NeedsItsAddressInExactlyOnePlace) {
  EXPECT_FALSE(make(values_with("", "", "")));
  EXPECT_FALSE(make(values_with("https://a.example/", files_.write("u", "https://b.example/"), "")));
  EXPECT_TRUE(make(values_with("", files_.write("u", "https://b.example/"), "")));
}

TEST_F(WebhookTest, RefusesPlainHttpUnlessTheOperatorAllowsIt) {
  config::Values values = values_with("http://alerts.internal/x", "", "");
  EXPECT_FALSE(make(values));
  values.set("allow_http", true);
  auto sink = make(values);
  ASSERT_TRUE(sink) << sink.error().message;
  (*sink)->deliver(firing());
  EXPECT_TRUE(http_.requests.back().allow_http);
}

}  // namespace
}  // namespace costdrift::sinks
