// What every detector of detectors.def owes: the same buckets give the same findings and the same memory, also across a
// restart; nothing is said where nothing happens; memory stays bounded; its texts are there.
#include <gtest/gtest.h>

#include <map>

#include "tests/support/judge_harness.h"

namespace costdrift::tests {
namespace {

// Not those that judge the roll-up of everything: they need weeks or a configuration to say anything. Each is
// held to the same duties by its own test (tests/detectors).
std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& detector : detectors::all_detectors()) {
    if (!make_detector(detector.name)->kinds().has(core::SeriesKind::all)) all.emplace_back(detector.name);
  }
  return all;
}

struct Said {
  core::EventTime at;
  core::FindingPhase phase;
  core::EventTime onset;
  double observed, effect, evidence;
  std::int64_t excess;
  bool operator==(const Said&) const = default;
};

// Calls and runs of an app in which, from `drift_from` on, everything that a detector may watch gets worse at once.
class Traffic {
 public:
  Traffic(JudgeHarness& harness, double noise, core::EventTime drift_from)
      : harness_(harness), noise_(noise), drift_from_(drift_from) {}

  void bucket() { bucket(harness_.now() >= drift_from_, 1); }
  // Sizes and durations are `level` times as large.
  void bucket(bool worse, double level) {
    level_ = level;
    for (int i = 0; i < 2; ++i) call(worse);
    const bool ends = noise_ == 0 || random_.chance(worse ? 0.1 : 0.4);
    const std::int64_t depth = noise_ == 0 ? 3 : ends ? 2 : 5;
    harness_.run({.from_depth = 0,
                  .to_depth = depth,
                  .ended = ends,
                  .cost = {varied(30'000'000, worse)},
                  .tool_calls = depth * (worse ? 4 : 1),
                  .outcomes = 1});
  }

 private:
  std::int64_t varied(double median, bool worse) {
    return std::llround(level_ * random_.log_normal(median, noise_)) * (worse ? 2 : 1);
  }
  void call(bool worse) {
    core::UsageEvent event;
    event.ts = harness_.now();
    event.model = "m";
    event.run_id = "r";
    event.team = worse ? "ads" : "cx";
    event.input_tokens = varied(2000, worse);
    event.output_tokens = varied(200, worse);
    event.retrieved_tokens = varied(1000, worse);
    event.tool_calls = noise_ > 0 && random_.chance(worse ? 0.6 : 0.2) ? 1 : 0;
    event.model_price = core::NanoUsd{noise_ > 0 && random_.chance(worse ? 0.5 : 0.1) ? 5'000'000 : 300'000};
    event.latency_ms = static_cast<double>(varied(1500, worse));
    const bool hit = noise_ == 0 || random_.chance(worse ? 0.1 : 0.9);
    event.cache_read_tokens = hit ? *event.input_tokens * 4 / 5 : 0;
    event.retries = noise_ > 0 && random_.chance(worse ? 0.4 : 0.05) ? 1 : 0;
    event.cost_source = core::CostSource::computed;
    event.input_cost = {*event.input_tokens * 3000};
    event.output_cost = {3'000'000};
    event.cost = event.input_cost + event.output_cost;
    event.list_cost = event.cost;
    event.reported_cost = core::NanoUsd{event.cost.nano / (worse ? 4 : 5)};
    event.cacheable_cost = {*event.input_tokens * 2700};
    harness_.call(event);
  }

  JudgeHarness& harness_;
  double noise_;
  core::EventTime drift_from_;
  double level_ = 1;
  Random random_{7};
};

std::string memory_of(const detectors::SeriesJudge& judge) {
  core::ByteWriter lanes, model;
  judge.save_lanes(lanes);
  judge.save_model(model);
  return std::string(lanes.bytes()) + std::string(model.bytes());
}

constexpr core::Duration kHistory = core::hours(26);
constexpr core::Duration kDay = core::hours(30);
constexpr core::EventTime kNever = core::EventTime::max();

struct Story {
  double noise = 0.3;
  bool drift = true;
  bool restarts = false;  // every hour, and once while drifting
};

struct Outcome {
  std::vector<Said> said;
  std::string memory;
  std::size_t largest = 0, after_history = 0;
};

Outcome tell(const std::string& detector, const Story& story) {
  JudgeHarness harness(detector);
  const core::EventTime begin = harness.now();
  Traffic traffic(harness, story.noise, story.drift ? begin + kHistory : kNever);
  Outcome outcome;
  while (harness.now() < begin + kDay) {
    traffic.bucket();
    const core::EventTime at = harness.now();
    for (const auto& f : harness.close()) {
      outcome.said.push_back({at, f.phase, f.onset, f.observed, f.effect, f.log10_evidence, f.excess_so_far.nano});
    }
    const bool restart = story.restarts && at.us % core::hours(1).us == core::minutes(17).us;
    EXPECT_TRUE(!restart || harness.restart());
    outcome.largest = std::max(outcome.largest, harness.judge().memory_bytes());
    if (at < begin + kHistory) outcome.after_history = harness.judge().memory_bytes();
  }
  outcome.memory = memory_of(harness.judge());
  return outcome;
}

class DetectorContract : public testing::TestWithParam<std::string> {};

TEST_P(DetectorContract, SameBucketsGiveTheSameFindingsAndBytes) {
  const Outcome first = tell(GetParam(), {}), second = tell(GetParam(), {});
  ASSERT_FALSE(first.said.empty()) << "the story drifts, and the detector says nothing";
  EXPECT_GE(first.said.front().at - JudgeHarness(GetParam()).now(), kHistory);
  EXPECT_EQ(first.said, second.said);
  EXPECT_EQ(first.memory, second.memory);
}

TEST_P(DetectorContract, RestartsDoNotShow) {
  const Outcome straight = tell(GetParam(), {}), restarted = tell(GetParam(), {.restarts = true});
  EXPECT_EQ(straight.said, restarted.said);
  EXPECT_EQ(straight.memory, restarted.memory);
}

// A crash keeps what was stored, so a model that changes without saying so would go on differently after it. Levels
// move every two hours, and now and then everything is worse for as long.
TEST_P(DetectorContract, SaysWhenItsModelChanges) {
  JudgeHarness harness(GetParam());
  Traffic traffic(harness, 0.3, kNever);
  Random random(5);
  bool worse = false;
  double level = 1;
  for (int minute = 0; minute < 12 * 1440; ++minute) {
    if (minute % 120 == 0) level = random.log_normal(1, 0.15);
    if (minute % 120 == 0) worse = minute > 2 * 1440 && random.chance(0.05);
    traffic.bucket(worse, level);
    (void)harness.close();
    ASSERT_TRUE(harness.stores_every_change()) << "minute " << minute;
  }
}

TEST_P(DetectorContract, IsSilentWhereNothingChanges) {
  EXPECT_EQ(tell(GetParam(), {.noise = 0, .drift = false}).said, std::vector<Said>{});
  JudgeHarness empty(GetParam());
  const core::BucketSummary nothing;
  const MemoryHistory history;
  for (int i = 0; i < 1000; ++i) {
    std::vector<core::Finding> findings;
    const core::EventTime start = empty.now() + JudgeHarness::kBucket * i;
    empty.judge().observe({{start, start + JudgeHarness::kBucket, &nothing}, &history, {}}, findings);
    ASSERT_TRUE(findings.empty());
  }
}

TEST_P(DetectorContract, KeepsBoundedMemory) {
  const Outcome outcome = tell(GetParam(), {});
  EXPECT_LT(outcome.largest, 64u * 1024);
  EXPECT_GT(outcome.after_history, 0u);
}

TEST_P(DetectorContract, RefusesMemoryThatIsNotItsOwn) {
  JudgeHarness harness(GetParam());
  EXPECT_FALSE(harness.judge().restore("not lanes", "not a model"));
}

TEST_P(DetectorContract, SaysWhatItMeasuresNeedsAndDoesNotSee) {
  const auto* spec = detectors::find_detector(GetParam());
  ASSERT_NE(spec, nullptr);
  for (const auto text : {spec->title, spec->measures, spec->needs, spec->blind_to}) EXPECT_GT(text.size(), 5u);
}

INSTANTIATE_TEST_SUITE_P(All, DetectorContract, testing::ValuesIn(names()),
                         [](const auto& detector) { return detector.param; });

// Two detectors may share a metric, which is then observed once: its definition must be the same.
TEST(DetectorMetrics, HaveOneDefinitionPerName) {
  std::map<std::string, core::MetricSpec> known;
  for (const auto& registered : detectors::all_detectors()) {
    const auto detector = make_detector(registered.name);
    for (const auto& metric : detector->metrics()) {
      EXPECT_TRUE(metric.observe_call != nullptr || metric.observe_run != nullptr) << metric.name;
      const auto [place, fresh] = known.emplace(metric.name, metric);
      if (fresh) continue;
      const core::MetricSpec& other = place->second;
      EXPECT_EQ(metric.unit, other.unit) << metric.name;
      EXPECT_EQ(metric.log_bins, other.log_bins) << metric.name;
      EXPECT_EQ(metric.run_weighting, other.run_weighting) << metric.name;
      EXPECT_EQ(metric.observe_call, other.observe_call) << metric.name;
      EXPECT_EQ(metric.observe_run, other.observe_run) << metric.name;
    }
  }
  EXPECT_FALSE(known.empty());
}

TEST(DetectorRegistry, FindsByNameAndKnowsNoOthers) {
  EXPECT_NE(detectors::find_detector("prompt_growth"), nullptr);
  EXPECT_EQ(detectors::find_detector("no_such_detector"), nullptr);
}

}  // namespace
}  // namespace costdrift::tests
