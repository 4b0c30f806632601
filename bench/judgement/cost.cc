// CPU and memory of one series' judge of prompt_growth: a series with one mode, and the ServeGen applications.
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "bench/judgement/tables.h"
#include "detectors/stats/shiryaev_roberts.h"
#include "tests/support/judge_harness.h"
#include "tests/support/places.h"
#include "tests/support/servegen.h"

namespace costdrift::bench {
namespace {

constexpr double kCallsPerDay = 8000;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Takes the calls of one series. A bucket is judged in about the time in which a clock is read, so nothing is timed
// inside: the same calls are played with and without the judge.
class Meter {
 public:
  explicit Meter(bool judged) {
    if (judged)
      judge_ = detector_->judge(core::SeriesKey::of({{core::Dimension::app, "desk"}, {core::Dimension::model, "m"}}));
  }
  void call(core::EventTime at, std::int64_t tokens) {
    const core::EventTime start = core::floor_to(at, core::seconds(5));
    if (start != start_) close();
    start_ = start;
    core::UsageEvent event;
    event.input_tokens = tokens;
    const auto seen = detector_->metrics()[0].observe_call(event);
    for (int i = 0; i < seen.size; ++i) {
      core::merge_counts(open_.metrics["input_tokens"], {{seen.items[i].bin, core::kOneCall}});
    }
    open_.totals.calls += 1;
    open_.totals.input_tokens += tokens;
    open_.totals.cost += core::from_usd(static_cast<double>(tokens) * 3e-6);
    open_.totals.input_cost = open_.totals.cost;
  }
  void close() {
    if (open_.empty()) return;
    history_.add(start_, open_);
    if (judge_ != nullptr) {
      judge_->observe(
          {.bucket = {start_, start_ + core::seconds(5), &open_}, .history = &history_, .budget = {.judges = 10}},
          findings_);
    }
    open_ = {};
    findings_.clear();
  }
  std::size_t stored_bytes() const {
    core::ByteWriter lanes, model;
    judge_->save_lanes(lanes);
    judge_->save_model(model);
    return lanes.bytes().size() + model.bytes().size();
  }

 private:
  std::unique_ptr<detectors::Detector> detector_ = tests::make_detector("prompt_growth");
  std::unique_ptr<detectors::SeriesJudge> judge_;
  tests::MemoryHistory history_;
  core::BucketSummary open_;
  std::vector<core::Finding> findings_;
  core::EventTime start_;
};

struct Cost {
  double milliseconds = 0;
  double stored_kib = 0;
};

template <typename Play>
Cost cost_of(const Play& play) {
  const double start = cpu_seconds();
  Meter plain(false);
  play(plain);
  const double between = cpu_seconds();
  Meter judged(true);
  play(judged);
  const double end = cpu_seconds();
  return {1000 * ((end - between) - (between - start)), static_cast<double>(judged.stored_bytes()) / 1024};
}

void play(Meter& meter, const tests::ServeGenSeries& series, double days) {
  tests::Random random(1);
  const core::EventTime start{1'772'409'600'000'000};
  const double thinned = std::min(1.0, kCallsPerDay / series.calls_per_day());
  for (const auto& [second, rate] : series.rates) {
    const auto shape = series.shapes.find(second / 21'600 * 21'600);
    if (second >= days * 86'400) break;
    if (shape == series.shapes.end()) continue;
    const auto calls = static_cast<int>(rate * thinned * 600 + random.uniform());
    for (int i = 0; i < calls; ++i) {
      meter.call(start + core::seconds(second) + core::microseconds(600'000'000LL * i / calls),
                 shape->second.draw(random.uniform()));
    }
  }
  meter.close();
}

void play_stationary(Meter& meter, int days) {
  tests::Random random(1);
  for (int i = 0; i < days * static_cast<int>(kCallsPerDay); ++i) {
    meter.call(core::EventTime{1'772'409'600'000'000} + core::microseconds(10'800'000LL * i),
               std::llround(random.log_normal(2000, 0.6)));
  }
  meter.close();
}

}  // namespace

void print_cost() {
  std::printf("Cost of a judge of prompt_growth, 8,000 calls a day; %zu B of accumulators per series and metric\n",
              sizeof(detectors::stats::MixtureSr));
  std::printf("%-22s %12s %14s\n", "series", "ms per day", "stored, KiB");
  constexpr int kDays = 8, kServeGenDays = 14;
  const Cost stationary = cost_of([](Meter& meter) { play_stationary(meter, kDays); });
  std::printf("%-22s %12.2f %14.1f\n", "one mode", stationary.milliseconds / kDays, stationary.stored_kib);
  double most_ms = 0, sum_ms = 0, most_kib = 0;
  const auto all = tests::read_servegen(tests::source_path());
  for (const auto& [name, series] : all) {
    const Cost cost = cost_of([&](Meter& meter) { play(meter, series, kServeGenDays); });
    most_ms = std::max(most_ms, cost.milliseconds / kServeGenDays);
    sum_ms += cost.milliseconds / kServeGenDays;
    most_kib = std::max(most_kib, cost.stored_kib);
  }
  std::printf("%-22s %12.2f\n%-22s %12.2f %14.1f\n\n", "ServeGen, mean", sum_ms / static_cast<double>(all.size()),
              "ServeGen, most", most_ms, most_kib);
}

}  // namespace costdrift::bench
