#include "tests/support/servegen.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <sstream>

#include "replay/csv_table.h"
#include "tests/support/judge_harness.h"

namespace costdrift::tests {
namespace {

constexpr std::int64_t kShapeSeconds = 21'600, kRateSeconds = 600, kBucketSeconds = 5;
constexpr double kDay = 86'400;
constexpr double kAcceptAfterDays = 3;

replay::CsvTable table(const std::string& path, const std::vector<std::string>& columns) {
  auto read = replay::CsvTable::read(path, columns);
  if (!read) core::bug(read.error().message.c_str());
  return *std::move(read);
}

Histogram parse_histogram(const std::string& text) {
  Histogram histogram;
  std::istringstream in(text);
  std::int64_t value = 0, step = 0;
  double count = 0, sum = 0;
  char colon = 0;
  while (in >> step >> colon >> count) {
    histogram.values.push_back(value += step);
    histogram.cumulated.push_back(sum += count);
  }
  for (double& share : histogram.cumulated) share /= sum;
  return histogram;
}

int poisson(Random& random, double mean) {
  if (mean > 50) return static_cast<int>(std::max(0.0, std::round(mean + std::sqrt(mean) * random.normal())));
  int n = 0;
  for (double product = random.uniform(); product > std::exp(-mean); product *= random.uniform()) ++n;
  return n;
}

struct Amount {
  double calls = 0, tokens = 0;
};

Amount over(const ServeGenSeries& series, double from_day, double to_day) {
  Amount amount;
  for (const auto& [start, rate] : series.rates) {
    const auto shape = series.shapes.find(start / kShapeSeconds * kShapeSeconds);
    const double day = static_cast<double>(start) / kDay;
    if (shape == series.shapes.end() || day < from_day || day >= to_day) continue;
    amount.calls += rate * kRateSeconds;
    amount.tokens += rate * kRateSeconds * shape->second.mean();
  }
  return amount;
}

// The judge and what became of its findings.
class Listener {
 public:
  explicit Listener(JudgeHarness& harness) : harness_(harness), start_(harness.now()) {}
  void hear(const std::vector<core::Finding>& findings) {
    for (const auto& finding : findings) hear(finding);
    if (open_ && open_->page_day >= 0 && today() >= open_->page_day + kAcceptAfterDays) {
      harness_.judge().rebase({});
      close();
    }
  }
  std::vector<Told> told() {
    if (open_) close();
    return std::move(told_);
  }

 private:
  double today() const { return day(harness_.now()); }
  double day(core::EventTime time) const { return core::to_hours(time - start_) / 24; }
  void hear(const core::Finding& finding) {
    if (finding.phase != core::FindingPhase::drifting) {
      if (open_) close();
      return;
    }
    const daemon::Gate gate = daemon::weigh(finding, config::PageSettings());
    if (gate == daemon::Gate::immaterial) return;
    if (!open_) open_ = Told{.at_day = today(), .onset_day = day(finding.onset), .effect = finding.effect};
    if (gate != daemon::Gate::ticket && open_->page_day < 0) {
      open_->page_day = today();
      open_->effect = finding.effect;
    }
    if (gate == daemon::Gate::urgent_page && open_->urgent_day < 0) open_->urgent_day = today();
  }
  void close() {
    open_->end_day = today();
    told_.push_back(*open_);
    open_.reset();
  }
  JudgeHarness& harness_;
  core::EventTime start_;
  std::optional<Told> open_;
  std::vector<Told> told_;
};

// The calls of ten minutes as (bucket, tokens), in time order.
std::vector<std::pair<int, std::int64_t>> draw_calls(Random& random, const Histogram& shape, double mean_calls) {
  std::vector<std::pair<int, std::int64_t>> calls;
  const int n = poisson(random, mean_calls);
  for (int i = 0; i < n; ++i) {
    const int bucket = static_cast<int>(random.uniform() * (kRateSeconds / kBucketSeconds));
    calls.emplace_back(bucket, shape.draw(random.uniform()));
  }
  std::sort(calls.begin(), calls.end());
  return calls;
}

}  // namespace

double Histogram::mean() const {
  double sum = 0, before = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += static_cast<double>(values[i]) * (cumulated[i] - before);
    before = cumulated[i];
  }
  return sum;
}

std::int64_t Histogram::draw(double uniform) const {
  const auto found = std::lower_bound(cumulated.begin(), cumulated.end(), uniform);
  return values[std::min(static_cast<std::size_t>(found - cumulated.begin()), values.size() - 1)];
}

double ServeGenSeries::calls_per_day() const {
  double calls = 0;
  for (const auto& [start, rate] : rates) calls += rate * kRateSeconds;
  return calls / 14;
}

double ServeGenSeries::tokens_between(double from_day, double to_day) const {
  return over(*this, from_day, to_day).tokens;
}

double ServeGenSeries::mean_between(double from_day, double to_day) const {
  const Amount amount = over(*this, from_day, to_day);
  return amount.calls > 0 ? amount.tokens / amount.calls : 0;
}

double ServeGenSeries::mean_tokens() const { return mean_between(0, 14); }

std::map<std::string, ServeGenSeries> read_servegen(const std::string& source_dir) {
  const std::string dir = source_dir + "/tests/data/servegen/";
  std::map<std::string, ServeGenSeries> all;
  const auto shapes = table(dir + "shapes_6h.csv.zst", {"app", "field", "start_s", "histogram"});
  for (std::size_t row = 0; row < shapes.rows(); ++row) {
    ServeGenSeries& series = all[shapes.cell(row, 0) + " " + shapes.cell(row, 1)];
    series.app = shapes.cell(row, 0);
    series.field = shapes.cell(row, 1);
    series.shapes[std::stoll(shapes.cell(row, 2))] = parse_histogram(shapes.cell(row, 3));
  }
  const auto rates = table(dir + "rates_10min.csv.zst", {"app", "start_s", "calls_per_s"});
  for (std::size_t row = 0; row < rates.rows(); ++row) {
    for (const char* field : {" input", " output"}) {
      const auto found = all.find(rates.cell(row, 0) + field);
      if (found != all.end()) found->second.rates[std::stoll(rates.cell(row, 1))] = std::stod(rates.cell(row, 2));
    }
  }
  return all;
}

std::vector<Told> play_servegen(const ServeGenSeries& series, const Playback& playback) {
  Random random(playback.seed);
  JudgeHarness harness("prompt_growth", 10);
  Listener listener(harness);
  const double per_day = series.calls_per_day();
  const double thinned = std::min(1.0, playback.calls_per_day / per_day);
  const double usd_per_token = playback.usd_per_hour * 24 / (per_day * thinned * series.mean_tokens());
  const Injection& injection = playback.injection;
  const auto until = static_cast<std::int64_t>(playback.until_day * kDay);
  const core::EventTime start = harness.now();
  for (const auto& [second, rate] : series.rates) {
    const auto shape = series.shapes.find(second / kShapeSeconds * kShapeSeconds);
    if (second >= until) break;
    if (shape == series.shapes.end()) continue;
    const bool changed = static_cast<double>(second) / kDay >= injection.at_day;
    for (const auto& [bucket, drawn] : draw_calls(random, shape->second, rate * thinned * kRateSeconds)) {
      const core::EventTime at = start + core::seconds(second + bucket * kBucketSeconds);
      while (harness.now() < at) listener.hear(harness.close());
      core::UsageEvent event;
      event.input_tokens =
          changed && drawn > 0 ? std::llround(static_cast<double>(drawn) * injection.factor + injection.added) : drawn;
      event.cost = event.input_cost = core::from_usd(static_cast<double>(*event.input_tokens) * usd_per_token);
      harness.call(event);
    }
  }
  listener.hear(harness.close());
  return listener.told();
}

}  // namespace costdrift::tests
