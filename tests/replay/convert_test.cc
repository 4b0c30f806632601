// The public traces as canonical events: everything comes over, in order, the same on every run.
#include "replay/convert.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "daemon/decode/decode.h"
#include "tests/replay/replay_files.h"
#include "tests/support/places.h"

namespace costdrift::replay {
namespace {

const std::string kTraces = tests::source_path("tests/data/traces/");

ConvertOptions claude_code(int days) {
  return {.trace = "claude-code", .input = kTraces + "claude-code-calls.csv.zst", .days = days, .apps = 4};
}

std::vector<std::string> converted(const ConvertOptions& options) {
  std::vector<std::string> lines;
  const auto written = convert(options, [&](std::string_view line) { lines.emplace_back(line); });
  EXPECT_TRUE(written) << written.error().message;
  EXPECT_EQ(written ? *written : -1, static_cast<std::int64_t>(lines.size()));
  return lines;
}

std::string error_of(const ConvertOptions& options) {
  const auto written = convert(options, [](std::string_view) {});
  return written ? "" : written.error().message;
}

void expect_order_and_ids(const std::vector<std::string>& lines) {
  std::set<std::string> ids;
  core::EventTime last = core::EventTime::min();
  for (const auto& line : lines) {
    const auto event = nlohmann::json::parse(line);
    const auto ts = core::parse_rfc3339(event.at("ts").get<std::string>());
    ASSERT_TRUE(ts);
    ASSERT_LE(last, *ts) << line;
    last = *ts;
    ASSERT_TRUE(ids.insert(event.at("event_id")).second) << line;
  }
}

struct Counter final : daemon::EventHandler {
  void on_event(const core::UsageEvent& event) override {
    ++events;
    input += event.input_tokens.value_or(0);
    output += event.output_tokens.value_or(0);
  }
  void on_rejected(daemon::RejectReason, std::string_view detail) override { ADD_FAILURE() << detail; }
  std::int64_t events = 0, input = 0, output = 0;
};

Counter decoded(const std::vector<std::string>& lines) {
  Counter counter;
  const auto decoder = daemon::make_decoder("canonical", {.max_message_bytes = 262'144});
  for (const auto& line : lines) (*decoder)->decode(line, counter);
  return counter;
}

TEST(ConvertClaudeCodeTest, OneDay) {
  const auto lines = converted(claude_code(1));
  expect_order_and_ids(lines);
  const Counter counter = decoded(lines);
  EXPECT_EQ(counter.events, static_cast<std::int64_t>(lines.size()));
  std::set<std::string> apps, sessions;
  std::map<std::string, int> ends;
  for (const auto& line : lines) {
    const auto event = nlohmann::json::parse(line);
    const std::string run = event.at("run_id");
    apps.insert(event.at("app"));
    sessions.insert(run.substr(0, run.find('-')));
    ends[run] += event.value("run_end", false) ? 1 : 0;
    EXPECT_LE(event.at("cache_read_tokens"), event.at("input_tokens"));
  }
  EXPECT_EQ(sessions.size(), 120U);
  EXPECT_EQ(apps.size(), 4U);
  int ended = 0;
  for (const auto& [run, times] : ends) {
    EXPECT_LE(times, 1) << run;
    ended += times;
  }
  EXPECT_GE(ended, static_cast<int>(ends.size()) * 8 / 10) << "the others go on at midnight";
}

// The last hours would otherwise hold old sessions alone: a drop of volume and longer prompts that nobody caused.
TEST(ConvertClaudeCodeTest, NoSessionGoesOnBeyondTheLastDay) {
  EXPECT_EQ(nlohmann::json::parse(converted(claude_code(1)).back()).at("ts").get<std::string>().substr(0, 13),
            "2026-03-02T23");
}

TEST(ConvertClaudeCodeTest, TheSameBytesForTheSameSeedOthersForAnother) {
  ConvertOptions options = claude_code(1);
  const auto once = converted(options);
  EXPECT_EQ(converted(options), once);
  options.seed = 2;
  EXPECT_NE(converted(options), once);
}

TEST(ConvertClaudeCodeTest, MoreDaysBeginWithTheSameSessions) {
  const auto day = converted(claude_code(1)), days = converted(claude_code(2));
  ASSERT_LT(day.size(), days.size());
  EXPECT_TRUE(std::equal(day.begin(), day.end(), days.begin()));
}

TEST(ConvertAzureTest, EveryCallOfTheHourAsItWas) {
  const auto lines = converted({.trace = "azure-llm", .input = kTraces + "AzureLLMInferenceTrace_conv.csv.zst"});
  EXPECT_EQ(lines.size(), 19'366U);
  expect_order_and_ids(lines);
  const Counter counter = decoded(lines);
  EXPECT_EQ(counter.events, 19'366);
  EXPECT_EQ(counter.input, 22'361'870);
  EXPECT_EQ(counter.output, 4'088'665);
  EXPECT_EQ(nlohmann::json::parse(lines.front()),
            nlohmann::json::parse(R"({"event_id":"azure-0","ts":"2023-11-16T18:15:46.680590Z","app":"azure-conv",
                                      "model":"gpt-4o","provider":"azure.ai.openai","input_tokens":374,
                                      "output_tokens":44})"));
}

TEST(ConvertTest, WhatIsNotSuchATraceIsNamed) {
  const tests::TempDir directory;
  EXPECT_EQ(error_of({.trace = "openai", .input = "-"}),
            "converting: unknown trace \"openai\"; known are claude-code and azure-llm");
  EXPECT_NE(error_of({.trace = "claude-code", .input = kTraces + "AzureLLMInferenceTrace_conv.csv.zst"})
                .find(":1: no column \"trace\" in the header"),
            std::string::npos);
  const std::string header = "trace,agent,step,t,model,in,out,cached\n";
  const std::string path = directory.write("calls.csv", header);
  EXPECT_EQ(error_of({.trace = "claude-code", .input = path}), "reading " + path + ": no calls");
  directory.write("calls.csv", header + "t1,main,1,0,opus,10,1,0\nt1,main,2,soon,opus,10,1,0\n");
  EXPECT_EQ(error_of({.trace = "claude-code", .input = path}), "reading " + path + ":3: t: \"soon\" is no number");
  directory.write("calls.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\nyesterday,1,2\n");
  EXPECT_NE(error_of({.trace = "azure-llm", .input = path}).find("reading " + path + ":2: TIMESTAMP: "),
            std::string::npos);
}

}  // namespace
}  // namespace costdrift::replay
