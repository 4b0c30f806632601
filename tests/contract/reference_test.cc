// The configuration that people read about is the one that the program has: the reference page, the example files and
// a newcomer's first file.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/settings.h"
#include "daemon/catalogue.h"
#include "tests/support/places.h"

namespace costdrift {
namespace {

namespace fs = std::filesystem;

const fs::path kConfig = fs::path(tests::source_path()) / "config";

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(ConfigReference, IsWhatTheProgramPrints) {
  EXPECT_EQ(read(kConfig / "REFERENCE.md"), config::print_reference(daemon::catalogue()))
      << "after a change of fields: costdrift reference > config/REFERENCE.md";
}

TEST(ConfigReference, NamesEveryDetectorAndSink) {
  const std::string page = read(kConfig / "REFERENCE.md");
  const config::Catalogue catalogue = daemon::catalogue();
  ASSERT_FALSE(catalogue.detectors.empty());
  ASSERT_FALSE(catalogue.sinks.empty());
  for (const auto& list : {catalogue.detectors, catalogue.sinks}) {
    for (const auto& component : list) EXPECT_NE(page.find(std::string(component.name)), std::string::npos);
  }
}

TEST(ConfigExamples, LoadWithTheRealDetectorsAndSinks) {
  int loaded = 0;
  for (const auto& entry : fs::directory_iterator(kConfig / "examples")) {
    if (entry.path().extension() != ".yaml") continue;
    const auto settings = config::load_settings(entry.path(), daemon::catalogue());
    EXPECT_TRUE(settings) << (settings ? "" : settings.error().message);
    ++loaded;
  }
  EXPECT_GE(loaded, 3);
}

constexpr const char* kNewcomer = R"(kafka:
  brokers: localhost:9092
  topics: [{name: llm.usage, format: canonical}]
state: {path: /var/lib/costdrift}
pages: {false_pages_per_week: 1, min_effect: 10%, min_usd_per_hour: 5}
sinks:
  finops: {type: slack, webhook_url_file: /run/secrets/slack}
  oncall: {type: pagerduty, routing_key_file: /run/secrets/pagerduty}
routes:
  - {when: {severity: critical}, send: [oncall, finops]}
  - {send: [finops]}
)";

TEST(ConfigExamples, ANewcomersFileLoadsAndEveryOtherValueHasADefault) {
  const auto settings = config::parse_settings(kNewcomer, "newcomer.yaml", daemon::catalogue());
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->sinks.size(), 2u);
  ASSERT_EQ(settings->routes.size(), 2u);
  EXPECT_EQ(settings->routes[0].severity, core::Severity::critical);
  EXPECT_EQ(settings->routes[1].send, std::vector<std::string>{"finops"});
  EXPECT_EQ(settings->detectors.size(), daemon::catalogue().detectors.size());
  for (const auto& detector : settings->detectors) EXPECT_TRUE(detector.enabled) << detector.name;
  // What is in force is a file that says the same.
  const std::string effective = config::print_effective(*settings, daemon::catalogue());
  const auto again = config::parse_settings(effective, "effective.yaml", daemon::catalogue());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(config::print_effective(*again, daemon::catalogue()), effective);
}

}  // namespace
}  // namespace costdrift
