// costdrift's judgement of one series as the daemon makes it: the detector's own metric, lanes and kernel, a baseline
// learned hour by hour, evidence divided by the measured variance inflation, one update a bucket of five seconds.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "bench/arl_delay/method.h"
#include "core/bucket_summary.h"
#include "detectors/baseline.h"
#include "detectors/cost_outlier.h"
#include "detectors/detector.h"
#include "detectors/drift_detector.h"
#include "detectors/run_steps.h"
#include "detectors/stats/shiryaev_roberts.h"
#include "detectors/stats/variance.h"
#include "state/run_weight.h"

namespace costdrift::bench {
namespace {

constexpr int kBucketsPerMinute = 12;
constexpr double kBucketSeconds = 5;
constexpr int kFirstHours = 3;
constexpr double kRebuildAfter = 1.2;  // growth of the baseline; the daemon does it every hour

void fill_event(Metric metric, double value, core::UsageEvent& event) {
  switch (metric) {
    case Metric::retry:
      event.retries = value > 0.5 ? 1 : 0;
      return;
    case Metric::cache_miss:
      event.input_tokens = 4000;
      event.cache_read_tokens = value > 0.5 ? 0 : 3600;
      return;
    case Metric::prompt_tokens:
      event.input_tokens = std::llround(value);
      return;
    case Metric::call_cost:
      event.cost_source = core::CostSource::reported;
      event.cost = core::from_usd(value);
      return;
    case Metric::run_depth:
      return;
  }
}

std::string_view detector_name(Metric metric) {
  switch (metric) {
    case Metric::retry:
      return "retry_rate";
    case Metric::cache_miss:
      return "cache_hit_rate";
    case Metric::prompt_tokens:
      return "prompt_growth";
    case Metric::call_cost:
      return "cost_outlier";
    case Metric::run_depth:
      return "loop_depth";
  }
  return {};
}

// The detector that watches the metric, with the defaults of its fields, and its lanes.
struct Watch {
  std::unique_ptr<detectors::Detector> detector;
  core::MetricSpec metric;
  detectors::stats::LaneFamily family;
};

Watch watch(Metric metric) {
  config::Values values;
  values.set("max_steps", std::int64_t{0});
  values.set("max_run_usd", 0.0);
  auto made = detectors::find_detector(detector_name(metric))->make(values);
  if (!made) throw std::runtime_error(made.error().message);
  Watch watch{.detector = *std::move(made), .metric = {}, .family = {}};
  watch.metric = watch.detector->metrics().front();
  switch (metric) {
    case Metric::retry:
    case Metric::cache_miss:
    case Metric::prompt_tokens:
      watch.family = dynamic_cast<const detectors::DriftDetector&>(*watch.detector).model().family;
      break;
    case Metric::call_cost:
      watch.family = detectors::cost_tail_family();
      break;
    case Metric::run_depth:
      watch.family = detectors::run_steps_family();
      break;
  }
  return watch;
}

class Ours final : public Method {
 public:
  explicit Ours(const Scenario& scenario)
      : scenario_(scenario),
        watch_(watch(scenario.metric)),
        bucket_calls_(std::max(1, scenario.calls_per_minute / kBucketsPerMinute)) {}

  void learn(std::span<const Call> history) override {
    baseline_.clear();
    variance_ = clumping_ = {};
    const auto hour_calls = static_cast<std::size_t>(60 * scenario_.calls_per_minute);
    double table_calls = 0, learned = 0;
    int hours = 0;
    for (std::size_t at = 0; at < history.size(); at += hour_calls) {
      const auto calls_of_hour = history.subspan(at, std::min(hour_calls, history.size() - at));
      const core::Counts hour = counts_of(calls_of_hour);
      if (hours >= kFirstHours) {
        variance_.observe(table_, learned, hour);
        clumping_.observe_parts(table_, quarters_of(calls_of_hour));
      }
      core::merge_counts(baseline_, hour);
      learned += core::total_calls(hour);
      const double calls = core::total_calls(baseline_);
      if (++hours == kFirstHours || (hours > kFirstHours && calls > table_calls * kRebuildAfter)) {
        table_ = detectors::stats::build_table(watch_.family, baseline_);
        table_calls = calls;
      }
      cap();
    }
    table_ = detectors::stats::build_table(watch_.family, baseline_);
    log_threshold_ = std::log(scenario_.arl * learned / static_cast<double>(history.size()));
    const bool in_runs = learned < static_cast<double>(history.size());
    const double factor =
        std::max({variance_.factor(), clumping_.factor(), in_runs ? detectors::stats::kRunInflation : 1.0});
    inflation_ = detectors::stats::lane_inflation(table_, factor, core::total_calls(baseline_), log_threshold_);
    lanes_.reset();
    bucket_.clear();
    filled_ = 0;
    evidence_ = lanes_.log_evidence();
  }

  double step(const Call& call) override {
    if (watch_.metric.observe_run != nullptr) return steps_of_run(std::llround(call.value));
    add_call(call, [this](std::int16_t bin, core::Weight weight) { bucket_.push_back({bin, weight}); });
    if (++filled_ < bucket_calls_) return evidence_;
    filled_ = 0;
    return evidence_ = judge_bucket();
  }

  double theory_threshold() const override { return log_threshold_; }

 private:
  double judge_bucket() {
    lanes_.update(table_, bucket_, inflation_, kBucketSeconds, kBucketSeconds);
    bucket_.clear();
    return lanes_.log_evidence();
  }

  // Seconds lie between the steps of a run, so each is judged in a bucket of its own; the most evidence of them.
  double steps_of_run(std::int64_t depth) {
    double most = -std::numeric_limits<double>::infinity();
    for (std::int64_t step = 1; step <= depth; ++step) {
      add_steps({.from_depth = step - 1, .to_depth = step, .ended = step == depth},
                [this](std::int16_t bin, core::Weight weight) {
                  bucket_.push_back({bin, weight});
                });
      if (!bucket_.empty()) most = std::max(most, judge_bucket());
    }
    return evidence_ = most;
  }

  // The call, or the whole run, as the daemon's windows count it.
  template <class Add>
  void add(const Call& call, const Add& to) {
    if (watch_.metric.observe_run == nullptr) return add_call(call, to);
    add_steps({.from_depth = 0, .to_depth = std::llround(call.value), .ended = true}, to);
  }

  template <class Add>
  void add_steps(const core::RunTransition& run, const Add& to) {
    watch_.metric.observe_run(
        run,
        [](void* context, std::int16_t bin, std::int32_t times) {
          (*static_cast<const Add*>(context))(bin, core::kOneCall * times);
        },
        const_cast<Add*>(&to));
  }

  template <class Add>
  void add_call(const Call& call, const Add& to) {
    fill_event(scenario_.metric, call.value, event_);
    const core::Observations seen = watch_.metric.observe_call(event_);
    const bool weighted = call.place > 0 && watch_.metric.run_weighting == core::RunWeighting::information;
    const core::Weight weight = weighted ? state::run_weight(call.place) : core::kOneCall;
    for (int i = 0; i < seen.size; ++i) to(seen.items[i].bin, weight * seen.items[i].times);
  }

  core::Counts counts_of(std::span<const Call> calls) {
    std::vector<core::Weight> weights;
    for (const Call& call : calls) {
      add(call, [&weights](std::int16_t bin, core::Weight weight) {
        const auto index = static_cast<std::size_t>(bin);
        if (index >= weights.size()) weights.resize(index + 1, 0);
        weights[index] += weight;
      });
    }
    core::Counts counts;
    for (std::size_t bin = 0; bin < weights.size(); ++bin) {
      if (weights[bin] > 0) counts.push_back({static_cast<std::int16_t>(bin), weights[bin]});
    }
    return counts;
  }

  std::array<core::Counts, 4> quarters_of(std::span<const Call> hour) {
    std::array<core::Counts, 4> quarters;
    const std::size_t calls = hour.size() / quarters.size();
    for (std::size_t i = 0; i < quarters.size(); ++i) quarters[i] = counts_of(hour.subspan(i * calls, calls));
    return quarters;
  }

  void cap() {
    const double factor = detectors::Baseline::kMaxCalls / core::total_calls(baseline_);
    if (factor >= 1) return;
    for (auto& item : baseline_) item.weight = std::llround(static_cast<double>(item.weight) * factor);
    std::erase_if(baseline_, [](const core::BinCount& item) { return item.weight == 0; });
  }

  const Scenario& scenario_;
  Watch watch_;
  int bucket_calls_;
  core::UsageEvent event_;
  core::Counts baseline_;
  detectors::stats::LikelihoodTable table_;
  detectors::stats::VarianceInflation variance_, clumping_;
  std::array<double, detectors::stats::kLanes> inflation_{};
  double log_threshold_ = 0;
  detectors::stats::MixtureSr lanes_;
  core::Counts bucket_;
  int filled_ = 0;
  double evidence_ = 0;
};

}  // namespace

std::unique_ptr<Method> make_ours(const Scenario& scenario) { return std::make_unique<Ours>(scenario); }

}  // namespace costdrift::bench
