// Drifts put into events: what changes, what stays, and what it costs.
#include "replay/injection.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "replay/tune_plan.h"

namespace costdrift::replay {
namespace {

using Json = nlohmann::json;

constexpr core::EventTime kFrom{1'772'409'600'000'000};  // 2026-03-02T00:00:00Z

class Written final : public daemon::LogHandler {
 public:
  Start on_assigned(const daemon::TopicPartition&) override { return {}; }
  void on_revoked(std::size_t, bool) override {}
  void on_record(const daemon::LogRecord& record) override { records.emplace_back(record.value); }
  void on_log_changed(std::size_t, const std::string&) override {}
  void on_caught_up(std::size_t) override {}
  core::EventTime newest_event(std::size_t) const override { return {}; }
  std::vector<std::string> records;
};

class InjectionTest : public ::testing::Test {
 protected:
  // What becomes of `calls` calls like `event`, each with its own event_id and run_id.
  std::vector<Json> inject(Injection injection, const Json& event, int calls = 1) {
    injection.app = "desk";
    injection.from = kFrom;
    injection.to = kFrom + core::hours(1);
    auto made = Injector::make({injection}, settings_, prices_);
    EXPECT_TRUE(made);
    injector_ = *std::move(made);
    Written written;
    const auto edit = injector_->edit();
    for (int i = 0; i < calls; ++i) {
      Json one = event;
      if (one.contains("event_id")) one["event_id"] = "e" + std::to_string(i);
      if (one.contains("run_id")) one["run_id"] = "r" + std::to_string(i);
      const std::string text = one.dump();
      edit({.partition = 0, .offset = i, .value = text, .appended_at = std::nullopt}, written);
    }
    std::vector<Json> events;
    for (const auto& record : written.records) {
      const Json parsed = Json::parse(record);
      if (!parsed.is_array()) {
        events.push_back(parsed);
        continue;
      }
      for (const auto& item : parsed) events.push_back(item);
    }
    return events;
  }
  double added() const { return core::to_usd(injector_->added(0, core::EventTime::max())); }

  const Json call_ = {{"ts", "2026-03-02T00:10:00Z"}, {"app", "desk"},       {"model", "gpt-4o"}, {"event_id", "e"},
                      {"input_tokens", 1000},         {"output_tokens", 100}};
  config::Settings settings_;
  daemon::PriceBook prices_ = daemon::PriceBook::shipped({});
  std::unique_ptr<Injector> injector_;
};

TEST_F(InjectionTest, LongerPromptsCostMore) {
  const auto events = inject({.drift = InjectedDrift::prompt, .size = 0.3}, call_);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0]["input_tokens"], 1300);
  EXPECT_EQ(events[0]["output_tokens"], 100);
  EXPECT_NEAR(added(), 300 * 2.5e-6, 1e-9);  // $2.50 a million
  EXPECT_EQ(injector_->changed(0), 1);
}

TEST_F(InjectionTest, AReportedCostFollowsTheList) {
  Json call = call_;
  call["cost_usd"] = 2 * (1000 * 2.5e-6 + 100 * 1e-5);  // twice the list
  const auto events = inject({.drift = InjectedDrift::prompt, .size = 0.3}, call);
  EXPECT_NEAR(events[0]["cost_usd"].get<double>(), 2 * (1300 * 2.5e-6 + 100 * 1e-5), 1e-9);
  EXPECT_NEAR(added(), 2 * 300 * 2.5e-6, 1e-8);
}

TEST_F(InjectionTest, OtherCallsStayByteForByte) {
  Json other = call_, later = call_;
  other["app"] = "shop";
  later["ts"] = "2026-03-02T01:00:00Z";
  EXPECT_EQ(inject({.drift = InjectedDrift::prompt, .size = 0.3}, other), std::vector<Json>{[&] {
              Json same = other;
              same["event_id"] = "e0";
              return same;
            }()});
  EXPECT_EQ(inject({.drift = InjectedDrift::prompt, .size = 0.3}, later)[0]["input_tokens"], 1000);
  EXPECT_EQ(injector_->changed(0), 0);
}

TEST_F(InjectionTest, AShareOfTheCallsIsMadeTwice) {
  const auto events = inject({.drift = InjectedDrift::retries, .size = 0.2}, call_, 1000);
  EXPECT_NEAR(static_cast<double>(events.size()), 1200, 40);
  const auto retry = std::find_if(events.begin(), events.end(), [](const Json& e) { return e.contains("attempt"); });
  ASSERT_NE(retry, events.end());
  EXPECT_EQ((*retry)["attempt"], 2);
  EXPECT_EQ((*retry)["event_id"], (*(retry - 1))["event_id"].get<std::string>() + "-injected-retry");
  EXPECT_EQ(inject({.drift = InjectedDrift::retries, .size = 0.2}, call_, 1000), events) << "not the same again";
}

TEST_F(InjectionTest, RunsGoTwiceAsDeep) {
  Json step = call_;
  step["run_id"] = "r";
  step["step"] = 3;
  step["run_end"] = true;
  const auto events = inject({.drift = InjectedDrift::loops, .size = 10}, step);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0]["step"], 5);
  EXPECT_FALSE(events[0].contains("run_end"));
  EXPECT_EQ(events[1]["step"], 6);
  EXPECT_EQ(events[1]["run_end"], true);
  EXPECT_EQ(inject({.drift = InjectedDrift::loops, .size = 10}, call_).size(), 1U) << "no run";
}

TEST_F(InjectionTest, CachePriceAndModel) {
  Json cached = call_;
  cached["cache_read_tokens"] = 800;
  EXPECT_EQ(inject({.drift = InjectedDrift::cache_loss, .size = 10}, cached)[0]["cache_read_tokens"], 0);
  EXPECT_GT(added(), 0);
  Json priced = call_;
  priced["cost_usd"] = 0.5;
  EXPECT_DOUBLE_EQ(inject({.drift = InjectedDrift::price, .size = 0.2}, priced)[0]["cost_usd"].get<double>(), 0.6);
  EXPECT_NEAR(added(), 0.1, 1e-9);
  EXPECT_EQ(inject({.drift = InjectedDrift::mix, .size = 10, .to_model = "gpt-4"}, call_)[0]["model"], "gpt-4");
}

TEST(TunePlanTest, ReadsDrifts) {
  EXPECT_EQ(*parse_drift("prompt=10%"), (PlannedDrift{InjectedDrift::prompt, 0.1}));
  EXPECT_EQ(*parse_drift("cache_loss=0.5"), (PlannedDrift{InjectedDrift::cache_loss, 0.5}));
  for (const char* wrong : {"prompt", "prompt=", "prompt=0", "prompt=ten", "growth=10%", "prompt=2000%", ""}) {
    EXPECT_FALSE(parse_drift(wrong)) << wrong;
  }
}

TEST(TunePlanTest, OneDriftAnAppInEachPlan) {
  HistoryProfile history;
  core::BucketSummary summary;
  summary.totals = {.calls = 10, .input_tokens = 1000, .cost = {1'000'000}};
  for (const char* app : {"a", "b", "c"}) {
    const auto series = core::SeriesKey::of({{core::Dimension::app, app}, {core::Dimension::model, "m"}});
    for (const int day : {0, 9}) {
      const core::EventTime start = kFrom + core::days(day);
      history.on_bucket(series, {.start = start, .end = start + core::days(1), .summary = &summary}, {});
    }
  }
  const PlanOptions options{
      .drifts = {{InjectedDrift::prompt, 0.1}, {InjectedDrift::loops, 0.5}, {InjectedDrift::retries, 0.2}},
      .apps = 2,
      .trials = 3};
  const auto plans = plan_injections(history, options);
  ASSERT_TRUE(plans) << plans.error().message;
  ASSERT_EQ(plans->size(), 6U) << "two drifts make sense, three times";
  for (const auto& plan : *plans) {
    ASSERT_EQ(plan.size(), 2U);
    EXPECT_NE(plan[0].app, plan[1].app);
    for (const auto& injection : plan) {
      EXPECT_GE(injection.from, kFrom + core::days(3));
      EXPECT_LE(injection.to, kFrom + core::days(10));
    }
  }
  EXPECT_FALSE(plan_injections(history, {.drifts = options.drifts, .lasts = core::days(9)}));
}

}  // namespace
}  // namespace costdrift::replay
