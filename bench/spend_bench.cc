// How fast is a rise of spend found at one false alarm in four weeks? Delay and false alarms of the seasonal path on
// tests/support/spend_stream.h, 28 days of history, in minutes.
//
//   spend_bench [streams]     200 by default: about a minute of one core
//
// The threshold is used twice: as the daemon sets it, and the one at which the streams without a change really give one
// false alarm in four weeks (the quantile e^-0.5 of the maxima over 14 days).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include "detectors/stats/seasonal.h"
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

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(q * static_cast<double>(values.size())))];
}

// Minutes from the change to the threshold; negative: crossed before the change.
int delay(Prepared prepared, double factor, double threshold, std::uint64_t seed) {
  costdrift::tests::Random random(seed);
  const int quiet = 600 + static_cast<int>(random.uniform() * 1440);
  SeasonalSr evidence;
  for (int i = 0; i < quiet + kLongest; ++i) {
    const std::int64_t minute = prepared.stream.minute();
    const auto made = prepared.stream.next(i >= quiet ? factor : 1);
    (void)evidence.update(prepared.model, log_value(made), minute);
    if (evidence.log_evidence() >= threshold) return i < quiet ? -1 : i - quiet + 1;
  }
  return kLongest;
}

double largest_without_change(Prepared prepared) {
  SeasonalSr evidence;
  double largest = -1e9;
  for (int i = 0; i < kQuiet; ++i) {
    const std::int64_t minute = prepared.stream.minute();
    (void)evidence.update(prepared.model, log_value(prepared.stream.next()), minute);
    largest = std::max(largest, evidence.log_evidence());
  }
  return largest;
}

void report(const char* name, double factor, std::vector<double> delays) {
  std::erase_if(delays, [](double d) { return d < 0; });
  double sum = 0;
  for (const double d : delays) sum += d;
  std::printf("  x%-5.2f %-12s mean %6.1f  median %6.1f  p90 %6.1f min\n", factor, name,
              sum / static_cast<double>(delays.size()), quantile(delays, .5), quantile(delays, .9));
}

void measure(double calls, std::span<const double> factors, int streams) {
  std::vector<Prepared> all;
  std::vector<double> maxima;
  int above_own = 0;
  for (int i = 0; i < streams; ++i) {
    all.push_back(prepare(1000 + static_cast<std::uint64_t>(i), calls));
    maxima.push_back(largest_without_change(all.back()));
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
    std::vector<double> own, at_calibrated;
    for (std::size_t i = 0; i < all.size(); ++i) {
      own.push_back(delay(all[i], factor, all[i].model.log_threshold(kPerWeek), i));
      at_calibrated.push_back(delay(all[i], factor, calibrated, i));
    }
    report("own", factor, own);
    report("calibrated", factor, at_calibrated);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int streams = argc > 1 ? std::atoi(argv[1]) : 200;
  measure(200, std::vector<double>{1.3, 1.15, 2.0}, streams);
  measure(20, std::vector<double>{1.3, 2.0}, streams);
}
