// Tuning: the choice among settings, and power that agrees with one replay for each drift.
#include <gtest/gtest.h>

#include "daemon/catalogue.h"
#include "replay/judged_run.h"
#include "replay/tune_command.h"
#include "tests/support/scale.h"
#include "tests/support/scenario.h"
#include "tests/support/temp_dir.h"

namespace costdrift::replay {
namespace {

CandidateResult candidate(const std::string& change, double pages, double usd, const std::vector<double>& weekly) {
  CandidateResult result{.change = change, .false_pages_per_week = pages, .usd_a_drift = usd, .weekly_loss = weekly};
  for (const double loss : weekly) result.loss += loss / static_cast<double>(weekly.size());
  return result;
}

TEST(ChooseTest, ChargesWhatTheChoiceHadNotSeen) {
  // B is best in all, but only because of its second week.
  std::vector<CandidateResult> results = {candidate("", 1, 50, {100, 100, 100}), candidate("b", 2, 40, {140, 10, 140}),
                                          candidate("c", 3, 60, {150, 150, 150})};
  const Choice choice = choose(results);
  EXPECT_EQ(choice.best, 1U);
  EXPECT_EQ(choice.best_without, (std::vector<std::size_t>{1, 0, 1}));
  EXPECT_DOUBLE_EQ(*choice.held_out_loss, (140 + 100 + 140) / 3.0);
  EXPECT_DOUBLE_EQ(*choice.current_loss, 100);
  EXPECT_TRUE(results[0].on_the_curve);
  EXPECT_TRUE(results[1].on_the_curve);
  EXPECT_FALSE(results[2].on_the_curve);
}

TEST(ChooseTest, OneWeekHoldsNothingOut) {
  std::vector<CandidateResult> results = {candidate("", 1, 50, {100}), candidate("b", 1, 50, {100})};
  const Choice choice = choose(results);
  EXPECT_EQ(choice.best, 0U);
  EXPECT_FALSE(choice.held_out_loss);
}

TEST(ResultOfTest, LossOfDriftsAndPages) {
  const core::EventTime begin{1'772'409'600'000'000}, end = begin + core::days(14);
  std::vector<Trial> trials;
  for (const auto& [day, usd] : std::vector<std::pair<int, double>>{{3, 10}, {9, 30}, {10, 50}}) {
    Trial trial;
    trial.injection.from = begin + core::days(day);
    trial.usd_burned = usd;
    trial.calls_changed = 1;
    if (day != 10) trial.delay = core::minutes(5);
    trials.push_back(trial);
  }
  trials.push_back(trials.front());
  trials.back().calls_changed = 0;  // does not count
  const auto result =
      result_of("", trials, {}, {begin + core::days(1)}, {.page = 20, .drifts_per_week = 2}, begin, end);
  EXPECT_DOUBLE_EQ(result.usd_a_drift, 30);
  EXPECT_DOUBLE_EQ(result.caught, 2.0 / 3);
  EXPECT_DOUBLE_EQ(result.false_pages_per_week, 0.5);
  EXPECT_DOUBLE_EQ(result.loss, 2 * 30 + 20 * 0.5);
  EXPECT_EQ(result.weekly_loss, (std::vector<double>{2 * 10 + 20, 2 * 40}));
}

TEST(CandidatesTest, OneSettingAtATimeThenTheBestTogether) {
  auto settings = config::parse_settings(
      "kafka: {brokers: b:1, topics: [{name: t}]}\nstate: {path: /tmp/none}\nsinks: {me: {type: console}}\n", "test",
      daemon::catalogue());
  ASSERT_TRUE(settings) << settings.error().message;
  const auto all = candidates_of(*settings, {"retry_rate"});
  ASSERT_EQ(all.size(), 10U);
  EXPECT_EQ(all[0].change, "");
  EXPECT_EQ(all[3].change, "pages.min_effect: 5%");
  EXPECT_DOUBLE_EQ(all[3].settings.pages.min_effect, 0.05);
  EXPECT_EQ(all[7].change, "pages.group_within: 10m");
  EXPECT_EQ(all[8].change, "pages.group_within: 2h");
  EXPECT_EQ(all[8].settings.pages.group_within, core::hours(2));
  EXPECT_EQ(all[9].change, "detectors.retry_rate.enabled: false");
  const auto together = combined(*settings, all, {10, 11, 12, 9, 8, 13, 14, 11, 12, 5});
  ASSERT_TRUE(together);
  EXPECT_EQ(together->change, "detectors.retry_rate.enabled: false, pages.min_effect: 20%");
  EXPECT_DOUBLE_EQ(together->settings.pages.min_effect, 0.2);
  for (const auto& detector : together->settings.detectors) EXPECT_EQ(detector.enabled, detector.name != "retry_rate");
  const auto grouped = combined(*settings, all, {10, 11, 12, 9, 11, 13, 14, 9, 8, 11});
  ASSERT_TRUE(grouped);
  EXPECT_EQ(grouped->change, "pages.group_within: 2h, pages.min_effect: 5%");
  EXPECT_EQ(grouped->settings.pages.group_within, core::hours(2));
  EXPECT_FALSE(combined(*settings, all, {1, 2, 2, 2, 2, 2, 2, 2, 2, 2}));
}

TEST(CandidatesTest, NoneThatTheConfigurationWouldRefuse) {
  config::Settings settings;
  settings.pages.min_usd_per_hour = 0;
  settings.pages.group_within = {};
  const auto changes = [&](double pages_per_week, double min_effect) {
    settings.pages.false_pages_per_week = pages_per_week;
    settings.pages.min_effect = min_effect;
    std::vector<std::string> found;
    for (const auto& candidate : candidates_of(settings, {})) found.push_back(candidate.change);
    return found;
  };
  EXPECT_EQ(changes(500, 0.6),
            (std::vector<std::string>{"", "pages.false_pages_per_week: 125", "pages.min_effect: 30%"}));
  EXPECT_EQ(changes(0.002, 0.0015),
            (std::vector<std::string>{"", "pages.false_pages_per_week: 0.008", "pages.min_effect: 0.3%"}));
  EXPECT_EQ(changes(250, 0.5),
            (std::vector<std::string>{"", "pages.false_pages_per_week: 62.5", "pages.false_pages_per_week: 1000",
                                      "pages.min_effect: 25%", "pages.min_effect: 100%"}));
  settings.pages.group_within = core::hours(12);
  EXPECT_EQ(changes(0.002, 0.0015).back(), "pages.group_within: 4h");
}

TEST(TuneTextTest, NamesOfApplicationsAreNoMarkdown) {
  TuneResult result;
  result.candidates = {candidate("", 1, 50, {100})};
  result.power = {{.app = "<b>[x](http://x.example)", .drift = {}, .trials = 1}};
  const std::string text = to_markdown(result, {});
  EXPECT_NE(text.find("| prompts +10 % in \\<b>\\[x](http:\u200b//x.example) | 0 of 1 |"), std::string::npos) << text;
}

TEST(TuneTextTest, WhatWasMissedSaysWhy) {
  TuneResult result;
  result.candidates = {candidate("", 1, 50, {100})};
  Trial told{.delay = core::minutes(30), .usd_burned = 2, .usd_added = 20, .calls_changed = 9};
  Trial ticket{.ticket = true, .usd_burned = 20, .usd_added = 20, .calls_changed = 9, .missed_because = "a ticket"};
  Trial missed{.usd_burned = 20, .usd_added = 20, .calls_changed = 9, .missed_because = "effect +6 % is under 10 %"};
  Trial cheaper{.usd_burned = -1, .usd_added = -1, .calls_changed = 9};
  result.power = power_of({told, ticket, missed, cheaper});
  result.not_tried = {{InjectedDrift::mix, 0.3}};
  const std::string text = to_markdown(result, {});
  EXPECT_NE(text.find("| prompts +10 % | 1 of 3 | 30 min | $2.00 | 1 | $20 | effect +6 % is under 10 % |\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("to the dearest model | not tried | | | | | no application would become dearer by it |\n"),
            std::string::npos)
      << text;
}

class PowerTest : public ::testing::Test {
 protected:
  PowerTest() {
    tests::Scenario scenario;
    scenario.history = core::days(4);
    scenario.watch = core::hours(1);
    for (const auto& [name, model, tokens] : std::vector<std::tuple<const char*, const char*, double>>{
             {"desk", "gpt-4o", 2000}, {"shop", "gpt-4o", 1500}, {"batch", "gpt-4o-mini", 6000}}) {
      tests::ScenarioApp app;
      app.name = name;
      app.model = model;
      app.day = "flat";
      app.calls_per_minute = 2;
      app.input_tokens = tokens;
      app.output_tokens = 200;
      app.retry_share = 0.02;
      scenario.apps.push_back(app);
    }
    std::string text;
    for (const auto& record : tests::traffic_of(scenario)) text += record.json + "\n";
    options_.replay.events = {directory_.write("p0.jsonl", text)};
    auto settings = config::parse_settings(
        "kafka: {brokers: b:1, topics: [{name: t}]}\nstate: {path: /tmp/none}\nsinks: {me: {type: console}}\n"
        "pages: {min_usd_per_hour: 0.01}\n",
        "test", daemon::catalogue());
    EXPECT_TRUE(settings) << settings.error().message;
    settings_ = *settings;
    options_.drifts = {"prompt=40%"};
    if (tests::scaled(0, 1, 1) != 0) options_.drifts.push_back("retries=30%");
    options_.trials = 1;
    options_.lasts = "8h";
    options_.power_only = true;
  }

  // Each drift alone, in a replay of its own.
  std::vector<Trial> one_by_one(const std::vector<Trial>& trials) {
    std::vector<Trial> alone;
    const auto prices = daemon::PriceBook::shipped({});
    for (const Trial& trial : trials) {
      auto injector = Injector::make({trial.injection}, settings_, prices);
      EXPECT_TRUE(injector);
      ToldIncidents told;
      const auto done =
          replay_all({{&settings_, {.on_alert = [&](const auto& event) { told.add(event); }}, (*injector)->edit()}},
                     options_.replay, 1);
      EXPECT_TRUE(done);
      const auto measured = trials_of(**injector, told.all(), {});
      alone.insert(alone.end(), measured.begin(), measured.end());
    }
    return alone;
  }

  tests::TempDir directory_;
  TuneOptions options_;
  config::Settings settings_;
};

TEST_F(PowerTest, AgreesWithOneReplayForEachDrift) {
  const auto result = tune(settings_, {}, options_, {});
  ASSERT_TRUE(result) << result.error().message;
  ASSERT_EQ(result->trials.size(), 3 * options_.drifts.size());
  const auto together = power_of(result->trials), alone = power_of(one_by_one(result->trials));
  ASSERT_EQ(together.size(), alone.size());
  double caught = 0;
  for (std::size_t i = 0; i < together.size(); ++i) {
    SCOPED_TRACE(describe_drift(together[i].drift) + " in " + together[i].app);
    EXPECT_EQ(together[i].app, alone[i].app);
    EXPECT_NEAR(together[i].usd_burned, alone[i].usd_burned, 0.15 * alone[i].usd_burned);
    if (!together[i].app.empty()) continue;
    caught += together[i].caught;
    EXPECT_NEAR(together[i].caught, alone[i].caught, 0.15 * alone[i].trials);
  }
  for (const auto& trial : result->trials) EXPECT_EQ(trial.missed_because.empty(), trial.delay.has_value());
  EXPECT_GE(caught, 2.0 * static_cast<double>(options_.drifts.size())) << "too few are caught to compare anything";
}

TEST_F(PowerTest, OneResultOnStandardOutput) {
  options_.replay.json = options_.replay.markdown = "-";
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(tune_command(options_), 64);
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("at most can be -"), std::string::npos);
}

TEST_F(PowerTest, StandardInputCannotBeReadTwice) {
  options_.replay.events = {"-"};
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(tune_command(options_), 64);
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("name a file"), std::string::npos);
}

}  // namespace
}  // namespace costdrift::replay
