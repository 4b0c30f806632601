// Reports of a real replay: what was missed and why, two configurations, and the same bytes every time.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "replay/replay_command.h"
#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/scenario.h"
#include "tests/support/temp_dir.h"

namespace costdrift::replay {
namespace {

using Json = nlohmann::json;

// A day of a support bot, then 600 more tokens in every prompt for two hours.
class ReportTest : public ::testing::Test {
 protected:
  ReportTest() {
    const auto scenario = tests::read_scenario(tests::source_path("tests/scenarios/prompt_plus_600_tokens.yaml"));
    EXPECT_TRUE(scenario) << scenario.error().message;
    const auto change = scenario->change_time(0);
    options_.events = write_log("p", *scenario, core::EventTime::max());
    // The first hour of the two that the longer prompts last.
    begun_until_ = change + core::hours(1);
    begun_ = write_log("begun", *scenario, begun_until_);
    label("prompt", change, change + core::hours(2), "support-bot");
    label("nothing", change, change + core::hours(2), "translator");
    options_.config = config("a.yaml", "min_usd_per_hour: 1");
    options_.labels = directory_.write("labels.jsonl", labels_);
    options_.alerts = directory_.file("alerts.jsonl");
    options_.json = directory_.file("report.json");
    options_.markdown = directory_.file("report.md");
    options_.report = directory_.file("report.html");
  }

  // The events before `until`, one file a partition.
  std::vector<std::string> write_log(const std::string& name, const tests::Scenario& scenario, core::EventTime until) {
    std::vector<std::string> files(tests::kScenarioPartitions), paths;
    for (const auto& record : tests::traffic_of(scenario)) {
      if (record.ts < until) files[record.partition] += record.json + "\n";
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      paths.push_back(events_.write(name + std::to_string(i) + ".jsonl", files[i]));
    }
    return paths;
  }

  void label(const std::string& note, core::EventTime from, core::EventTime to, const std::string& app) {
    labels_ += R"({"from":")" + core::format_rfc3339(from) + R"(","to":")" + core::format_rfc3339(to) +
               R"(","match":{"app":")" + app + R"("},"kind":"prompt_growth","note":")" + note + "\"}\n";
  }
  std::string config(const std::string& name, const std::string& pages) {
    return directory_.write(
        name, "kafka: {brokers: localhost:1, topics: [{name: llm.usage}]}\nstate: {path: " + directory_.file("state") +
                  "}\npages: {" + pages + "}\nsinks: {me: {type: console}}\n");
  }
  Json replay() {
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(replay_command(options_), 0);
    err_ = ::testing::internal::GetCapturedStderr();
    return Json::parse(tests::read_file(options_.json));
  }

  // The exit status of a replay of which nothing else matters.
  int status() {
    ::testing::internal::CaptureStderr();
    const int code = replay_command(options_);
    err_ = ::testing::internal::GetCapturedStderr();
    return code;
  }
  std::string reports() const {
    return tests::read_file(options_.report) + tests::read_file(options_.json) + tests::read_file(options_.markdown) +
           tests::read_file(options_.alerts);
  }

  tests::TempDir directory_, events_;
  std::vector<std::string> begun_;
  core::EventTime begun_until_;
  std::string labels_, err_;
  ReplayOptions options_;
};

TEST_F(ReportTest, FoundAndMissedWithTheReason) {
  const Json report = replay();
  EXPECT_EQ(report["scorecard"]["found"], 1) << report["scorecard"];
  EXPECT_EQ(report["scorecard"]["missed"], 1);
  EXPECT_EQ(report["scorecard"]["false_pages"], 0);
  EXPECT_LT(report["labels"][0]["delay_seconds"].get<double>(), 30 * 60);
  EXPECT_GT(report["labels"][0]["usd_before_page"].get<double>(), 0);
  const auto why = report["labels"][1]["missed_because"].get<std::string>();
  EXPECT_EQ(why.find("evidence reached "), 0U) << why;
  EXPECT_NE(why.find("(prompt_growth, translator / gpt-4o-mini)"), std::string::npos) << why;
  EXPECT_NE(err_.find("1 of 2 known incidents found, 1 missed, 0 false pages"), std::string::npos) << err_;
  EXPECT_NE(err_.find("app translator: " + why), std::string::npos) << err_;
  EXPECT_NE(tests::read_file(options_.markdown).find("| found by prompt_growth |"), std::string::npos)
      << tests::read_file(options_.markdown);
}

TEST_F(ReportTest, WhatIsStillOpenHasLostWhatItHasLostByTheEnd) {
  options_.events = begun_;
  const Json report = replay();
  ASSERT_EQ(report["incidents"].size(), 1U);
  const Json& newest = report["incidents"][0]["newest"];
  EXPECT_TRUE(newest["resolved_at"].is_null());
  const auto updated = core::parse_rfc3339(newest["updated_at"].get<std::string>());
  ASSERT_TRUE(updated);
  EXPECT_GE(*updated, begun_until_ - core::minutes(10)) << newest["updated_at"];
  EXPECT_GT(newest["usd"]["so_far"], report["incidents"][0]["usd_when_paged"]);
}

TEST_F(ReportTest, AnEffectThatIsTooSmallForTheSettings) {
  options_.config = config("a.yaml", "min_usd_per_hour: 1, min_effect: 60%");
  const Json report = replay();
  EXPECT_EQ(report["scorecard"]["found"], 0);
  const auto why = report["labels"][0]["missed_because"].get<std::string>();
  EXPECT_NE(why.find(" is under min_effect 60 % (prompt_growth"), std::string::npos) << why;
}

TEST_F(ReportTest, TwoConfigurationsOnOneReading) {
  replay();
  const std::string alone = tests::read_file(options_.alerts);
  options_.compare = config("b.yaml", "min_usd_per_hour: 40");
  const Json report = replay();
  EXPECT_EQ(tests::read_file(options_.alerts), alone) << "the other configuration has an effect on the first";
  EXPECT_EQ(report["comparison"]["pages_a"], 1);
  EXPECT_EQ(report["comparison"]["pages_b"], 0);
  EXPECT_EQ(report["comparison"]["changes"][0]["change"], "a page in A only");
  EXPECT_NE(err_.find("B pages 0 times where A pages once"), std::string::npos) << err_;
  EXPECT_EQ(report["comparison"]["scorecard_b"]["missed"], 2);
}

TEST_F(ReportTest, TheSameBytesAgainAndNothingFromOutside) {
  replay();
  const std::string html = tests::read_file(options_.report);
  EXPECT_LT(html.size(), 300'000U);
  for (const char* outside : {"src=", "href=", "@import", "url(", "fetch("}) {
    EXPECT_EQ(html.find(outside), std::string::npos) << outside;
  }
  EXPECT_NE(html.find("Permission is hereby granted"), std::string::npos) << "the licence of uPlot";
  EXPECT_EQ(html.find("/*data*/"), std::string::npos);
  options_.lines_per_poll = 7;
  replay();
  EXPECT_EQ(tests::read_file(options_.report), html);
}

TEST_F(ReportTest, AReportOnStandardOutputIsAloneThere) {
  options_.alerts.clear();
  const std::string file = replay().dump();
  options_.json = "-";
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(replay_command(options_), 0);
  ::testing::internal::GetCapturedStderr();
  const Json printed = Json::parse(::testing::internal::GetCapturedStdout(), nullptr, false);
  EXPECT_EQ(printed.dump(), file);
}

TEST_F(ReportTest, TheSameWithTheStateOnDiskAlsoWhenItGoesOnThere) {
  replay();
  const std::string whole = reports();
  options_.state = directory_.file("kept");
  replay();
  EXPECT_EQ(reports(), whole);
  EXPECT_EQ(status(), 0);
  EXPECT_EQ(reports(), whole) << "there was nothing left to read";

  options_.state = directory_.file("in two steps");
  const auto all = std::exchange(options_.events, begun_);
  replay();
  EXPECT_NE(reports(), whole);
  options_.events = all;
  replay();
  EXPECT_EQ(reports(), whole);
}

TEST_F(ReportTest, AReportThatDidNotSeeEverythingIsRefused) {
  options_.state = directory_.file("kept");
  const auto all = std::exchange(options_.events, begun_);
  replay();
  options_.events = all;
  const auto labels = std::exchange(options_.labels, directory_.write("others.jsonl", ""));
  EXPECT_EQ(status(), 64);
  EXPECT_NE(err_.find("it was begun with other labels"), std::string::npos) << err_;
  ReplayOptions alerts_only;
  alerts_only.config = options_.config;
  alerts_only.events = options_.events;
  alerts_only.alerts = options_.alerts;
  alerts_only.state = options_.state;
  const auto asked = std::exchange(options_, alerts_only);
  EXPECT_EQ(status(), 0);
  options_ = asked;
  options_.labels = labels;
  EXPECT_EQ(status(), 64);
  EXPECT_NE(err_.find("it was begun or continued without them. Name a directory that does not exist"),
            std::string::npos)
      << err_;
}

TEST_F(ReportTest, TwoConfigurationsWithTheirStatesOnDisk) {
  options_.compare = config("b.yaml", "min_usd_per_hour: 1, min_effect: 60%");
  const Json in_memory = replay();
  EXPECT_NE(in_memory["comparison"], Json());
  options_.state = directory_.file("kept");
  const auto all = std::exchange(options_.events, begun_);
  EXPECT_NE(replay(), in_memory);
  options_.events = all;
  EXPECT_EQ(replay(), in_memory);
  std::string a, b;
  tests::run({tests::costdrift_program(), "state", "dump", "--path", options_.state + "/a"}, &a);
  tests::run({tests::costdrift_program(), "state", "dump", "--path", options_.state + "/b"}, &b);
  EXPECT_NE(a, "");
  EXPECT_NE(b, "");
  EXPECT_NE(a, b);
}

TEST_F(ReportTest, OptionsThatDoNotGoTogether) {
  options_.review = true;
  options_.labels.clear();
  EXPECT_EQ(status(), 64);
  EXPECT_NE(err_.find("--review needs --labels"), std::string::npos) << err_;
  options_.labels = directory_.write("array.json", "\n [{}]");
  EXPECT_EQ(status(), 64);
  EXPECT_NE(err_.find("each label on a line of its own"), std::string::npos) << err_;
  options_.review = false;
  options_.alerts = options_.markdown = "-";
  EXPECT_EQ(status(), 64);
  EXPECT_NE(err_.find("at most can be -"), std::string::npos) << err_;
}

}  // namespace
}  // namespace costdrift::replay
