// MemoryHistory: the closed past of one series in memory, for tests of judgement.
#pragma once

#include <algorithm>
#include <map>

#include "core/closed_bucket.h"

namespace costdrift::tests {

// Sums buckets exactly: hours are kept beside them so that long histories stay fast.
class MemoryHistory final : public core::SeriesHistory {
 public:
  void add(core::EventTime start, const core::BucketSummary& summary) {
    buckets_[start] = summary;
    hours_[core::floor_to(start, core::hours(1))].merge(summary);
  }
  core::BucketSummary sum(core::EventTime from, core::EventTime to) const override {
    core::BucketSummary result;
    core::EventTime at = from;
    while (at < to) {
      const core::EventTime hour = core::floor_to(at, core::hours(1));
      const auto whole = hours_.find(hour);
      if (at == hour && to - hour >= core::hours(1)) {
        if (whole != hours_.end()) result.merge(whole->second);
        at = hour + core::hours(1);
        continue;
      }
      const core::EventTime end = std::min(to, hour + core::hours(1));
      for (auto it = buckets_.lower_bound(at); it != buckets_.end() && it->first < end; ++it) result.merge(it->second);
      at = end;
    }
    return result;
  }

 private:
  std::map<core::EventTime, core::BucketSummary> buckets_, hours_;
};

}  // namespace costdrift::tests
