// What judgement costs: one update of MixtureSr for a bucket of 1, 17 or 85 calls (a call every five seconds, 200 and
// 1,000 calls a minute), and the table that is built anew every hour. Items are calls, so that ns/call is 1e9 /
// items_per_second.
#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "core/log_bins.h"
#include "detectors/stats/shiryaev_roberts.h"
#include "tests/support/random.h"

namespace costdrift {
namespace {

namespace stats = detectors::stats;

core::Counts prompts(tests::Random& random, int calls) {
  core::Counts counts;
  for (int i = 0; i < calls; ++i) {
    const auto tokens = std::llround(random.log_normal(2000, 1));
    core::merge_counts(counts, {{static_cast<std::int16_t>(core::log_bin(tokens)), core::kOneCall}});
  }
  return counts;
}

stats::LaneFamily family() {
  return {.lanes = {{stats::LaneKind::shift, .05},
                    {stats::LaneKind::shift, .1},
                    {stats::LaneKind::shift, .2},
                    {stats::LaneKind::shift, .4},
                    {stats::LaneKind::scale, 1.1},
                    {stats::LaneKind::scale, 1.25},
                    {stats::LaneKind::scale, 1.6},
                    {stats::LaneKind::scale, 2.5}}};
}

void update(benchmark::State& run) {
  tests::Random random(1);
  const auto table = stats::build_table(family(), prompts(random, 20'000));
  std::vector<core::Counts> buckets;
  for (int i = 0; i < 256; ++i) buckets.push_back(prompts(random, static_cast<int>(run.range(0))));
  std::array<double, stats::kLanes> inflation;
  inflation.fill(1.2);
  stats::MixtureSr lanes;
  std::size_t next = 0;
  for (auto _ : run) {
    lanes.update(table, buckets[next++ % buckets.size()], inflation, 5, 5);
    benchmark::DoNotOptimize(lanes);
  }
  run.SetItemsProcessed(run.iterations() * run.range(0));
}
BENCHMARK(update)->Arg(1)->Arg(17)->Arg(85);

void evidence(benchmark::State& run) {
  tests::Random random(1);
  const auto table = stats::build_table(family(), prompts(random, 20'000));
  std::array<double, stats::kLanes> inflation;
  inflation.fill(1.2);
  stats::MixtureSr lanes;
  lanes.update(table, prompts(random, 17), inflation, 5, 5);
  for (auto _ : run) benchmark::DoNotOptimize(lanes.log_evidence());
}
BENCHMARK(evidence);

void build_table(benchmark::State& run) {
  tests::Random random(1);
  const auto baseline = prompts(random, 50'000);
  const auto lanes = family();
  for (auto _ : run) benchmark::DoNotOptimize(stats::build_table(lanes, baseline));
}
BENCHMARK(build_table);

}  // namespace
}  // namespace costdrift
