// A budget counts calls that come late, and tells each crossing once, whatever the restarts.
#include <gtest/gtest.h>

#include "daemon/catalogue.h"
#include "daemon/pipeline.h"

namespace costdrift::daemon {
namespace {

constexpr std::int64_t kMondayUs = 1'772'409'600'000'000;  // 2026-03-02T00:00:00Z

class LateBudgetTest : public ::testing::Test {
 protected:
  void SetUp() override { restart(); }
  // Forgets everything that is not in the store.
  void restart() {
    ASSERT_TRUE(!pipeline_ || pipeline_->commit());
    pipeline_ = *Pipeline::make(settings_, *store_, prices_, [this](const core::AlertEvent& event) {
      if (event.status == core::AlertStatus::firing) told_.push_back(event.summary);
    });
    ASSERT_TRUE(pipeline_->add_partition({"llm.usage", 0}));
  }
  void call(double minute, double usd) {
    const auto ts = kMondayUs + static_cast<std::int64_t>(minute * 60e6);
    const std::string json = "{\"ts\":" + std::to_string(ts) +
                             ",\"app\":\"desk\",\"model\":\"m\",\"team\":\"cx\",\"input_tokens\":1,"
                             "\"output_tokens\":1,\"cost_usd\":" +
                             std::to_string(usd) + "}";
    pipeline_->process({0, offset_++, json, {}});
    pipeline_->advance();
  }
  std::int64_t late() const { return pipeline_->partition(0).position().accounting.late; }

  config::Settings settings_ = *config::parse_settings(
      "kafka: {brokers: \"localhost:1\", topics: [{name: llm.usage}]}\nstate: {path: nowhere}\nsinks: {}\n"
      "detectors: {budget: {budgets: [{name: b, scope: team, value: cx, usd: 1, period: day, "
      "thresholds: [50, 100]}]}}\n",
      "test.yaml", catalogue());
  PriceBook prices_ = PriceBook::shipped({});
  std::unique_ptr<state::Store> store_ = std::move(*state::Store::open("late", {.sync = false, .in_memory = true}));
  std::unique_ptr<Pipeline> pipeline_;
  std::vector<std::string> told_;
  std::int64_t offset_ = 0;
};

TEST_F(LateBudgetTest, LateCallsCountAndEachCrossingIsToldOnce) {
  for (int minute = 0; minute < 40; ++minute) call(minute, 0.01);  // 40 cents
  EXPECT_TRUE(told_.empty());
  call(10, 0.15);
  ASSERT_EQ(late(), 1);
  restart();
  for (int minute = 40; minute < 44; ++minute) call(minute, 0);
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_NE(told_[0].find("50 % of $1"), std::string::npos) << told_[0];
  call(11, 0.05);
  restart();
  for (int minute = 44; minute < 48; ++minute) call(minute, 0);
  EXPECT_EQ(told_.size(), 1U) << told_.back();
  call(12, 0.40);
  for (int minute = 48; minute < 52; ++minute) call(minute, 0);
  restart();
  for (int minute = 52; minute < 56; ++minute) call(minute, 0);
  ASSERT_EQ(told_.size(), 2U) << told_.back();
  EXPECT_NE(told_[1].find("100 % of $1"), std::string::npos) << told_[1];
  EXPECT_EQ(late(), 3);
}

}  // namespace
}  // namespace costdrift::daemon
