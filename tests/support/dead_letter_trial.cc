#include "tests/support/dead_letter_trial.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <random>

#include "tests/support/await.h"
#include "tests/support/places.h"
#include "tests/support/traffic_log.h"

namespace costdrift::tests {
namespace {

constexpr auto kReadWithin = std::chrono::seconds(60), kWrittenWithin = std::chrono::seconds(30);

std::vector<KafkaRecord> kinds_of_rubbish() {
  const std::string good = R"({"ts":"2025-03-03T00:00:05Z","model":"gpt-4o","input_tokens":9,"output_tokens":1})";
  return {
      {"key", "not JSON", {{"trace", "1"}}},
      {std::string("\0\xff\n", 3), std::string("\x00\x01\xfe{", 4), {{"a", std::nullopt}, {"a", ""}, {"b", "\xff"}}},
      {"tombstone", std::nullopt, {}},
      {std::nullopt, "", {}},
      {"", R"({"ts":"2025-03-03T00:00:05Z","input_tokens":1,"output_tokens":1})", {{"costdrift-reason", "an old one"}}},
      {std::nullopt, "[" + good + ",{\"ts\":7}]", {}},
      {std::nullopt, std::string(300'000, 'x'), {{"long", std::string(5'000, 'h')}}},
  };
}

std::string place_of(const KafkaRecord& record) {
  return header_of(record, "costdrift-topic") + "/" + header_of(record, "costdrift-partition") + "/" +
         header_of(record, "costdrift-offset");
}

}  // namespace

DeadLetterTrial::DeadLetterTrial(const std::string& bootstrap, const std::string& topic, const std::string& dead_topic)
    : bootstrap_(bootstrap),
      topic_(topic),
      dead_topic_(dead_topic),
      daemon_({.binary = costdrift_program(),
               .bootstrap = bootstrap,
               .topic = topic,
               .webhook_url = "",
               .extra_yaml = "",
               .kafka_options = "  dead_letter_topic: " + dead_topic + "\n"}) {}

void DeadLetterTrial::publish_all() {
  const TrafficLog log = demo_traffic(2, {"support-bot"});
  for (std::size_t p = 0; p < log.partitions.size(); ++p) {
    const auto records = with_rubbish(p, log.partitions[p]);
    ASSERT_TRUE(write_records(bootstrap_, topic_, static_cast<std::int32_t>(p), records));
    published_ += static_cast<std::int64_t>(records.size());
  }
  ASSERT_GE(rejected_.size(), 3 * kinds_of_rubbish().size());
}

std::vector<KafkaRecord> DeadLetterTrial::with_rubbish(std::size_t partition, const std::vector<std::string>& lines) {
  const auto bad = kinds_of_rubbish();
  std::vector<KafkaRecord> records;
  for (const auto& line : lines) {
    if (records.size() % 30 == 7) {
      // Long ones only at first: the mock broker keeps 5 MiB.
      const std::size_t kinds = rejected_.size() < 2 * bad.size() ? bad.size() : bad.size() - 1;
      const KafkaRecord& one = bad[rejected_.size() % kinds];
      rejected_.push_back({one, topic_ + "/" + std::to_string(partition) + "/" + std::to_string(records.size())});
      records.push_back(one);
    }
    records.push_back({std::nullopt, line, {}});
  }
  return records;
}

void DeadLetterTrial::expect_none_lost(int rounds) {
  constexpr int kKillsARound = 3;
  const auto begin = std::chrono::steady_clock::now();
  daemon_.start();
  const std::string expected = finished_dump();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  EXPECT_EQ(expect_all(0), 0U) << "an undisturbed run writes each once";
  EXPECT_EQ(left(), "");

  std::mt19937 random(7);
  std::size_t repeated = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::int64_t before = read_records(bootstrap_, dead_topic_, 0).back().offset + 1;
    daemon_.forget();
    for (int i = 0; i < kKillsARound; ++i) {
      daemon_.start();
      daemon_.kill_after(std::chrono::milliseconds(50 + random() % static_cast<unsigned>(took.count() / 2)));
    }
    daemon_.start();
    EXPECT_EQ(first_difference(expected, finished_dump()), "");
    repeated += expect_all(before);
    EXPECT_EQ(left(), "");
  }
  std::printf("%d kills, %zu records rejected in each of %d rounds: 0 lost, %zu repeated\n", rounds * kKillsARound,
              rejected_.size(), rounds, repeated);
}

void DeadLetterTrial::expect_all_kept() {
  daemon_.start();
  const auto status = [&] { return daemon_.api("/api/v1/status"); };
  ASSERT_TRUE(daemon_.await_consumed(published_, kReadWithin)) << daemon_.log();
  EXPECT_TRUE(
      await([&] { return status().find("dead-letter topic " + dead_topic_) != std::string::npos; }, kWrittenWithin))
      << status();
  EXPECT_NE(daemon_.api("/metrics").find("costdrift_dead_letters_pending " + std::to_string(rejected_.size()) + "\n"),
            std::string::npos);
  EXPECT_EQ(daemon_.stop_gently(), 0);
  EXPECT_NE(left(), "");
}

void DeadLetterTrial::expect_kept_ones_written() {
  daemon_.start();
  const auto all_written = [&] {
    return daemon_.api("/metrics").find("costdrift_dead_letters_pending 0\n") != std::string::npos;
  };
  EXPECT_TRUE(await(all_written, kWrittenWithin)) << daemon_.api("/api/v1/status");
  EXPECT_EQ(daemon_.stop_gently(), 0);
  EXPECT_EQ(expect_all(0), 0U);
  EXPECT_EQ(left(), "");
}

std::string DeadLetterTrial::finished_dump() {
  EXPECT_TRUE(daemon_.await_consumed(published_, kReadWithin)) << daemon_.log();
  EXPECT_EQ(daemon_.stop_gently(), 0) << daemon_.log();
  return daemon_.dump();
}

// Every rejected record is among the topic's from offset `first` on, as it was; returns how many more there are. A mock
// broker forgets the oldest records of a topic that grows.
std::size_t DeadLetterTrial::expect_all(std::int64_t first) {
  std::map<std::string, std::vector<KafkaRecord>> found;
  std::size_t records = 0;
  for (const auto& record : read_records(bootstrap_, dead_topic_, 0)) {
    if (record.offset < first) continue;
    found[place_of(record)].push_back(record);
    ++records;
  }
  EXPECT_EQ(found.size(), rejected_.size());
  for (const Rejected& rejected : rejected_) {
    if (!found.contains(rejected.place)) ADD_FAILURE() << rejected.place << " is not in the dead-letter topic";
    for (const auto& copy : found[rejected.place]) expect_as_it_was(rejected, copy);
  }
  return records - rejected_.size();
}

// Ours are the headers behind its own.
void DeadLetterTrial::expect_as_it_was(const Rejected& rejected, const KafkaRecord& copy) {
  const auto& [record, place] = rejected;
  EXPECT_EQ(copy.key, record.key) << place;
  EXPECT_TRUE(copy.value == record.value) << place;
  ASSERT_GE(copy.headers.size(), record.headers.size()) << place;
  const auto own = copy.headers.begin() + static_cast<std::ptrdiff_t>(record.headers.size());
  EXPECT_TRUE(std::equal(copy.headers.begin(), own, record.headers.begin())) << place;
  EXPECT_NE(header_of(copy, "costdrift-reason"), "") << place;
  EXPECT_NE(header_of(copy, "costdrift-reason"), "an old one") << place;
  EXPECT_NE(header_of(copy, "costdrift-detail"), "") << place;
  EXPECT_GT(std::stoll(header_of(copy, "costdrift-timestamp")), 1'700'000'000'000) << place;
  EXPECT_EQ(header_of(copy, "costdrift-rejected"), "1") << place;
}

// Dead letters that the state still holds.
std::string DeadLetterTrial::left() const {
  std::string out;
  EXPECT_EQ(run({costdrift_program(), "state", "dump", "--with-deliveries", "--path", daemon_.state_path()}, &out), 0);
  return rows_of(out, "dead_letters");
}

}  // namespace costdrift::tests
