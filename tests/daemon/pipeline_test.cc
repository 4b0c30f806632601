// The pipeline's promise: what comes out depends on the records alone, not on how they arrive, when they are judged,
// when they are committed, or how often the program starts again.
#include "daemon/pipeline.h"

#include <gtest/gtest.h>

#include <random>

#include "core/alert_event_json.h"
#include "daemon/catalogue.h"
#include "state/dump.h"
#include "tests/support/running_daemon.h"
#include "tests/support/traffic_log.h"

namespace costdrift::daemon {
namespace {

using tests::TrafficLog;

const config::Settings& settings() {
  static const config::Settings parsed = *config::parse_settings(
      "kafka: {brokers: \"localhost:1\", topics: [{name: llm.usage}]}\nstate: {path: nowhere}\n"
      "sinks: {me: {type: console}}\n",
      "test.yaml", catalogue());
  return parsed;
}

// A pipeline on a store in memory that can be restarted at any time.
class Bench {
 public:
  explicit Bench(int partitions = 1) : partitions_(partitions) { restart(); }

  // Forgets everything that is not in the store.
  void restart() {
    pipeline_ = *Pipeline::make(settings(), *store_, prices_,
                                [this](const core::AlertEvent& event) { alerts_ += core::to_json(event) + "\n"; });
    for (int p = 0; p < partitions_; ++p) EXPECT_TRUE(pipeline_->add_partition({"llm.usage", p}));
  }
  void commit() { EXPECT_TRUE(pipeline_->commit()); }

  void read(std::size_t partition, std::int64_t offset, const std::string& value,
            std::optional<core::WallTime> appended_at = std::nullopt) {
    pipeline_->process({.partition = partition, .offset = offset, .value = value, .appended_at = appended_at});
  }
  // Everything was read: no partition holds the others.
  void finish() {
    for (int p = 0; p < partitions_; ++p) pipeline_->set_idle(static_cast<std::size_t>(p), true);
    pipeline_->advance();
    commit();
  }

  std::string dump() {
    std::string text;
    EXPECT_TRUE(state::dump_store(*store_, {}, [&](std::string_view line) { text.append(line).append("\n"); }));
    return text;
  }
  const std::string& alerts() const { return alerts_; }
  Pipeline& pipeline() { return *pipeline_; }
  const state::Accounting& accounting(std::size_t partition = 0) {
    return pipeline_->partition(partition).position().accounting;
  }

 private:
  int partitions_;
  PriceBook prices_ = PriceBook::shipped({});
  std::unique_ptr<state::Store> store_ = std::move(*state::Store::open("bench", {.sync = false, .in_memory = true}));
  std::unique_ptr<Pipeline> pipeline_;
  std::string alerts_;
};

// Two applications of the demo with an incident each, in three partitions, with rubbish, duplicates and late events.
const TrafficLog& traffic() {
  static const TrafficLog log = [] {
    TrafficLog made = tests::demo_traffic(3, {"support-bot", "checkout-assist"});
    for (auto& lines : made.partitions) {
      for (std::size_t i = 50; i < lines.size(); i += 200) {
        lines[i] = "{\"not\": json";
        lines[i + 10] = lines[i + 9];
        lines[i + 20] = lines[i - 30];
      }
    }
    return made;
  }();
  return log;
}

struct Outcome {
  std::string alerts, dump;
};

// How to read: all different, all random, all repeatable.
struct Manner {
  unsigned seed;
  std::size_t batch;        // records of one partition at a time, at most
  double advance;           // chance after each batch
  double commit;            // chance after each batch
  double restart;           // chance after each commit
  bool one_by_one = false;  // partition by partition, in order
};

Outcome outcome(const Manner& manner) {
  const auto& log = traffic().partitions;
  Bench bench(static_cast<int>(log.size()));
  std::mt19937 random(manner.seed);
  const auto chance = [&](double p) { return std::uniform_real_distribution<>()(random) < p; };
  std::vector<std::size_t> next(log.size(), 0);
  for (std::int64_t left = traffic().records(); left > 0;) {
    std::size_t p = random() % log.size();
    if (manner.one_by_one) p = 0;
    while (next[p] == log[p].size()) p = (p + 1) % log.size();
    for (std::size_t i = 1 + random() % manner.batch; i > 0 && next[p] < log[p].size(); --i, --left, ++next[p]) {
      bench.read(p, static_cast<std::int64_t>(next[p]), log[p][next[p]]);
    }
    if (chance(manner.advance)) bench.pipeline().advance();
    if (chance(manner.commit)) {
      bench.commit();
      if (chance(manner.restart)) bench.restart();
    }
  }
  bench.finish();
  return {bench.alerts(), bench.dump()};
}

const Outcome& reference() {
  static const Outcome once = outcome({.seed = 1, .batch = 100, .advance = 1, .commit = 0.1, .restart = 0});
  return once;
}

void expect_reference(const Manner& manner) {
  const Outcome now = outcome(manner);
  EXPECT_EQ(now.alerts, reference().alerts);
  EXPECT_EQ(tests::first_difference(reference().dump, now.dump), "");
}

TEST(PipelineTest, TheTrafficCausesIncidentsAndEveryKindOfEvent) {
  const std::string& alerts = reference().alerts;
  EXPECT_NE(alerts.find("\"detector\":\"prompt_growth\""), std::string::npos) << alerts;
  EXPECT_NE(alerts.find("\"detector\":\"retry_rate\""), std::string::npos);
  EXPECT_NE(alerts.find("\"status\":\"resolved\""), std::string::npos);
}

TEST(PipelineTest, TheOrderAmongPartitionsDoesNotMatter) {
  expect_reference({.seed = 2, .batch = 1, .advance = 0.01, .commit = 0.01, .restart = 0});
  expect_reference({.seed = 3, .batch = 1000, .advance = 1, .commit = 0.1, .restart = 0, .one_by_one = true});
}

TEST(PipelineTest, TheMomentOfJudgementDoesNotMatter) {
  expect_reference({.seed = 4, .batch = 50, .advance = 0, .commit = 0, .restart = 0});
}

TEST(PipelineTest, RestartsDoNotMatter) {
  expect_reference({.seed = 5, .batch = 100, .advance = 1, .commit = 0.2, .restart = 0.3});
  expect_reference({.seed = 6, .batch = 300, .advance = 0.3, .commit = 0.2, .restart = 1});
}

std::string event(const std::string& time, const std::string& id, const std::string& more = "") {
  return R"({"ts":"2025-03-03T)" + time + R"(Z","app":"desk","model":"gpt-4o","event_id":")" + id +
         R"(","input_tokens":100,"output_tokens":10)" + more + "}";
}

TEST(PipelineTest, EveryEventIsAccountedForOnce) {
  Bench bench;
  const std::vector<std::string> records = {
      event("10:00:00", "a"),
      event("10:05:00", "b"),
      event("10:04:00", "c"),  // out of order, in time
      event("10:05:00", "b"),  // duplicate
      event("10:02:50", "d"),  // its bucket is over for this partition
      "rubbish",
      "",
      R"({"ts":"2025-03-03T10:05:00Z"})",                                   // three rejections
      "[" + event("10:05:01", "e") + "," + event("10:05:01", "e") + ",7]",  // accepted, duplicate, rejected
      event("10:05:02", "f") + "\n" + event("10:05:03", "g")};
  for (std::size_t i = 0; i < records.size(); ++i) {
    bench.read(0, static_cast<std::int64_t>(i), records[i]);
    const state::Accounting& a = bench.accounting();
    EXPECT_EQ(a.consumed, a.accepted + a.dead_total() + a.duplicate + a.late) << i;
  }
  EXPECT_EQ(bench.accounting().consumed, 13);
  EXPECT_EQ(bench.accounting().accepted, 6);
  EXPECT_EQ(bench.accounting().duplicate, 2);
  EXPECT_EQ(bench.accounting().late, 1);
  EXPECT_EQ(bench.accounting().dead_total(), 4);
}

TEST(PipelineTest, ARecordBeforeTheNextOffsetIsIgnored) {
  Bench bench;
  bench.read(0, 0, event("10:00:00", "a"));
  bench.read(0, 5, event("10:00:01", "b"));
  bench.commit();
  bench.restart();
  const std::string before = bench.dump();
  bench.read(0, 0, event("10:00:00", "x"));
  bench.read(0, 5, "rubbish");
  bench.commit();
  EXPECT_EQ(bench.dump(), before);
  bench.read(0, 6, event("10:00:02", "c"));
  EXPECT_EQ(bench.accounting().accepted, 3);
}

TEST(PipelineTest, ASilentPartitionHoldsTheWatermarkUntilItIsIdle) {
  Bench bench(2);
  bench.read(0, 0, event("10:00:00", "a"));
  bench.read(0, 1, event("10:30:00", "b"));
  EXPECT_EQ(bench.pipeline().watermark(), core::EventTime::min()) << "nothing of partition 1 was seen yet";
  bench.pipeline().advance();
  EXPECT_EQ(bench.pipeline().windows().closed_until(), core::EventTime::min());
  bench.pipeline().set_idle(1, true);
  EXPECT_EQ(bench.pipeline().watermark(), *core::parse_rfc3339("2025-03-03T10:28:00Z"));
  bench.pipeline().advance();
  EXPECT_EQ(bench.pipeline().windows().closed_until(), *core::parse_rfc3339("2025-03-03T10:00:05Z"));
  bench.read(1, 0, event("10:29:00", "c"));
  EXPECT_FALSE(bench.pipeline().idle(1));
  EXPECT_EQ(bench.pipeline().watermark(), *core::parse_rfc3339("2025-03-03T10:27:00Z"));
}

TEST(PipelineTest, WhenAllAreIdleTheNewestOneCounts) {
  Bench bench(2);
  bench.read(0, 0, event("10:00:00", "a"));
  bench.read(1, 0, event("11:00:00", "b"));
  bench.pipeline().set_idle(0, true);
  bench.pipeline().set_idle(1, true);
  EXPECT_EQ(bench.pipeline().watermark(), *core::parse_rfc3339("2025-03-03T10:58:00Z"));
}

// A producer's clock that is wrong by a day must not close everybody's buckets.
TEST(PipelineTest, AnEventFromTheFutureDoesNotMoveTheWatermark) {
  Bench bench;
  const core::WallTime appended{core::parse_rfc3339("2025-03-03T10:00:30Z")->us};
  bench.read(0, 0, event("10:00:00", "a"), appended);
  bench.read(0, 1, event("10:05:30", "at_the_limit"), appended);
  EXPECT_EQ(bench.pipeline().watermark(), *core::parse_rfc3339("2025-03-03T10:03:30Z"));
  bench.read(0, 2, event("10:05:31", "beyond"), appended);
  bench.read(0, 3, event("23:00:00", "far_beyond"), appended);
  EXPECT_EQ(bench.pipeline().watermark(), *core::parse_rfc3339("2025-03-03T10:03:30Z"));
  EXPECT_EQ(bench.accounting().accepted, 2);
  EXPECT_EQ(bench.accounting().late, 2);
}

}  // namespace
}  // namespace costdrift::daemon
