#include "bench/arl_delay/trials.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "bench/arl_delay/oracle.h"

namespace costdrift::bench {
namespace {

constexpr int kBlocks = 10;  // of a run, for the smaller ARLs
constexpr std::size_t kChunk = 4096;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kLowest = std::numeric_limits<double>::lowest();

std::uint64_t part_of(const Scenario& scenario, std::uint64_t phase) {
  std::uint64_t hash = 1469598103934665603u + phase;
  for (const char c : scenario.name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

std::vector<Call> draw(Stream& stream, std::int64_t count) {
  std::vector<Call> calls(static_cast<std::size_t>(count));
  stream.fill(calls);
  return calls;
}

struct NullRun {
  std::vector<std::array<double, kBlocks>> maxima;  // by method
  std::vector<bool> theory_crossed;
};

NullRun null_run(const Scenario& scenario, const std::vector<MethodEntry>& entries, Random random) {
  const auto stream = scenario.changes.front().stream(random);
  const auto history = draw(*stream, scenario.history);
  std::vector<std::unique_ptr<Method>> methods;
  for (const auto& entry : entries) {
    methods.push_back(entry.make());
    methods.back()->learn(history);
  }
  NullRun result;
  result.maxima.resize(methods.size());
  std::vector<Call> chunk;
  for (std::size_t block = 0; block < kBlocks; ++block) {
    std::vector<double> highest(methods.size(), kLowest);
    std::int64_t left = scenario.run / kBlocks;
    while (left > 0) {
      chunk.resize(static_cast<std::size_t>(std::min<std::int64_t>(left, kChunk)));
      stream->fill(chunk);
      left -= static_cast<std::int64_t>(chunk.size());
      for (std::size_t m = 0; m < methods.size(); ++m) {
        for (const Call& call : chunk) highest[m] = std::max(highest[m], methods[m]->step(call));
      }
    }
    for (std::size_t m = 0; m < methods.size(); ++m) result.maxima[m][block] = highest[m];
  }
  for (std::size_t m = 0; m < methods.size(); ++m) {
    const auto& maxima = result.maxima[m];
    result.theory_crossed.push_back(*std::max_element(maxima.begin(), maxima.end()) > methods[m]->theory_threshold());
  }
  return result;
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const auto place = static_cast<std::size_t>(q * static_cast<double>(values.size()));
  return values[std::min(place, values.size() - 1)];
}

double threshold_for(double arl, const std::vector<NullRun>& runs, std::size_t method, double run_calls) {
  const bool whole = run_calls <= arl;
  std::vector<double> maxima;
  for (const auto& run : runs) {
    const auto& blocks = run.maxima[method];
    if (whole) {
      maxima.push_back(*std::max_element(blocks.begin(), blocks.end()));
    } else {
      maxima.insert(maxima.end(), blocks.begin(), blocks.end());
    }
  }
  return quantile(std::move(maxima), std::exp(-(whole ? run_calls : run_calls / kBlocks) / arl));
}

// Alarms per ARL at the theory threshold. All runs crossed: as if half a run had not.
double realised(const std::vector<NullRun>& runs, std::size_t method, const Scenario& scenario) {
  const auto crossed = std::count_if(runs.begin(), runs.end(), [&](const auto& r) { return r.theory_crossed[method]; });
  const auto n = static_cast<double>(runs.size());
  const double share = std::min(static_cast<double>(crossed) / n, 1 - 0.5 / n);
  return std::max(0.0, -std::log1p(-share)) * scenario.arl / static_cast<double>(scenario.run);
}

std::int64_t cap_of(const Change& change, const Scenario& scenario, double information) {
  if (!change.before) return scenario.calls_per_minute * std::int64_t{4320};
  return std::clamp<std::int64_t>(std::llround(20 * std::log(scenario.arl) / information), 2000, 100'000);
}

// Steps every method until it has crossed all its thresholds, or to the cap; calls from the change on, by threshold;
// 0: before the change; -1: never.
using Crossings = std::array<std::int64_t, kThresholds>;

class Race {
 public:
  Race(const std::vector<MethodEntry>& entries, const std::vector<MethodResult>& results, int change) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].change >= 0 && entries[i].change != change) continue;
      Runner runner{.method = entries[i].make(), .entry = i};
      std::copy(results[i].thresholds.begin(), results[i].thresholds.end(), runner.thresholds.begin());
      runner.thresholds[kTheory] = kNan;
      runners_.push_back(std::move(runner));
    }
  }

  // By entry of the list of methods; empty where the entry was left out.
  std::vector<std::optional<Crossings>> run(Stream& stream, std::span<const Call> history, std::int64_t quiet,
                                            std::int64_t cap, std::size_t entries) {
    for (auto& runner : runners_) start(runner, history);
    advance(stream, quiet, -quiet);
    stream.change();
    advance(stream, cap, 0);
    std::vector<std::optional<Crossings>> result(entries);
    for (const auto& runner : runners_) result[runner.entry] = runner.crossed;
    return result;
  }

 private:
  struct Runner {
    std::unique_ptr<Method> method;
    std::size_t entry = 0;
    std::array<double, kThresholds> thresholds{};
    Crossings crossed{};
    std::size_t open = 0;  // thresholds not yet crossed
  };

  static void start(Runner& runner, std::span<const Call> history) {
    runner.method->learn(history);
    runner.thresholds[kTheory] = runner.method->theory_threshold();
    runner.crossed.fill(-1);
    runner.open = kThresholds - (std::isnan(runner.thresholds[kTheory]) ? 1 : 0);
  }

  // `from`: calls since the change, negative before it.
  void advance(Stream& stream, std::int64_t count, std::int64_t from) {
    std::vector<Call> chunk;
    for (std::int64_t at = 0; at < count; at += static_cast<std::int64_t>(chunk.size())) {
      const bool any = std::any_of(runners_.begin(), runners_.end(), [](const Runner& r) { return r.open > 0; });
      if (!any) return;
      chunk.resize(static_cast<std::size_t>(std::min<std::int64_t>(count - at, kChunk)));
      stream.fill(chunk);
      for (auto& runner : runners_) step(runner, chunk, from + at);
    }
  }

  static void step(Runner& runner, std::span<const Call> chunk, std::int64_t at) {
    for (const Call& call : chunk) {
      if (runner.open == 0) return;
      ++at;
      const double statistic = runner.method->step(call);
      for (std::size_t t = 0; t < kThresholds; ++t) {
        if (runner.crossed[t] >= 0 || !(statistic > runner.thresholds[t])) continue;
        runner.crossed[t] = std::max<std::int64_t>(at, 0);
        --runner.open;
      }
    }
  }

  std::vector<Runner> runners_;
};

Delay summarise(const std::vector<std::int64_t>& crossings, std::int64_t cap) {
  std::vector<double> delays;
  Delay delay;
  for (const std::int64_t crossing : crossings) {
    if (crossing == 0) continue;
    delays.push_back(static_cast<double>(crossing < 0 ? cap : crossing));
    if (crossing < 0) ++delay.missed;
  }
  delay.trials = static_cast<int>(delays.size());
  if (delays.empty()) return delay;
  for (const double value : delays) delay.mean += value / static_cast<double>(delays.size());
  delay.missed /= static_cast<double>(delays.size());
  delay.p90 = quantile(std::move(delays), 0.9);
  return delay;
}

void measure_change(const Scenario& scenario, int index, std::int64_t cap, const std::vector<MethodEntry>& entries,
                    const Effort& effort, std::vector<MethodResult>& results) {
  const Change& change = scenario.changes[static_cast<std::size_t>(index)];
  const std::uint64_t part = part_of(scenario, static_cast<std::uint64_t>(index) + 1);
  std::vector<std::vector<std::optional<Crossings>>> trials(static_cast<std::size_t>(effort.trials));
  for_each_index(effort.trials, effort.threads, [&](int trial) {
    Random random = Random::of(effort.seed, part, static_cast<std::uint64_t>(trial));
    const auto early = static_cast<std::int64_t>(random.uniform() * scenario.calls_per_minute);
    const auto stream = change.stream(random);
    const auto history = draw(*stream, scenario.history);
    Race race(entries, results, index);
    trials[static_cast<std::size_t>(trial)] = race.run(*stream, history, scenario.quiet - early, cap, entries.size());
  });
  for (std::size_t m = 0; m < entries.size(); ++m) {
    if (!trials.front()[m]) continue;
    for (std::size_t t = 0; t < kThresholds; ++t) {
      std::vector<std::int64_t> crossings;
      for (const auto& trial : trials) crossings.push_back((*trial[m])[t]);
      results[m].delays[static_cast<std::size_t>(index)][t] = summarise(crossings, cap);
    }
  }
}

}  // namespace

void for_each_index(int count, int threads, const std::function<void(int)>& task) {
  std::atomic<int> next{0};
  const auto work = [&] {
    for (int i = next++; i < count; i = next++) task(i);
  };
  std::vector<std::thread> workers;
  for (int i = 1; i < threads; ++i) workers.emplace_back(work);
  work();
  for (auto& worker : workers) worker.join();
}

ScenarioResult run_scenario(const Scenario& scenario, const Effort& asked) {
  Effort effort = asked;
  effort.runs = std::max(1, asked.runs / scenario.share);
  effort.trials = std::max(1, asked.trials / scenario.share);
  const auto entries = methods_for(scenario, effort.kernel_only);
  std::vector<NullRun> runs(static_cast<std::size_t>(effort.runs));
  for_each_index(effort.runs, effort.threads, [&](int run) {
    const Random random = Random::of(effort.seed, part_of(scenario, 0), static_cast<std::uint64_t>(run));
    runs[static_cast<std::size_t>(run)] = null_run(scenario, entries, random);
  });

  ScenarioResult result{
      .scenario = &scenario, .runs = effort.runs, .trials = effort.trials, .methods = {}, .limits = {}};
  for (std::size_t m = 0; m < entries.size(); ++m) {
    MethodResult method{.name = entries[m].name, .change = entries[m].change};
    for (std::size_t part = 0; part < kArlParts.size(); ++part) {
      method.thresholds[part] =
          threshold_for(scenario.arl * kArlParts[part], runs, m, static_cast<double>(scenario.run));
    }
    method.false_alarms = std::isnan(entries[m].make()->theory_threshold()) ? kNan : realised(runs, m, scenario);
    method.delays.resize(scenario.changes.size());
    result.methods.push_back(std::move(method));
  }
  for (std::size_t i = 0; i < scenario.changes.size(); ++i) {
    const Change& change = scenario.changes[i];
    Information known;
    if (change.before) known = information(*change.before, *change.after, Random(effort.seed));
    result.limits.push_back(change.before && change.bounded ? limit_delay(known, scenario.arl) : kNan);
    measure_change(scenario, static_cast<int>(i), cap_of(change, scenario, known.after_before), entries, effort,
                   result.methods);
  }
  return result;
}

}  // namespace costdrift::bench
