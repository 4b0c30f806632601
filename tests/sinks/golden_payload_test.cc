// What is really sent, compared with tests/golden/sinks. After a deliberate change of the wording run the test with
// COSTDRIFT_UPDATE_GOLDEN=1 and read the difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/fake_clock.h"
#include "tests/support/places.h"
#include "tests/support/sink_setup.h"

namespace costdrift::tests {
namespace {

using Json = nlohmann::ordered_json;

struct GoldenCase {
  std::string sink;
  std::string name;
};
void PrintTo(const GoldenCase& one, std::ostream* out) { *out << one.sink << " " << one.name; }

// It began after a deploy that somebody declared.
core::AlertEvent declared_alert() {
  core::AlertEvent event = sample_alert(core::AlertStatus::firing);
  event.declared_change = {"ab12cd34", core::ChangeKind::deploy, event.onset - core::minutes(4), "prompt v7", "ana"};
  event.summary += "; began 4 min after the declared deploy \"prompt v7\" by ana";
  return event;
}

// A provider that is flaky for everybody: the page, and the ticket of one of the others.
core::AlertEvent page_for_many() {
  core::AlertEvent event = sample_alert(core::AlertStatus::updated);
  const auto other = [](const std::string& id, const std::string& app, double effect, double usd_per_hour) {
    const auto series = core::SeriesKey::of({{core::Dimension::app, app}, {core::Dimension::model, "gpt-4o"}});
    return core::Elsewhere::Other{{id + std::string(24, '0'), series}, effect, usd_per_hour, false};
  };
  event.elsewhere = {.incidents = 7,
                     .usd_per_hour = 43,
                     .largest = {other("11111111", "search", 0.35, 21), other("22222222", "desk", 0.28, 13),
                                 other("33333333", "docs", 0.4, 4), other("44444444", "batch", 0.2, 3)}};
  event.summary += "; 7 other series drift alike, $81 an hour together";
  return event;
}

core::AlertEvent ticket_told_by_it() {
  core::AlertEvent event = sample_alert(core::AlertStatus::firing);
  event.severity = core::Severity::info;
  event.told_by = {"9999aaaa" + std::string(24, '0'), core::SeriesKey::of({{core::Dimension::app, "search"}})};
  return event;
}

core::AlertEvent event_named(const std::string& name) {
  if (name == "firing") return sample_alert(core::AlertStatus::firing);
  if (name == "updated") return sample_alert(core::AlertStatus::updated);
  if (name == "resolved") return sample_alert(core::AlertStatus::resolved);
  if (name == "declared") return declared_alert();
  if (name == "page_for_many") return page_for_many();
  if (name == "told_by") return ticket_told_by_it();
  return hostile_alert();
}

// Headers and body, readable; the body is shown as JSON, so that a difference is seen by line.
std::string sent_text(const sinks::HttpRequest& request) {
  Json sent;
  sent["url"] = request.url;
  for (const auto& [name, value] : request.headers) {
    // The signature covers the exact bytes of the body; its own test checks it.
    sent["headers"][name] = name == "webhook-signature" ? value.substr(0, 3) + "..." : value;
  }
  sent["body"] = Json::parse(request.body);
  return sent.dump(1) + "\n";
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class GoldenPayload : public testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenPayload, IsWhatTheFileSays) {
  const SecretFiles files;
  const FakeClock clock;
  ScriptedHttp http;
  const sinks::SinkSpec* spec = sinks::find_sink(GetParam().sink);
  ASSERT_NE(spec, nullptr);
  auto sink = spec->make(default_values(*spec, files), {&http, &clock, "costdrift:host-1"});
  ASSERT_TRUE(sink) << sink.error().message;

  testing::internal::CaptureStdout();
  (*sink)->deliver(notification_of(event_named(GetParam().name)));
  const std::string printed = testing::internal::GetCapturedStdout();
  const std::string sent = http.requests.empty() ? printed : sent_text(http.requests.at(0));

  const std::string extension = http.requests.empty() ? ".txt" : ".json";
  const std::string path = source_path("tests/golden/sinks/") + GetParam().sink + "_" + GetParam().name + extension;
  if (std::getenv("COSTDRIFT_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << sent;
  EXPECT_EQ(sent, read_file(path));
}

std::vector<GoldenCase> all_cases() {
  std::vector<GoldenCase> cases;
  for (const sinks::RegisteredSink& sink : sinks::all_sinks()) {
    for (const char* name : {"firing", "updated", "resolved", "declared", "page_for_many", "told_by", "hostile"})
      cases.push_back({std::string(sink.name), name});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Sinks, GoldenPayload, testing::ValuesIn(all_cases()),
                         [](const auto& one) { return one.param.sink + "_" + one.param.name; });

}  // namespace
}  // namespace costdrift::tests
