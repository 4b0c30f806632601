// Budgets: exact thresholds told once, burn rates, forecasts, periods in a time zone.
#include <gtest/gtest.h>

#include "daemon/incidents/lifecycle.h"
#include "detectors/budget_judge.h"
#include "tests/support/memory_history.h"

namespace costdrift::tests {
namespace {

using core::EventTime;
using detectors::BudgetJudge;
using detectors::BudgetSpec;
using detectors::Calendar;
using detectors::Period;

EventTime at(const std::string& text) { return *core::parse_rfc3339(text); }

BudgetSpec spec(double usd, Period period = Period::day) {
  return {.name = "b",
          .dimension = std::nullopt,
          .value = "",
          .limit = core::from_usd(usd).nano,
          .period = period,
          .calendar = *Calendar::of("UTC"),
          .thresholds = {50, 80, 100}};
}

class Feed {
 public:
  explicit Feed(BudgetSpec budget) : specs_{std::move(budget)}, judge_(std::make_unique<BudgetJudge>(specs_)) {}

  std::vector<core::Finding> minutes(std::int64_t count, double usd_per_minute) {
    std::vector<core::Finding> findings;
    for (std::int64_t i = 0; i < count; ++i) minute(usd_per_minute, {}, findings);
    return findings;
  }
  // A minute in which calls of an earlier one turn up.
  std::vector<core::Finding> late(EventTime when, double usd) {
    core::BucketSummary summary;
    summary.totals.calls = 1;
    summary.totals.cost = core::from_usd(usd);
    const auto series = core::SeriesKey::of({{core::Dimension::app, "desk"}, {core::Dimension::model, "m"}});
    const std::vector<core::LateCalls> calls{{when, &series, &summary}};
    std::vector<core::Finding> findings;
    minute(0, calls, findings);
    return findings;
  }
  void restart() {
    core::ByteWriter lanes, model;
    judge_->save_lanes(lanes);
    judge_->save_model(model);
    judge_ = std::make_unique<BudgetJudge>(specs_);
    ASSERT_TRUE(judge_->restore(lanes.bytes(), model.bytes()));
  }
  EventTime now_ = at("2026-03-02T00:00:00Z");

 private:
  void minute(double usd, std::span<const core::LateCalls> late, std::vector<core::Finding>& findings) {
    core::BucketSummary summary;
    summary.totals.calls = 1;
    summary.totals.cost = core::from_usd(usd);
    judge_->observe({{now_, now_ + core::minutes(1), &summary, {}, late}, &history_, {}}, findings);
    now_ = now_ + core::minutes(1);
  }

  std::vector<BudgetSpec> specs_;
  std::unique_ptr<BudgetJudge> judge_;
  MemoryHistory history_;
};

std::vector<std::string> aspects(const std::vector<core::Finding>& findings, core::FindingPhase phase) {
  std::vector<std::string> result;
  for (const auto& finding : findings)
    if (finding.phase == phase) result.push_back(finding.aspect);
  return result;
}

TEST(CalendarTest, DaysMayHave23And25Hours) {
  const auto berlin = Calendar::of("Europe/Berlin");
  ASSERT_TRUE(berlin);
  const EventTime spring = at("2026-03-29T10:00:00Z"), autumn = at("2026-10-25T10:00:00Z");
  EXPECT_EQ(berlin->end(Period::day, spring) - berlin->begin(Period::day, spring), core::hours(23));
  EXPECT_EQ(berlin->end(Period::day, autumn) - berlin->begin(Period::day, autumn), core::hours(25));
  EXPECT_EQ(berlin->begin(Period::month, spring), at("2026-02-28T23:00:00Z"));
  EXPECT_EQ(berlin->end(Period::month, spring), at("2026-03-31T22:00:00Z"));
  EXPECT_EQ(Calendar::of("UTC")->begin(Period::week, spring), at("2026-03-23T00:00:00Z"));
}

TEST(CalendarTest, RefusesAZoneThatDoesNotExist) { EXPECT_FALSE(Calendar::of("Europe/Nowhere")); }

TEST(BudgetTest, EveryThresholdIsToldOnceAPeriodAlsoOverRestarts) {
  Feed feed(spec(14.40));  // a cent a minute uses it up exactly
  std::vector<std::string> told;
  for (int hour = 0; hour < 24; ++hour) {
    for (const auto& finding : feed.minutes(60, 0.01)) {
      if (finding.phase == core::FindingPhase::drifting) told.push_back(finding.aspect);
      EXPECT_NE(daemon::weigh(finding, {}), daemon::Gate::immaterial) << "told also when use is as expected";
    }
    feed.restart();
  }
  EXPECT_EQ(told, (std::vector<std::string>{"budget b: 50%", "budget b: 80%", "budget b: 100%"}));
  const auto next = feed.minutes(1, 0.01);
  EXPECT_EQ(aspects(next, core::FindingPhase::recovered).size(), 3U);
  EXPECT_TRUE(aspects(feed.minutes(719, 0.005), core::FindingPhase::drifting).empty());
}

TEST(BudgetTest, AThresholdIsExact) {
  Feed feed(spec(1));
  EXPECT_TRUE(aspects(feed.minutes(1, 0.499999999), core::FindingPhase::drifting).empty());
  const auto said = feed.minutes(1, 0.000000001);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_FALSE(said[0].hard_limit) << "half of the budget is a ticket";
  Feed over(spec(1));
  const auto all = over.minutes(1, 2);
  EXPECT_TRUE(all.back().hard_limit) << "beyond the limit is a page";
}

TEST(BudgetTest, LateCallsCountOnceForThePeriodInWhichTheyTookPlace) {
  Feed feed(spec(1));
  EXPECT_TRUE(feed.minutes(60, 0.008).empty());  // 48 cents
  EXPECT_TRUE(feed.late(at("2026-03-01T23:45:00Z"), 5).empty()) << "yesterday's";
  const auto crossed = feed.late(at("2026-03-02T00:15:00Z"), 0.02);
  EXPECT_EQ(aspects(crossed, core::FindingPhase::drifting), std::vector<std::string>{"budget b: 50%"});
  feed.restart();
  EXPECT_TRUE(feed.late(at("2026-03-02T00:30:00Z"), 0.01).empty()) << "told before";
  const auto rest = feed.late(at("2026-03-02T00:00:00Z"), 0.60);
  EXPECT_EQ(aspects(rest, core::FindingPhase::drifting), (std::vector<std::string>{"budget b: 80%", "budget b: 100%"}));
  EXPECT_NEAR(rest.back().observed, 1.11, 1e-9);
}

TEST(BudgetTest, DaysOf23And25HoursEndAtTheirOwnMidnight) {
  for (const auto& [begin, hours] : {std::pair("2026-03-28T23:00:00Z", 23), std::pair("2026-10-24T22:00:00Z", 25)}) {
    BudgetSpec budget = spec(0.60 * hours);  // a cent a minute uses it up in the day's last minute
    budget.calendar = *Calendar::of("Europe/Berlin");
    Feed feed(std::move(budget));
    feed.now_ = at(begin);
    const auto day = aspects(feed.minutes(60 * hours - 1, 0.01), core::FindingPhase::drifting);
    EXPECT_EQ(day, (std::vector<std::string>{"budget b: 50%", "budget b: 80%"})) << begin;
    const auto last = aspects(feed.minutes(1, 0.01), core::FindingPhase::drifting);
    EXPECT_EQ(last, std::vector<std::string>{"budget b: 100%"}) << begin;
    EXPECT_EQ(aspects(feed.minutes(1, 0.01), core::FindingPhase::recovered).size(), 3U) << "a new day: " << begin;
  }
}

TEST(BudgetTest, ABurnIsToldBeforeTheMoneyIsGone) {
  Feed feed(spec(1000, Period::month));
  EXPECT_TRUE(feed.minutes(2 * 1440, 0.01).empty());
  const auto said = feed.minutes(60, 0.60);
  const auto names = aspects(said, core::FindingPhase::drifting);
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(names.front(), "budget b: burn 1h");
  EXPECT_TRUE(said.front().hard_limit);
  const auto after = aspects(feed.minutes(120, 0.01), core::FindingPhase::recovered);
  EXPECT_NE(std::find(after.begin(), after.end(), "budget b: burn 1h"), after.end());
}

// Ten minutes of much, twenty of nothing, day and night.
std::vector<std::string> burns_of_bursts(BudgetSpec budget, int days, double usd_per_minute) {
  Feed feed(std::move(budget));
  std::vector<std::string> burns;
  for (int i = 0; i < days * 48; ++i) {
    auto findings = feed.minutes(10, usd_per_minute);
    for (auto& finding : feed.minutes(20, 0)) findings.push_back(std::move(finding));
    for (const auto& name : aspects(findings, core::FindingPhase::drifting)) {
      if (name.find("burn") != std::string::npos) burns.push_back(name);
    }
    if (i % 7 == 0) feed.restart();
  }
  return burns;
}

TEST(BudgetTest, BurstsBurnOnceADayAtMost) {
  const auto burns = burns_of_bursts(spec(1000, Period::month), 4, 0.6);
  EXPECT_FALSE(burns.empty());
  std::map<std::string, int> by_name;
  for (const auto& name : burns) ++by_name[name];
  for (const auto& [name, times] : by_name) EXPECT_LE(times, 4) << name;
}

TEST(BudgetTest, ABudgetThatIsUsedUpHasNothingLeftToBurn) {
  const auto burns = burns_of_bursts(spec(20, Period::day), 3, 0.6);
  EXPECT_LE(burns.size(), 3U) << "one a day, before the limit is passed";
}

TEST(BudgetTest, TheForecastSaysWhenTheBudgetIsExhausted) {
  Feed feed(spec(1000, Period::month));
  const auto said = feed.minutes(3 * 1440, 0.04);  // 57.60 a day, 1,728 a month from the 2nd of March on
  const auto names = aspects(said, core::FindingPhase::drifting);
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(names.front(), "budget b: forecast");
  EXPECT_NE(said.front().note.find("exhausted at 2026-03-19"), std::string::npos) << said.front().note;
  Feed enough(spec(3000, Period::month));
  EXPECT_TRUE(enough.minutes(3 * 1440, 0.04).empty());
}

TEST(BudgetTest, TokensOfAUseCaseAreABudgetToo) {
  BudgetSpec budget = spec(1, Period::week);
  budget.tokens = true;
  budget.limit = 1000;
  budget.dimension = core::Dimension::use_case;
  budget.value = "faq";
  const std::vector<BudgetSpec> specs{budget};
  detectors::BudgetJudge judge(specs);
  const auto series = core::SeriesKey::of({{core::Dimension::app, "desk"}, {core::Dimension::model, "m"}});
  core::BucketSummary calls;
  calls.totals.calls = 2;
  calls.attributes[{{core::Dimension::use_case, "faq"}}] = {.calls = 1, .input_tokens = 300, .output_tokens = 100};
  calls.attributes[{{core::Dimension::use_case, "rag"}}] = {.calls = 1, .input_tokens = 9000};
  const std::vector<core::SeriesPart> parts{{&series, &calls}};
  const MemoryHistory history;
  std::vector<core::Finding> findings;
  for (int minute = 0; minute < 3; ++minute) {
    const EventTime start = at("2026-03-02T00:00:00Z") + core::minutes(minute);
    judge.observe({{start, start + core::minutes(1), &calls, parts}, &history, {}}, findings);
  }
  EXPECT_EQ(aspects(findings, core::FindingPhase::drifting),
            (std::vector<std::string>{"budget b: 50%", "budget b: 80%", "budget b: 100%"}));
  EXPECT_EQ(findings.back().unit, "tokens");
  EXPECT_EQ(findings.back().observed, 1200);
  EXPECT_TRUE(findings.back().hard_limit);
  EXPECT_FALSE(findings.back().money_known) << "tokens are no dollars";
  EXPECT_NE(findings.back().note.find("100 % of 1,000 tokens a week"), std::string::npos) << findings.back().note;
}

TEST(BudgetTest, AScopeCountsItsOwn) {
  core::BucketSummary desk, search;
  desk.totals.cost = {100};
  desk.attributes[{{core::Dimension::team, "cx"}}].cost = {70};
  desk.attributes[{{core::Dimension::team, "ads"}, {core::Dimension::use_case, "faq"}}].cost = {30};
  search.totals.cost = {10};
  search.attributes[{{core::Dimension::team, "cx"}}].cost = {10};
  const auto a = core::SeriesKey::of({{core::Dimension::app, "desk"}, {core::Dimension::model, "m"}});
  const auto b = core::SeriesKey::of({{core::Dimension::app, "search"}, {core::Dimension::model, "m"}});
  const std::vector<core::SeriesPart> parts{{&a, &desk}, {&b, &search}};
  core::BucketSummary all;
  all.merge(desk);
  all.merge(search);
  const core::ClosedBucket bucket{{}, {}, &all, parts};
  BudgetSpec budget = spec(1);
  EXPECT_EQ(detectors::amount_in(bucket, budget), 110);
  budget.dimension = core::Dimension::team;
  budget.value = "cx";
  EXPECT_EQ(detectors::amount_in(bucket, budget), 80);
  budget.dimension = core::Dimension::app;
  budget.value = "search";
  EXPECT_EQ(detectors::amount_in(bucket, budget), 10);
  budget.dimension = core::Dimension::use_case;
  budget.value = "faq";
  EXPECT_EQ(detectors::amount_in(bucket, budget), 30);
}

}  // namespace
}  // namespace costdrift::tests
