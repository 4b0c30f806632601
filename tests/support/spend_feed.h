// SpendFeed: a SpendJudge fed with a SpendStream minute by minute; the history is what it would find in the rings.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "detectors/spend_judge.h"
#include "tests/support/memory_history.h"
#include "tests/support/spend_stream.h"

namespace costdrift::tests {

class SpendFeed {
 public:
  explicit SpendFeed(core::SeriesKey series, std::uint64_t seed = 3, double calls_per_minute = 60)
      : series_(series),
        judge_(std::make_unique<detectors::SpendJudge>(std::move(series))),
        stream_(seed, calls_per_minute) {}

  // What is said about the next minute, with `factor` times the usual calls.
  std::vector<core::Finding> minute(double factor = 1) {
    const auto made = stream_.next(factor);
    const core::EventTime start = kStart + core::minutes(stream_.minute() - 1);
    core::BucketSummary summary;
    summary.totals.calls = made.calls;
    summary.totals.cost = core::from_usd(made.cost * kCallUsd);
    // What comes beside the usual calls is of another kind.
    const double usual = 1 / std::max(factor, 1.0);
    add(summary, "chat", usual);
    add(summary, "batch", 1 - usual);
    std::vector<core::Finding> findings;
    if (made.calls == 0) return findings;
    history_.add(start, summary);
    judge_->observe({{start, start + core::minutes(1), &summary}, &history_, {.false_pages_per_week = 0.25}}, findings);
    return findings;
  }
  std::vector<core::Finding> minutes(std::int64_t count, double factor = 1) {
    std::vector<core::Finding> all;
    for (std::int64_t i = 0; i < count; ++i)
      for (auto& finding : minute(factor)) all.push_back(std::move(finding));
    return all;
  }
  core::EventTime now() const { return kStart + core::minutes(stream_.minute()); }
  struct Saved {
    std::string lanes, model;
    bool operator==(const Saved&) const = default;
  };
  Saved saved() const {
    core::ByteWriter lanes, model;
    judge_->save_lanes(lanes);
    judge_->save_model(model);
    return {lanes.bytes(), model.bytes()};
  }
  // False when the judge does not take it back.
  bool restart(const Saved& from) {
    judge_ = std::make_unique<detectors::SpendJudge>(series_);
    return judge_->restore(from.lanes, from.model);
  }
  bool restart() { return restart(saved()); }
  detectors::SpendJudge& judge() { return *judge_; }

 private:
  static constexpr double kCallUsd = 0.01;
  static constexpr core::EventTime kStart{1'772'668'800'000'000};  // Thursday 2026-03-05T00:00:00Z

  static void add(core::BucketSummary& summary, const char* use_case, double share) {
    core::AttributeTotals part;
    part.calls = std::llround(share * static_cast<double>(summary.totals.calls));
    part.cost.nano = std::llround(share * static_cast<double>(summary.totals.cost.nano));
    if (part.calls > 0) summary.attributes[{{core::Dimension::use_case, use_case}}] = part;
  }

  core::SeriesKey series_;
  std::unique_ptr<detectors::SpendJudge> judge_;
  SpendStream stream_;
  MemoryHistory history_;
};

}  // namespace costdrift::tests
