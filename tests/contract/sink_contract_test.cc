// What every sink promises, checked by walking all_sinks(): a new sink is covered by its line in sinks.def.
#include <gtest/gtest.h>

#include <set>

#include "tests/support/fake_clock.h"
#include "tests/support/http_stub.h"
#include "tests/support/sink_setup.h"

namespace costdrift::tests {
namespace {

enum class Expected { delivered, retry, rejected };

struct StatusCase {
  int status;
  Expected expected;
};

constexpr StatusCase kStatuses[] = {
    {200, Expected::delivered}, {300, Expected::rejected}, {301, Expected::rejected}, {302, Expected::rejected},
    {304, Expected::rejected},  {307, Expected::rejected}, {308, Expected::rejected}, {400, Expected::rejected},
    {401, Expected::rejected},  {402, Expected::rejected}, {403, Expected::rejected}, {404, Expected::rejected},
    {405, Expected::rejected},  {406, Expected::rejected}, {408, Expected::retry},    {409, Expected::rejected},
    {410, Expected::rejected},  {413, Expected::rejected}, {415, Expected::rejected}, {418, Expected::rejected},
    {422, Expected::rejected},  {425, Expected::retry},    {429, Expected::retry},    {451, Expected::rejected},
    {500, Expected::retry},     {501, Expected::retry},    {502, Expected::retry},    {503, Expected::retry},
    {504, Expected::retry},     {529, Expected::retry},    {599, Expected::retry},
};

Expected kind_of(const sinks::Outcome& outcome) {
  if (std::holds_alternative<sinks::Delivered>(outcome)) return Expected::delivered;
  return std::holds_alternative<sinks::Retry>(outcome) ? Expected::retry : Expected::rejected;
}

std::string reason_of(const sinks::Outcome& outcome) {
  if (const auto* retry = std::get_if<sinks::Retry>(&outcome)) return retry->reason;
  if (const auto* rejected = std::get_if<sinks::Rejected>(&outcome)) return rejected->reason;
  return {};
}

class SinkContract : public testing::TestWithParam<sinks::RegisteredSink> {
 protected:
  void SetUp() override {
    auto made = GetParam().spec->make(default_values(*GetParam().spec, files_), {&http_, &clock_, "costdrift:host-1"});
    ASSERT_TRUE(made) << made.error().message;
    sink_ = std::move(*made);
    ASSERT_TRUE(http_.requests.empty()) << "make() must contact nothing";
  }

  sinks::Outcome deliver(core::AlertStatus status = core::AlertStatus::firing) {
    return deliver(notification_of(sample_alert(status)));
  }

  sinks::Outcome deliver(const core::Notification& notification) {
    testing::internal::CaptureStdout();
    sinks::Outcome outcome = sink_->deliver(notification);
    printed_ += testing::internal::GetCapturedStdout();
    return outcome;
  }

  SecretFiles files_;
  FakeClock clock_;
  ScriptedHttp http_;
  std::unique_ptr<sinks::Sink> sink_;
  std::string printed_;
};

// Those that send something over the network: whatever does, needs settings.
class HttpSinkContract : public SinkContract {};

TEST_P(SinkContract, TellsEveryStatusOfAnIncident) {
  for (const auto status : {core::AlertStatus::firing, core::AlertStatus::updated, core::AlertStatus::resolved,
                            core::AlertStatus::retracted}) {
    EXPECT_EQ(kind_of(deliver(status)), Expected::delivered) << core::status_name(status);
  }
  EXPECT_TRUE(http_.requests.size() == 4 || printed_.find("RETRACTED") != std::string::npos);
}

TEST_P(HttpSinkContract, JudgesEveryHttpStatus) {
  for (const StatusCase& one : kStatuses) {
    http_.replies = {http_reply(one.status, "ok")};
    const sinks::Outcome outcome = deliver();
    EXPECT_EQ(kind_of(outcome), one.expected) << one.status << ": " << reason_of(outcome);
    if (one.expected == Expected::delivered) continue;
    EXPECT_NE(reason_of(outcome).find(std::to_string(one.status)), std::string::npos) << reason_of(outcome);
  }
}

TEST_P(HttpSinkContract, HonoursRetryAfter) {
  for (const int status : {429, 503}) {
    http_.replies = {http_reply(status, "", {{"retry-after", "120"}})};
    const sinks::Outcome outcome = deliver();
    ASSERT_TRUE(std::holds_alternative<sinks::Retry>(outcome)) << status;
    EXPECT_EQ(std::get<sinks::Retry>(outcome).after, core::minutes(2)) << status;
  }
}

TEST_P(HttpSinkContract, RetriesWhenNothingAnswers) {
  sinks::HttpReply silent;
  silent.transport_error = "no answer from host: Timeout was reached";
  http_.replies = {silent};
  EXPECT_EQ(kind_of(deliver()), Expected::retry);
}

TEST_P(HttpSinkContract, NeverPutsASecretIntoAReason) {
  const std::string echo = std::string(kSecretUrl) + " " + std::string(kRoutingKey) + " " + std::string(kSigningSecret);
  const std::string bodies[] = {
      echo, R"({"status":"invalid event","message":")" + echo + R"(","errors":["bad key )" + echo + R"("]})"};
  for (const std::string& body : bodies) {
    for (const StatusCase& one : kStatuses) {
      http_.replies = {http_reply(one.status, body)};
      const std::string reason = reason_of(deliver());
      for (const char* secret : {"T0SECRET01", "c3ecr3tt0k3n", "0123456789abcdef", "MfKQ9r8GKYqr"}) {
        EXPECT_EQ(reason.find(secret), std::string::npos) << reason;
      }
    }
  }
}

TEST_P(HttpSinkContract, SurvivesAnyReplyBody) {
  for (const std::string& body : {std::string(), std::string(64 * 1024, 'x'), std::string("\xff\xfe\0{", 4),
                                  std::string("{\"errors\":[1,null,{}]}"), std::string(64 * 1024, '[')}) {
    for (const int status : {200, 400, 503}) {
      http_.replies = {http_reply(status, body)};
      const std::string reason = reason_of(deliver());
      EXPECT_LE(reason.size(), 600u) << reason;
      EXPECT_EQ(reason.find('\n'), std::string::npos);
    }
  }
}

TEST_P(HttpSinkContract, SendsTheSameMessageAgainOnARetry) {
  deliver();
  deliver();
  EXPECT_EQ(http_.requests.at(0).body, http_.requests.at(1).body);
  EXPECT_EQ(http_.requests.at(0).headers, http_.requests.at(1).headers);
}

TEST_P(SinkContract, KeepsHostileNamesHarmlessAndMessagesBounded) {
  EXPECT_EQ(kind_of(deliver(notification_of(hostile_alert()))), Expected::delivered);
  for (const sinks::HttpRequest& request : http_.requests) {
    EXPECT_LE(request.body.size(), 40'000u);
    for (const auto& [name, value] : request.headers) EXPECT_EQ(value.find_first_of("\r\n"), std::string::npos) << name;
  }
  EXPECT_EQ(printed_.find("\xe2\x80\xae"), std::string::npos) << "a bidirectional override reached the terminal";
}

TEST_P(HttpSinkContract, AnswersWithinItsTimeoutsOverRealSockets) {
  for (const StubBehaviour behaviour : {StubBehaviour::hang, StubBehaviour::reset, StubBehaviour::trickle}) {
    HttpStub stub({{.behaviour = behaviour}});
    sinks::HttpClientOptions options;
    options.total_timeout = core::milliseconds(60);
    const auto client = sinks::make_curl_client(options);
    config::Values values = default_values(*GetParam().spec, files_);
    for (const config::FieldSpec& field : GetParam().spec->fields) {
      if (field.name == "url" && !values.text("url").empty()) values.set("url", stub.url("/c3ecr3tt0k3n"));
      if (field.name.find("url_file") == std::string_view::npos) continue;
      values.set(std::string(field.name), files_.write("stub_url", stub.url("/c3ecr3tt0k3n")));
    }
    auto made = GetParam().spec->make(values, {client.get(), &clock_, "costdrift:host-1"});
    ASSERT_TRUE(made) << made.error().message;
    const sinks::Outcome outcome = (*made)->deliver(notification_of(sample_alert(core::AlertStatus::firing)));
    EXPECT_EQ(kind_of(outcome), Expected::retry);
    EXPECT_EQ(reason_of(outcome).find("c3ecr3t"), std::string::npos) << reason_of(outcome);
  }
}

TEST_P(SinkContract, SaysWhichSecretFileIsMissing) {
  for (const config::FieldSpec& field : GetParam().spec->fields) {
    if (field.type != config::FieldType::secret_file) continue;
    config::Values values = default_values(*GetParam().spec, files_);
    values.set(std::string(field.name), std::string("/nowhere/secret"));
    const auto made = GetParam().spec->make(values, {&http_, &clock_, "costdrift:host-1"});
    ASSERT_FALSE(made) << field.name;
    EXPECT_NE(made.error().message.find("/nowhere/secret"), std::string::npos) << made.error().message;
  }
}

std::vector<sinks::RegisteredSink> http_sinks() {
  std::vector<sinks::RegisteredSink> found;
  for (const sinks::RegisteredSink& sink : sinks::all_sinks()) {
    if (!sink.spec->fields.empty()) found.push_back(sink);
  }
  return found;
}

std::string name_of(const testing::TestParamInfo<sinks::RegisteredSink>& one) { return std::string(one.param.name); }

INSTANTIATE_TEST_SUITE_P(Sinks, SinkContract, testing::ValuesIn(sinks::all_sinks().begin(), sinks::all_sinks().end()),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Sinks, HttpSinkContract, testing::ValuesIn(http_sinks()), name_of);

TEST(SinkRegistry, FindsEverySinkByItsNameAndNothingElse) {
  std::set<std::string_view> names;
  for (const sinks::RegisteredSink& sink : sinks::all_sinks()) {
    EXPECT_TRUE(names.insert(sink.name).second) << sink.name << " stands twice in sinks.def";
    EXPECT_EQ(sinks::find_sink(sink.name), sink.spec);
    EXPECT_FALSE(sink.spec->summary.empty());
    EXPECT_GE(sink.spec->burst, 1);
    for (const config::FieldSpec& field : sink.spec->fields) EXPECT_FALSE(field.doc.empty()) << field.name;
  }
  EXPECT_EQ(sinks::find_sink("carrier_pigeon"), nullptr);
}

}  // namespace
}  // namespace costdrift::tests
