// Rejected records on their way to the dead-letter topic: kept with the commit, handed over after it, forgotten once
// they are settled, bounded.
#include "daemon/dead_letters/dead_letters.h"

#include <gtest/gtest.h>

#include "daemon/catalogue.h"
#include "daemon/pipeline.h"

namespace costdrift::daemon {
namespace {

constexpr const char* kGood =
    R"({"ts":"2026-03-02T14:05:00Z","model":"gpt-4o","input_tokens":10,"output_tokens":2,"event_id":"a","app":"x"})";
constexpr const char* kNoModel = R"({"ts":"2026-03-02T14:05:00Z","input_tokens":10,"output_tokens":2})";

class ListedTopic final : public DeadLetterTopic {
 public:
  void send(std::vector<DeadLetter> letters) override {
    for (auto& letter : letters) sent.push_back(std::move(letter));
  }
  std::vector<Settled> take_settled() override { return std::exchange(settled, {}); }
  std::string problem() const override { return ""; }
  void settle(std::size_t i, bool written) { settled.push_back({dead_letter_key(sent[i]), sent[i].bytes(), written}); }
  std::vector<DeadLetter> sent;
  std::vector<Settled> settled;
};

const config::Settings& settings() {
  static const config::Settings parsed = *config::parse_settings(
      "kafka: {brokers: \"localhost:1\", topics: [{name: llm.usage}]}\nstate: {path: nowhere}\n"
      "sinks: {me: {type: console}}\n",
      "test.yaml", catalogue());
  return parsed;
}

class DeadLettersTest : public testing::Test {
 protected:
  void begin(DeadLetterLimits limits = {}) {
    letters_ = std::make_unique<DeadLetters>(*store_, topic_, limits);
    letters_->load();
    pipeline_ = *Pipeline::make(settings(), *store_, prices_, {});
    pipeline_->keep_rejected(*letters_);
    ASSERT_TRUE(pipeline_->add_partition({"llm.usage", 3}));
  }
  void read(std::int64_t offset, std::string_view value, std::string_view original = {}) {
    pipeline_->process({.partition = 0, .offset = offset, .value = value, .appended_at = {}, .original = original});
  }
  std::size_t rows() const {
    std::size_t count = 0;
    store_->scan(state::KeySpace::dead_letters, {}, {}, [&](auto, auto) { return ++count > 0; });
    return count;
  }

  std::unique_ptr<state::Store> store_ = *state::Store::open("letters", {.sync = false, .in_memory = true});
  PriceBook prices_ = PriceBook::shipped({});
  ListedTopic topic_;
  std::unique_ptr<DeadLetters> letters_;
  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(DeadLettersTest, OnlyRejectedRecordsAreKeptWholeAndHandedOverByTheCommit) {
  begin();
  const std::string original = encode_original({.key = "k\0ey", .stamp_ms = 17, .headers = {{"h", "1"}}});
  read(0, kGood);
  read(1, kGood);                                              // a duplicate
  read(2, std::string("[") + kGood + "," + kNoModel + ",7]");  // two of three rejected
  read(3, "rubbish", original);
  EXPECT_TRUE(topic_.sent.empty()) << "nothing may go out before it is durable";
  ASSERT_TRUE(pipeline_->commit());
  ASSERT_EQ(topic_.sent.size(), 2U);
  EXPECT_EQ(topic_.sent[0].rejected, 2);
  EXPECT_EQ(topic_.sent[0].events, 3);
  EXPECT_EQ(topic_.sent[0].reason, "missing_field");
  const DeadLetter& letter = topic_.sent[1];
  EXPECT_EQ(letter.source, (TopicPartition{"llm.usage", 3}));
  EXPECT_EQ(letter.offset, 3);
  EXPECT_EQ(letter.reason, "malformed");
  EXPECT_EQ(letter.value, "rubbish");
  EXPECT_EQ(letter.original, original);
  read(3, "rubbish", original);  // again, as after a rebalance
  ASSERT_TRUE(pipeline_->commit());
  EXPECT_EQ(topic_.sent.size(), 2U);
}

TEST_F(DeadLettersTest, WhatIsNotSettledIsHandedOverAgainAfterARestart) {
  begin();
  read(0, "one"), read(1, "two"), read(2, "three");
  ASSERT_TRUE(pipeline_->commit());
  topic_.settle(0, true);
  topic_.settle(2, false);
  EXPECT_EQ(rows(), 3U);
  ASSERT_TRUE(pipeline_->commit());
  EXPECT_EQ(rows(), 1U);
  EXPECT_EQ(letters_->statistics().written, 1);
  EXPECT_EQ(letters_->statistics().refused, 1);
  EXPECT_EQ(letters_->statistics().pending, 1);
  const DeadLetter left = topic_.sent[1];
  topic_.sent.clear();
  begin();
  ASSERT_EQ(topic_.sent.size(), 1U);
  EXPECT_EQ(encode_dead_letter(topic_.sent[0]), encode_dead_letter(left));
  EXPECT_EQ(dead_letter_key(topic_.sent[0]), dead_letter_key(left));
  EXPECT_EQ(letters_->statistics().pending, 1);
}

TEST_F(DeadLettersTest, BeyondTheLimitsRecordsAreOnlyCounted) {
  begin({.letters = 3, .bytes = 1'000, .bytes_each = 600});
  read(0, std::string(601, 'x'));
  read(1, std::string(600, 'x'));
  read(2, std::string(500, 'x'));  // over the bytes of all
  read(3, "a"), read(4, "b"), read(5, "c");
  ASSERT_TRUE(pipeline_->commit());
  EXPECT_EQ(topic_.sent.size(), 3U);
  EXPECT_EQ(letters_->statistics().too_large, 1);
  EXPECT_EQ(letters_->statistics().too_many, 2);
  EXPECT_EQ(pipeline_->partition(0).position().accounting.dead_total(), 6);
  for (std::size_t i = 0; i < 3; ++i) topic_.settle(i, true);
  ASSERT_TRUE(pipeline_->commit());
  read(6, std::string(600, 'y'));
  ASSERT_TRUE(pipeline_->commit());
  EXPECT_EQ(topic_.sent.size(), 4U) << "there is room again";
  EXPECT_EQ(rows(), 1U);
}

TEST_F(DeadLettersTest, ManyAskForACommitBeforeItsTime) {
  begin();
  for (int i = 0; i < 1'999; ++i) read(i, "x");
  EXPECT_FALSE(pipeline_->commit_is_urgent());
  read(1'999, "x");
  EXPECT_TRUE(pipeline_->commit_is_urgent());
  ASSERT_TRUE(pipeline_->commit());
  EXPECT_FALSE(pipeline_->commit_is_urgent());
}

TEST(DeadLetter, OriginalsAreReadBackAsTheyWereAndDamagedOnesAreNot) {
  const OriginalRecord full{.has_value = false,
                            .key = std::string("\0\xff", 2),
                            .stamp_ms = 1'772'452'800'000,
                            .headers = {{"a", std::nullopt}, {"a", ""}, {"b", std::string("\0", 1)}}};
  for (const auto& original : {full, OriginalRecord{}}) {
    const std::string bytes = encode_original(original);
    EXPECT_EQ(decode_original(bytes), original);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(decode_original(bytes.substr(0, cut))) << cut;
  }
}

TEST(DeadLetter, ItsHeadersSayWhyBehindItsOwn) {
  const OriginalRecord original{
      .key = "k", .stamp_ms = 1'772, .headers = {{"costdrift-reason", "mine"}, {"h", std::nullopt}}};
  const DeadLetter letter{.source = {"llm.usage", 2},
                          .log_epoch = 1,
                          .offset = 991,
                          .reason = "bad_cost",
                          .detail = "cost_usd: -1",
                          .rejected = 1,
                          .events = 4,
                          .original = encode_original(original),
                          .value = "v"};
  const OriginalRecord record = annotated(letter, "1.2.3");
  EXPECT_EQ(record.key, "k");
  const std::vector<RecordHeader> expected = {{"costdrift-reason", "mine"},     {"h", std::nullopt},
                                              {"costdrift-reason", "bad_cost"}, {"costdrift-detail", "cost_usd: -1"},
                                              {"costdrift-topic", "llm.usage"}, {"costdrift-partition", "2"},
                                              {"costdrift-offset", "991"},      {"costdrift-timestamp", "1772"},
                                              {"costdrift-rejected", "1"},      {"costdrift-events", "4"},
                                              {"costdrift-version", "1.2.3"}};
  EXPECT_EQ(record.headers, expected);
}

}  // namespace
}  // namespace costdrift::daemon
