// A drift of one per cent a day: too slow for a baseline that learns, seen by the anchor that does not.
#include "detectors/stats/anchor.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/judge_harness.h"

namespace costdrift::tests {
namespace {

using detectors::stats::Anchor;

constexpr core::EventTime kMonday{1'772'409'600'000'000};
constexpr double kBudgetDays = 180;  // one false alarm in so many days
constexpr double kNoise = 0.03, kCorrelation = 0.3;

// Days with noise that remembers the day before, from four weeks before the drift on.
class Days {
 public:
  explicit Days(std::uint64_t seed) : random_(seed), noise_(kNoise * random_.normal()) {}
  double next(double level) {
    noise_ = kCorrelation * noise_ + std::sqrt(1 - kCorrelation * kCorrelation) * kNoise * random_.normal();
    return 2000 * level * std::exp(noise_);
  }

 private:
  Random random_;
  double noise_;
};

struct Trial {
  int days = 0;  // until the alarm, or until given up
  bool alarm = false;
  double effect = 0;
};

Trial watch(std::uint64_t seed, double per_day, int most_days) {
  Days days(seed);
  Anchor anchor;
  core::EventTime day = kMonday;
  for (int i = 0; i < Anchor::kFrozenDays; ++i, day = day + core::days(1)) anchor.day_ended(day, days.next(1));
  Trial trial;
  while (trial.days < most_days && !trial.alarm) {
    ++trial.days;
    anchor.day_ended(day, days.next(std::pow(1 + per_day, trial.days)));
    day = day + core::days(1);
    trial.alarm = anchor.log_evidence() >= std::log(kBudgetDays);
  }
  const auto creep = anchor.creep();
  trial.effect = creep.observed / creep.expected - 1;
  return trial;
}

TEST(Anchor, SeesOnePerCentADayByAboutSevenPerCent) {
  double days = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const Trial trial = watch(seed, 0.01, 60);
    EXPECT_TRUE(trial.alarm);
    days += trial.days / 400.0;
  }
  EXPECT_LT(days, 8);
  EXPECT_GT(days, 4);
}

TEST(Anchor, SaysNothingOfDaysThatOnlyVaryMoreOftenThanTheBudgetAllows) {
  double days = 0, alarms = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Trial trial = watch(seed + 1000, 0, 400);
    days += trial.days;
    alarms += trial.alarm ? 1 : 0;
  }
  EXPECT_GT(days / alarms, 0.9 * kBudgetDays);
}

TEST(Anchor, ComesBackFromItsBytes) {
  Days days(3);
  Anchor anchor;
  core::EventTime day = kMonday;
  for (int i = 0; i < 40; ++i, day = day + core::days(1)) {
    core::ByteWriter out;
    anchor.save(out);
    anchor = {};
    const std::string bytes = out.take();
    core::ByteReader in(bytes);
    anchor.restore(in);
    ASSERT_TRUE(in.finished());
    anchor.day_ended(day, days.next(i < 28 ? 1 : 1.05));
  }
  EXPECT_GT(anchor.log_evidence(), std::log(kBudgetDays));
  EXPECT_NEAR(anchor.creep().observed / anchor.creep().expected, 1.05, 0.04);
}

TEST(Anchor, AWeekendThatIsAlwaysLargerIsNoDrift) {
  constexpr int kWatched = 90, kTrials = 40;
  int alarms = 0;
  for (std::uint64_t seed = 0; seed < kTrials; ++seed) {
    Random random(seed);
    Anchor anchor;
    core::EventTime day = kMonday;
    double highest = -1e9;
    for (int i = 0; i < Anchor::kFrozenDays + kWatched; ++i, day = day + core::days(1)) {
      const bool weekend = i % 7 >= 5;
      anchor.day_ended(day, 2000 * (weekend ? 1.4 : 1) * std::exp(0.02 * random.normal()));
      highest = std::max(highest, anchor.log_evidence());
    }
    alarms += highest >= std::log(kBudgetDays) ? 1 : 0;
  }
  EXPECT_LE(alarms, kTrials * kWatched / kBudgetDays);
}

// Some calls every five minutes; the prompts grow by `per_day` from day 28 on.
std::vector<core::Finding> play_days(double per_day, int days, int calls, std::int64_t judges = 100) {
  JudgeHarness harness("prompt_growth", judges);
  Random random(5);
  std::vector<core::Finding> all;
  for (int step = 0; step < days * 288; ++step) {
    const double level = std::pow(1 + per_day, std::max(0.0, step / 288.0 - 28));
    for (int call = 0; call < calls; ++call) {
      core::UsageEvent event;
      event.input_tokens = std::llround(random.log_normal(2000, 0.5) * level);
      event.cost = event.input_cost = core::from_usd(static_cast<double>(*event.input_tokens) * 3e-6);
      harness.call(event);
    }
    for (auto& finding : harness.close()) all.push_back(std::move(finding));
    harness.skip(core::minutes(5) - JudgeHarness::kBucket);
  }
  return all;
}

// The fast rule may see a step of the growth first: while it doubts, the baseline does not follow.
TEST(Anchor, ASlowGrowthOfPromptsIsToldByAboutATenth) {
  const auto findings = play_days(0.01, 42, 2);
  const auto told =
      std::find_if(findings.begin(), findings.end(), [](const auto& f) { return core::material(f, 0.1); });
  ASSERT_NE(told, findings.end());
  const double days = core::to_hours(told->evaluated_at - kMonday) / 24 - Anchor::kFrozenDays;
  EXPECT_GT(std::pow(1.01, days), 1.05);
  EXPECT_LT(std::pow(1.01, days), 1.14) << "it should have been told sooner";
}

// With a millionth of the page budget the fast rule is too slow.
TEST(Anchor, ACreepIsToldOnceAndLearned) {
  std::vector<core::Finding> crept;
  for (const auto& finding : play_days(0.01, 44, 2, 1'000'000)) {
    if (finding.note.find("crept") != std::string::npos) crept.push_back(finding);
  }
  ASSERT_FALSE(crept.empty());
  EXPECT_EQ(crept.back().phase, core::FindingPhase::absorbed);
  const auto others = std::count_if(crept.begin(), crept.end(),
                                    [&](const auto& finding) { return finding.onset != crept.front().onset; });
  EXPECT_EQ(others, 0) << "told a second time before it grew by as much again";
}

TEST(Anchor, DaysOfTheSameLevelAreQuiet) {
  for (const auto& finding : play_days(0, 45, 4)) {
    if (core::material(finding, 0.1))
      ADD_FAILURE() << core::format_rfc3339(finding.evaluated_at) << " " << finding.effect << " " << finding.note;
  }
}

}  // namespace
}  // namespace costdrift::tests
