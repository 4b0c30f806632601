// Decoding on other threads: nothing is lost, changed or put out of order.
#include "daemon/decode/decode_ahead.h"

#include <gtest/gtest.h>

#include "core/hash.h"
#include "daemon/catalogue.h"
#include "daemon/decode/decode_fields.h"

namespace costdrift::tests {
namespace {

using daemon::DecodedBatch;
using daemon::DecodedRecord;

class DecodeAheadTest : public testing::Test {
 protected:
  static config::Settings settings() {
    return *config::parse_settings(
        "kafka: {brokers: localhost, topics: [{name: llm.usage}]}\nstate: {path: /s}\nsinks: {}\n", "test",
        daemon::catalogue());
  }
  void decode(DecodedBatch& batch) { batch.decode(decoders_, prices_); }

  daemon::Decoders decoders_ = *daemon::Decoders::make(settings());
  daemon::PriceBook prices_ = daemon::PriceBook::shipped({});
};

std::string call(const std::string& id) {
  return R"({"ts":"2026-03-02T14:05:00Z","model":"gpt-4o","input_tokens":1000,"output_tokens":10,"event_id":")" + id +
         "\"}";
}

daemon::LogRecord record(std::size_t partition, std::int64_t offset, std::string_view value) {
  return {.partition = partition, .offset = offset, .value = value, .appended_at = {}};
}

TEST_F(DecodeAheadTest, ABatchOwnsEveryTextOfItsEvents) {
  std::string json = R"({"ts":"2026-03-02T14:05:00Z","input_tokens":1,"output_tokens":1)";
  for (const auto& field : daemon::event_fields()) {
    if (field.text != nullptr) json += ",\"" + std::string(field.name) + "\":\"" + std::string(field.name) + "-text\"";
  }
  json += "}";
  DecodedBatch batch;
  batch.add(record(0, 0, json), 0);
  json.assign(json.size(), '#');
  decode(batch);
  DecodedBatch other;  // the decoder's own memory is used for this one now
  const std::string again = call(std::string(100, 'z'));
  other.add(record(0, 1, again), 0);
  decode(other);
  ASSERT_EQ(batch.at(0).events.size(), 1U);
  for (const auto& field : daemon::event_fields()) {
    if (field.text == nullptr) continue;
    EXPECT_EQ(batch.at(0).events[0].*field.text, std::string(field.name) + "-text");
  }
}

TEST_F(DecodeAheadTest, ARecordKeepsItsEventsAndRejectionsApartAndIsPriced) {
  const std::string several = "[" + call("a") + "," + R"({"model":"m"})" + "," + call("b") + "]";
  DecodedBatch batch;
  batch.add(record(3, 7, "rubbish"), 0);
  batch.add(record(3, 8, several), 0);
  decode(batch);
  const DecodedRecord first = batch.at(0), second = batch.at(1);
  EXPECT_EQ(first.record.offset, 7);
  EXPECT_EQ(first.record.value, "rubbish");
  EXPECT_TRUE(first.events.empty());
  ASSERT_EQ(first.rejections.size(), 1U);
  EXPECT_EQ(first.rejections[0].reason, daemon::RejectReason::malformed);
  ASSERT_EQ(second.events.size(), 2U);
  EXPECT_EQ(second.events[1].event_id, "b");
  EXPECT_EQ(second.events[1].cost_source, core::CostSource::computed);
  EXPECT_GT(second.events[1].cost.nano, 0);
  ASSERT_EQ(second.rejections.size(), 1U);
  EXPECT_EQ(second.rejections[0].reason, daemon::RejectReason::missing_field);
}

TEST_F(DecodeAheadTest, TheLastRecordOfEveryPartitionHasAFingerprint) {
  const std::string a = call("a"), b = call("b"), c = call("c");
  DecodedBatch batch;
  batch.add(record(0, 0, a), 0);
  batch.add(record(1, 0, b), 0);
  batch.add(record(0, 1, c), 0);
  decode(batch);
  EXPECT_EQ(batch.at(0).fingerprint, 0U);
  EXPECT_EQ(batch.at(1).fingerprint, core::hash64(b));
  EXPECT_EQ(batch.at(2).fingerprint, core::hash64(c));
}

// What is left out must not be the record by which a changed log is noticed.
TEST_F(DecodeAheadTest, ARecordIsWantedWhenOneOfItsEventsLiesInTheSpanOrHasNoTime) {
  const auto at = [](const std::string& time) {
    return R"({"ts":"2026-03-02T)" + time + R"(Z","model":"m","input_tokens":1,"output_tokens":1})";
  };
  DecodedBatch batch({*core::parse_rfc3339("2026-03-02T14:00:00Z"), *core::parse_rfc3339("2026-03-02T15:00:00Z")});
  const std::string first = at("14:00:00"), several = "[" + at("13:00:00") + "," + at("14:59:59") + "]",
                    before = at("13:59:59"), end = at("15:00:00");
  const std::vector<std::string> values = {before, first, several, "rubbish", end};
  for (std::size_t i = 0; i < values.size(); ++i) batch.add(record(0, static_cast<std::int64_t>(i), values[i]), 0);
  decode(batch);
  std::vector<bool> wanted;
  for (std::size_t i = 0; i < values.size(); ++i) wanted.push_back(batch.at(i).wanted);
  EXPECT_EQ(wanted, (std::vector<bool>{false, true, true, true, false}));
  EXPECT_EQ(batch.at(2).events.size(), 2U);
  EXPECT_EQ(batch.at(3).fingerprint, core::hash64("rubbish"));
}

TEST_F(DecodeAheadTest, AClearedBatchHoldsNothingOfTheOldRecords) {
  const std::string old = call("old"), fresh = call("fresh");
  DecodedBatch batch;
  batch.add(record(0, 0, old), 0);
  decode(batch);
  batch.clear();
  EXPECT_EQ(batch.size(), 0U);
  batch.add(record(0, 1, fresh), 0);
  decode(batch);
  ASSERT_EQ(batch.at(0).events.size(), 1U);
  EXPECT_EQ(batch.at(0).events[0].event_id, "fresh");
}

TEST_F(DecodeAheadTest, BatchesComeBackInTheirOrderWhicheverThreadIsFaster) {
  const auto ahead = *daemon::DecodeAhead::start(settings(), prices_, 3);
  constexpr int kBatches = 40;
  for (int i = 0; i < kBatches; ++i) {
    auto batch = std::make_unique<DecodedBatch>();
    const int records = i % 4 == 0 ? 200 : 1;  // some take long
    for (int k = 0; k < records; ++k) batch->add(record(0, i, call(std::to_string(i))), 0);
    ahead->submit(std::move(batch));
  }
  for (int i = 0; i < kBatches; ++i) {
    const auto batch = ahead->take();
    ASSERT_EQ(batch->at(0).events.size(), 1U);
    EXPECT_EQ(batch->at(0).events[0].event_id, std::to_string(i));
  }
  EXPECT_EQ(ahead->in_flight(), 0U);
}

TEST_F(DecodeAheadTest, EndsWithBatchesThatNobodyTook) {
  auto ahead = *daemon::DecodeAhead::start(settings(), prices_, 2);
  for (int i = 0; i < 10; ++i) {
    auto batch = std::make_unique<DecodedBatch>();
    batch->add(record(0, i, call("x")), 0);
    ahead->submit(std::move(batch));
  }
  EXPECT_EQ(ahead->in_flight(), 10U);
}

}  // namespace
}  // namespace costdrift::tests
