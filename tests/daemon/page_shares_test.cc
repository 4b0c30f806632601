// How the page budget is split over what is watched: a dear application is told of with less evidence than a cheap one.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/support/answer_play.h"

namespace costdrift::daemon {
namespace {

constexpr int kDays = 3;
constexpr std::int64_t kPerMinute = 4;
constexpr double kDearer = 20;

std::string dear_or_cheap_call(std::int64_t minute, const std::string& app, double usd) {
  return R"({"ts":)" + std::to_string(1'773'014'400'000 + minute * 60'000) + R"(,"app":")" + app +
         R"(","model":"m","provider":"p","input_tokens":)" + std::to_string(1000 + minute % 97) +
         R"(,"output_tokens":100,"cost_usd":)" + std::to_string(usd) + "}";
}

std::vector<std::string> dear_and_cheap_traffic() {
  std::vector<std::string> lines;
  for (std::int64_t minute = 0; minute < kDays * 24 * 60; ++minute) {
    for (std::int64_t i = 0; i < kPerMinute; ++i) {
      lines.push_back(dear_or_cheap_call(minute, "cheap", 0.001));
      lines.push_back(dear_or_cheap_call(minute, "dear", 0.001 * kDearer));
    }
  }
  return lines;
}

// The newest evidence that each judge of an application and model needs, log10, by series and detector.
class Needed : public PipelineListener {
 public:
  bool wants_buckets() const override { return true; }
  void on_bucket(const core::SeriesKey& series, const core::ClosedBucket& bucket,
                 std::span<const JudgeStanding> standings) override {
    if (series.kind() != core::SeriesKind::app_model) return;
    for (const auto& judge : standings) {
      (bucket.start < core::EventTime{1'773'014'400'000'000} + core::hours(23)
           ? first_day
           : now)[{series.text(), std::string(judge.detector)}] = judge.standing.log10_needed;
    }
  }
  std::map<std::pair<std::string, std::string>, double> first_day, now;
};

TEST(PageShares, AreByTheDollarsOfACallFromTheSecondDayOn) {
  tests::Play play({}, "{}", dear_and_cheap_traffic());
  Needed needed;
  play.pipeline().listen(needed);
  play.run(5000);
  const auto of = [](const auto& from, const std::string& app, const std::string& detector) {
    for (const auto& [judge, value] : from) {
      if (judge.first.find("app=" + app) != std::string::npos && judge.second == detector) return value;
    }
    return std::nan("");
  };
  for (const std::string detector : {"prompt_growth", "output_growth"}) {
    EXPECT_NEAR(of(needed.first_day, "cheap", detector), of(needed.first_day, "dear", detector), 1e-6) << detector;
    EXPECT_NEAR(of(needed.now, "cheap", detector) - of(needed.now, "dear", detector), std::log10(kDearer), 1e-6)
        << detector;
  }
}

}  // namespace
}  // namespace costdrift::daemon
