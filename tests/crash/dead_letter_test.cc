// Every rejected record reaches the dead-letter topic, byte for byte, whatever happens to the daemon and to the topic.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/support/await.h"
#include "tests/support/kafka_records.h"
#include "tests/support/mock_kafka.h"
#include "tests/support/places.h"
#include "tests/support/running_daemon.h"
#include "tests/support/scale.h"
#include "tests/support/traffic_log.h"

namespace costdrift::tests {
namespace {

constexpr const char* kTopic = "llm.usage";
constexpr const char* kDead = "llm.usage.dead";
constexpr auto kPatience = std::chrono::seconds(60);

std::vector<KafkaRecord> rubbish() {
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

// What it was, with where it stood; ours are the headers behind its own.
struct Expected {
  KafkaRecord record;
  std::string place;
};

std::string place_of(const KafkaRecord& record) {
  return header_of(record, "costdrift-topic") + "/" + header_of(record, "costdrift-partition") + "/" +
         header_of(record, "costdrift-offset");
}

class DeadLetterTopicTest : public testing::Test {
 protected:
  // Every thirtieth record of a partition is rubbish, of each kind in turn.
  void publish_all() {
    const TrafficLog log = demo_traffic(2, {"support-bot"});
    const auto bad = rubbish();
    for (std::size_t p = 0; p < log.partitions.size(); ++p) {
      std::vector<KafkaRecord> records;
      for (const auto& line : log.partitions[p]) {
        if (records.size() % 30 == 7) {
          // Long ones only at first: the broker keeps 5 MiB.
          const std::size_t kinds = expected_.size() < 2 * bad.size() ? bad.size() : bad.size() - 1;
          const KafkaRecord& one = bad[expected_.size() % kinds];
          expected_.push_back(
              {one, std::string(kTopic) + "/" + std::to_string(p) + "/" + std::to_string(records.size())});
          records.push_back(one);
        }
        records.push_back({std::nullopt, line, {}});
      }
      ASSERT_TRUE(write_records(kafka_.bootstrap(), kTopic, static_cast<std::int32_t>(p), records));
      published_ += static_cast<std::int64_t>(records.size());
    }
    ASSERT_GE(expected_.size(), 3 * bad.size());
  }

  std::string finished_dump() {
    EXPECT_TRUE(daemon_.await_consumed(published_, kPatience)) << daemon_.log();
    EXPECT_EQ(daemon_.stop_gently(), 0) << daemon_.log();
    return daemon_.dump();
  }

  // Every expected record is among the topic's from `first` on, as it was; returns how many more there are.
  std::size_t expect_all(std::size_t first) {
    const auto all = read_records(kafka_.bootstrap(), kDead, 0);
    std::map<std::string, std::vector<KafkaRecord>> found;
    for (std::size_t i = first; i < all.size(); ++i) found[place_of(all[i])].push_back(all[i]);
    EXPECT_EQ(found.size(), expected_.size());
    for (const auto& [record, place] : expected_) {
      if (!found.contains(place)) ADD_FAILURE() << place << " is not in the dead-letter topic";
      for (const auto& copy : found[place]) expect_same(record, copy, place);
    }
    return all.size() - first - expected_.size();
  }

  static void expect_same(const KafkaRecord& record, const KafkaRecord& copy, const std::string& place) {
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
  std::string left() const {
    std::string out;
    EXPECT_EQ(run({costdrift_program(), "state", "dump", "--with-deliveries", "--path", daemon_.state_path()}, &out),
              0);
    return rows_of(out, "dead_letters");
  }

  MockKafka kafka_{kTopic, 2, 1};
  std::vector<Expected> expected_;
  std::int64_t published_ = 0;
  RunningDaemon daemon_{{.binary = costdrift_program(),
                         .bootstrap = kafka_.bootstrap(),
                         .topic = kTopic,
                         .webhook_url = "",
                         .extra_yaml = "",
                         .kafka_options = std::string("  dead_letter_topic: ") + kDead + "\n"}};
};

TEST_F(DeadLetterTopicTest, KilledAtAnyMomentNoneIsLost) {
  kafka_.add_topic(kDead, 1);
  ASSERT_NO_FATAL_FAILURE(publish_all());
  const auto begin = std::chrono::steady_clock::now();
  daemon_.start();
  const std::string expected = finished_dump();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  EXPECT_EQ(expect_all(0), 0U) << "an undisturbed run writes each once";
  EXPECT_EQ(left(), "");

  std::mt19937 random(7);
  const int rounds = scaled(1, 2, 20), kills_a_round = 3;
  std::size_t repeated = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::size_t before = read_records(kafka_.bootstrap(), kDead, 0).size();
    daemon_.forget();
    for (int i = 0; i < kills_a_round; ++i) {
      daemon_.start();
      daemon_.kill_after(std::chrono::milliseconds(50 + random() % static_cast<unsigned>(took.count() / 2)));
    }
    daemon_.start();
    EXPECT_EQ(first_difference(expected, finished_dump()), "");
    repeated += expect_all(before);
    EXPECT_EQ(left(), "");
  }
  std::printf("%d kills, %zu records rejected in each of %d rounds: 0 lost, %zu repeated\n", rounds * kills_a_round,
              expected_.size(), rounds, repeated);
}

TEST_F(DeadLetterTopicTest, AnAbsentTopicDelaysNothingAndGetsAllOnceItIsThere) {
  kafka_.add_topic(kDead, 1);  // the broker makes a topic that somebody asks for, so it must be and be hidden
  kafka_.hide_topic(kDead);
  ASSERT_NO_FATAL_FAILURE(publish_all());
  daemon_.start();
  const auto status = [&] { return daemon_.api("/api/v1/status"); };
  ASSERT_TRUE(daemon_.await_consumed(published_, kPatience)) << daemon_.log();
  EXPECT_TRUE(await([&] { return status().find(std::string("dead-letter topic ") + kDead) != std::string::npos; },
                    std::chrono::seconds(20)))
      << status();
  EXPECT_NE(daemon_.api("/metrics").find("costdrift_dead_letters_pending " + std::to_string(expected_.size()) + "\n"),
            std::string::npos);
  // Across a restart.
  EXPECT_EQ(daemon_.stop_gently(), 0);
  EXPECT_NE(left(), "");
  kafka_.show_topic(kDead);
  daemon_.start();
  EXPECT_TRUE(
      await([&] { return daemon_.api("/metrics").find("costdrift_dead_letters_pending 0\n") != std::string::npos; },
            std::chrono::seconds(30)))
      << status();
  EXPECT_EQ(daemon_.stop_gently(), 0);
  EXPECT_EQ(expect_all(0), 0U);
  EXPECT_EQ(left(), "");
}

}  // namespace
}  // namespace costdrift::tests
