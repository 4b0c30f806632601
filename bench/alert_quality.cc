// alert_quality [trials]: what an alert says, against what was done: effect at the alarm and a quarter of an hour
// later, beside the plain mean of somebody who knows when the change was ("knows when"); onset, and how often an episode
// changes its mind. 192 calls a minute, a day and two hours of history, then a change that lasts two hours, then six hours
// without it; as many seeded trials as asked for (default 200). Prints one table; a minute and a half.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/incidents/lifecycle.h"
#include "detectors/run_steps.h"
#include "tests/support/judge_harness.h"

namespace costdrift::tests {
namespace {

constexpr int kCallsPerBucket = 16, kBucketsPerHour = 720;
constexpr std::int64_t kJudges = 10;

struct Case {
  std::string name, detector;
  double expected, effect;  // true
  std::function<void(JudgeHarness&, Random&, bool drifted)> bucket;
  double (*amount)(const core::BucketSummary&);  // the quantity is the mean of this
  double (*of)(const core::BucketSummary&);      // over this
};

double calls(const core::BucketSummary& bucket) { return static_cast<double>(bucket.totals.calls); }
double input_tokens(const core::BucketSummary& bucket) { return static_cast<double>(bucket.totals.input_tokens); }
double retries_made(const core::BucketSummary& bucket) { return static_cast<double>(bucket.totals.retries); }
double cached_tokens(const core::BucketSummary& bucket) { return static_cast<double>(bucket.totals.cache_read_tokens); }
double ended_runs(const core::BucketSummary& bucket) {
  double runs = 0;
  for (const auto& item : bucket.counts(detectors::kRunSteps)) {
    runs += item.bin % 2 == 0 ? static_cast<double>(item.weight) / core::kOneCall : 0;
  }
  return runs;
}

core::UsageEvent prompt(double tokens) {
  core::UsageEvent event;
  event.input_tokens = std::llround(tokens);
  event.cost = event.input_cost = core::from_usd(tokens * 3e-6);
  return event;
}

Case prompts(const char* name, double factor, double added) {
  const double mean = 2000 * std::exp(0.18);
  const auto bucket = [=](JudgeHarness& harness, Random& random, bool drifted) {
    for (int i = 0; i < kCallsPerBucket; ++i) {
      const double usual = random.log_normal(2000, 0.6);
      harness.call(prompt(drifted ? usual * factor + added : usual));
    }
  };
  return {name, "prompt_growth", mean, factor + added / mean - 1, bucket, input_tokens, calls};
}

Case retries(const char* name, double rate) {
  const auto bucket = [=](JudgeHarness& harness, Random& random, bool drifted) {
    for (int i = 0; i < kCallsPerBucket; ++i) {
      core::UsageEvent event = prompt(2000);
      event.retries = random.chance(drifted ? rate : 0.05) ? 1 : 0;
      harness.call(event);
    }
  };
  return {name, "retry_rate", 0.05, rate / 0.05 - 1, bucket, retries_made, calls};
}

Case cache(const char* name, double rate) {
  const auto bucket = [=](JudgeHarness& harness, Random& random, bool drifted) {
    for (int i = 0; i < kCallsPerBucket; ++i) {
      core::UsageEvent event = prompt(4000);
      event.cache_read_tokens = random.chance(drifted ? rate : 0.4) ? 4000 : 0;
      event.cacheable_cost = core::from_usd(0.009);
      harness.call(event);
    }
  };
  return {name, "cache_hit_rate", 0.4, rate / 0.4 - 1, bucket, cached_tokens, input_tokens};
}

Case loops(const char* name, double mean) {
  const auto bucket = [=](JudgeHarness& harness, Random& random, bool drifted) {
    for (int made = 0; made < kCallsPerBucket;) {
      std::int64_t depth = 1;
      while (random.chance(1 - 1 / (drifted ? mean : 3))) ++depth;
      for (std::int64_t i = 0; i < depth; ++i) {
        core::UsageEvent event = prompt(2000);
        event.run_id = "r";
        harness.call(event);
      }
      harness.run({.from_depth = 0, .to_depth = depth, .ended = true});
      made += static_cast<int>(depth);
    }
  };
  return {name, "loop_depth", 3, mean / 3 - 1, bucket, calls, ended_runs};
}

struct Trial {
  std::optional<double> at_alarm, later;           // relative error of the effect
  double knowing_at_alarm = 0, knowing_later = 0;  // of the plain mean since the change, at these times
  double delay_s = 0, onset_error_s = 0;
  int transitions = 0;
};

class Episode {
 public:
  Episode(const Case& what, std::uint64_t seed) : case_(what), random_(seed), harness_(what.detector, kJudges) {}

  Trial play() {
    hours(26, false);
    change_ = harness_.now();
    hours(2, true);
    over_ = true;
    hours(6, false);
    return trial_;
  }

 private:
  void hours(int count, bool drifted) {
    for (int b = 0; b < count * kBucketsPerHour; ++b) {
      case_.bucket(harness_, random_, drifted);
      if (drifted) {
        amount_ += case_.amount(harness_.open());
        of_ += case_.of(harness_.open());
      }
      for (const auto& finding : harness_.close()) hear(finding);
    }
  }
  void hear(const core::Finding& finding) {
    const bool tells = finding.phase == core::FindingPhase::drifting &&
                       daemon::weigh(finding, config::PageSettings()) != daemon::Gate::immaterial;
    if (finding.phase != core::FindingPhase::drifting && open_) {
      open_ = false;
      ++trial_.transitions;
    } else if (tells && !open_) {
      open_ = true;
      ++trial_.transitions;
    }
    if (!tells || change_ == core::EventTime::min() || over_) return;
    const auto error_of = [&](double effect) { return std::abs(effect - case_.effect) / std::abs(case_.effect); };
    const double error = error_of(finding.effect);
    if (!trial_.at_alarm) {
      trial_.at_alarm = error;
      trial_.knowing_at_alarm = error_of(amount_ / of_ / case_.expected - 1);
      trial_.delay_s = core::to_seconds(finding.evaluated_at - change_);
      trial_.onset_error_s = std::abs(core::to_seconds(finding.onset - change_));
      alarm_ = finding.evaluated_at;
    }
    if (trial_.later || finding.evaluated_at - alarm_ < core::minutes(15)) return;
    trial_.later = error;
    trial_.knowing_later = error_of(amount_ / of_ / case_.expected - 1);
  }

  const Case& case_;
  Random random_;
  JudgeHarness harness_;
  core::EventTime change_ = core::EventTime::min(), alarm_;
  bool open_ = false, over_ = false;
  double amount_ = 0, of_ = 0;  // since the change
  Trial trial_;
};

double median(std::vector<double> values) {
  if (values.empty()) return -1;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void print(const Case& what, int trials) {
  std::vector<double> at_alarm, later, knowing_at_alarm, knowing_later, onset;
  double delay = 0, transitions = 0;
  for (int t = 0; t < trials; ++t) {
    const Trial trial = Episode(what, 100 + static_cast<std::uint64_t>(t)).play();
    transitions += trial.transitions;
    if (!trial.at_alarm) continue;
    at_alarm.push_back(*trial.at_alarm);
    knowing_at_alarm.push_back(trial.knowing_at_alarm);
    if (trial.later) {
      later.push_back(*trial.later);
      knowing_later.push_back(trial.knowing_later);
    }
    onset.push_back(trial.onset_error_s);
    delay += trial.delay_s;
  }
  const double found = static_cast<double>(at_alarm.size());
  delay /= std::max(found, 1.0);
  std::printf("%-22s %3.0f/%-3d %7.1f %8.1f %11.1f %9.1f %11.1f %8.1f %8.2f %11.2f\n", what.name.c_str(), found, trials,
              delay / 60, 100 * median(at_alarm), 100 * median(knowing_at_alarm), 100 * median(later),
              100 * median(knowing_later), median(onset), median(onset) / delay, transitions / trials);
  std::fflush(stdout);
}

}  // namespace
}  // namespace costdrift::tests

int main(int argc, char** argv) {
  using namespace costdrift::tests;
  const int trials = argc > 1 ? std::max(1, std::atoi(argv[1])) : 200;
  std::printf("%-22s %7s %7s %8s %11s %9s %11s %8s %8s %11s\n", "change", "found", "delay m", "effect %", "knows when",
              "+15 min %", "knows when", "onset s", "/ delay", "transitions");
  for (const Case& what :
       {prompts("prompts +600 tokens", 1, 600), prompts("prompts x1.3", 1.3, 0), retries("retries 5 to 10 %", 0.10),
        retries("retries 5 to 25 %", 0.25), cache("hit rate 40 to 20 %", 0.2), loops("loops 3 to 6 steps", 6)}) {
    print(what, trials);
  }
}
