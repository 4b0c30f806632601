// How fast is a rise of spend found at one false alarm in four weeks? Delay and false alarms of the seasonal path on
// tests/support/spend_stream.h, 28 days of history, in minutes.
//
//   spend_bench [streams]     200 by default: about a minute of one core
//
// The threshold is used twice: as the daemon sets it, and the one at which the streams without a change really give one
// false alarm in four weeks (the quantile e^-0.5 of the maxima over 14 days). The oracle beside it knows the true
// profile, memory and noise, and the size of the rise: Shiryaev-Roberts with the exact likelihood ratio of every
// possible time of the change, at its own calibrated threshold.
//
// Then applications with few calls: the whole judge, which chooses its steps itself, at its own threshold.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include "detectors/stats/seasonal.h"
#include "tests/support/spend_feed.h"
#include "tests/support/spend_stream.h"

namespace {

using costdrift::detectors::stats::SeasonalModel;
using costdrift::detectors::stats::SeasonalSr;
using costdrift::tests::SpendStream;

constexpr int kHistory = 28 * 1440, kQuiet = 14 * 1440, kLongest = 6 * 1440;
constexpr double kPerWeek = 0.25;

double log_value(const SpendStream::Minute& minute) { return std::log(std::max(minute.cost, 0.5)); }

struct Prepared {
  SpendStream stream;
  SeasonalModel model;
};

Prepared prepare(std::uint64_t seed, double calls) {
  SpendStream stream(seed, calls);
  std::vector<double> history;
  for (int i = 0; i < kHistory; ++i) history.push_back(log_value(stream.next()));
  return {stream, *SeasonalModel::fit(history, 0)};
}

// What nobody has in practice.
class Oracle {
 public:
  Oracle(double calls, double factor) : calls_(calls), shift_(std::log(factor)) {}
  void update(std::int64_t minute, double value) {
    const double level = std::log(calls_) + SpendStream::season(minute), noise = kCostVariance / std::exp(level);
    const double memory = SpendStream::kMemory;
    const double prior = memory * memory * variance_ + kWander2 * (1 - memory * memory), total = prior + noise;
    const double surprise = value - level - memory * state_, gain = prior / total;
    state_ = memory * state_ + gain * surprise;
    variance_ = (1 - gain) * prior;
    // A change k minutes ago would have moved the filtered state by `absorbed` of its size by now.
    for (Candidate& since : candidates_) {
      const double seen = shift_ - memory * since.absorbed;
      since.log_ratio += seen * (surprise - seen / 2) / total;
      since.absorbed = memory * since.absorbed + gain * seen;
    }
    candidates_.push_back({shift_ * (surprise - shift_ / 2) / total, gain * shift_});
    if (candidates_.size() > kLongestAge) candidates_.erase(candidates_.begin(), candidates_.begin() + kLongestAge / 2);
  }
  double log_evidence() const {
    double top = -1e9, sum = 0;
    for (const Candidate& since : candidates_) top = std::max(top, since.log_ratio);
    for (const Candidate& since : candidates_) sum += std::exp(since.log_ratio - top);
    return top + std::log(sum);
  }

 private:
  static constexpr std::size_t kLongestAge = 800;
  static constexpr double kWander2 = SpendStream::kWander * SpendStream::kWander;
  static constexpr double kCostVariance = 2.718281828;  // E X^2 / (E X)^2 of the cost of a call
  struct Candidate {
    double log_ratio = 0, absorbed = 0;
  };
  double calls_, shift_, state_ = 0, variance_ = kWander2;
  std::vector<Candidate> candidates_;
};

// The daemon's own statistic, in the same form.
class Ours {
 public:
  explicit Ours(const SeasonalModel& model) : model_(model) {}
  void update(std::int64_t minute, double value) { (void)evidence_.update(model_, value, minute); }
  double log_evidence() const { return evidence_.log_evidence(); }

 private:
  const SeasonalModel& model_;
  SeasonalSr evidence_;
};

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(q * static_cast<double>(values.size())))];
}

// Minutes from the change to the threshold; negative: crossed before the change.
template <class Statistic>
int delay(SpendStream stream, Statistic statistic, double factor, double threshold, std::uint64_t seed) {
  costdrift::tests::Random random(seed);
  const int quiet = 600 + static_cast<int>(random.uniform() * 1440);
  for (int i = 0; i < quiet + kLongest; ++i) {
    const std::int64_t minute = stream.minute();
    statistic.update(minute, log_value(stream.next(i >= quiet ? factor : 1)));
    if (statistic.log_evidence() >= threshold) return i < quiet ? -1 : i - quiet + 1;
  }
  return kLongest;
}

template <class Statistic>
double largest_without_change(SpendStream stream, Statistic statistic) {
  double largest = -1e9;
  for (int i = 0; i < kQuiet; ++i) {
    const std::int64_t minute = stream.minute();
    statistic.update(minute, log_value(stream.next()));
    largest = std::max(largest, statistic.log_evidence());
  }
  return largest;
}

double report(const char* name, double factor, std::vector<double> delays) {
  std::erase_if(delays, [](double d) { return d < 0; });
  double sum = 0;
  for (const double d : delays) sum += d;
  const double mean = sum / static_cast<double>(delays.size());
  std::printf("  x%-5.2f %-12s mean %6.1f  median %6.1f  p90 %6.1f min\n", factor, name, mean, quantile(delays, .5),
              quantile(delays, .9));
  return mean;
}

void measure(double calls, std::span<const double> factors, int streams) {
  std::vector<Prepared> all;
  std::vector<double> maxima;
  int above_own = 0;
  for (int i = 0; i < streams; ++i) {
    all.push_back(prepare(1000 + static_cast<std::uint64_t>(i), calls));
    maxima.push_back(largest_without_change(all.back().stream, Ours(all.back().model)));
    above_own += maxima.back() >= all.back().model.log_threshold(kPerWeek);
  }
  const double calibrated = quantile(maxima, std::exp(-0.5));
  const double share = std::min(above_own / static_cast<double>(streams), 1 - 0.5 / streams);
  const SeasonalModel& first = all.front().model;
  std::printf(
      "%.0f calls a minute: phi %.2f sa %.3f slow %.3f; own threshold %.1f (%.2f false alarms in 4 weeks), "
      "calibrated %.1f\n",
      calls, first.phi, std::sqrt(first.sa2), first.slow, first.log_threshold(kPerWeek), -2 * std::log(1 - share),
      calibrated);
  for (const double factor : factors) {
    std::vector<double> oracle_maxima, own, at_calibrated, of_oracle;
    for (const Prepared& one : all) oracle_maxima.push_back(largest_without_change(one.stream, Oracle(calls, factor)));
    const double oracle_threshold = quantile(oracle_maxima, std::exp(-0.5));
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Prepared& one = all[i];
      own.push_back(delay(one.stream, Ours(one.model), factor, one.model.log_threshold(kPerWeek), i));
      at_calibrated.push_back(delay(one.stream, Ours(one.model), factor, calibrated, i));
      of_oracle.push_back(delay(one.stream, Oracle(calls, factor), factor, oracle_threshold, i));
    }
    (void)report("own", factor, own);
    const double ours = report("calibrated", factor, at_calibrated);
    const double best = report("oracle", factor, of_oracle);
    std::printf("  x%-5.2f calibrated / oracle %.2f\n", factor, ours / best);
  }
}

// Minutes until the judge speaks; negative: it spoke before the change.
double delay_of_judge(double calls, double factor, std::uint64_t seed) {
  costdrift::tests::SpendFeed feed(costdrift::core::SeriesKey::of({{costdrift::core::Dimension::app, "desk"}}), seed,
                                   calls);
  costdrift::tests::Random random(seed);
  if (!feed.minutes(kHistory + static_cast<int>(random.uniform() * 1440)).empty()) return -1;
  const costdrift::core::EventTime change = feed.now();
  while (feed.minute(factor).empty() && feed.now() - change < costdrift::core::minutes(kLongest)) {
  }
  return static_cast<double>((feed.now() - change).us) / 60e6;
}

void measure_few(double calls, int streams) {
  for (const double factor : {2.0, 3.0, 10.0}) {
    std::vector<double> delays;
    for (int i = 0; i < streams; ++i)
      delays.push_back(delay_of_judge(calls, factor, 1000 + static_cast<std::uint64_t>(i)));
    const auto early = static_cast<double>(std::count(delays.begin(), delays.end(), -1.0));
    if (factor == 2.0)
      std::printf("%.1f calls a minute: %.2f false alarms in 4 weeks\n", calls, -2 * std::log(1 - early / streams));
    (void)report("judge", factor, delays);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int streams = argc > 1 ? std::atoi(argv[1]) : 200;
  measure(200, std::vector<double>{1.3, 1.15, 2.0}, streams);
  measure(20, std::vector<double>{1.3, 2.0}, streams);
  for (const double calls : {4.0, 1.0, 0.3, 0.1}) measure_few(calls, std::max(1, streams / 2));
}
