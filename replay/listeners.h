// Listeners: several PipelineListeners as one.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/pipeline_listener.h"

namespace costdrift::replay {

class Listeners final : public daemon::PipelineListener {
 public:
  // Those listed outlive the object.
  explicit Listeners(std::vector<daemon::PipelineListener*> all) : all_(std::move(all)) {
    for (auto* listener : all_) {
      if (listener->wants_buckets()) of_buckets_.push_back(listener);
    }
  }
  void on_rejected(const daemon::TopicPartition& partition, std::int64_t offset, daemon::RejectReason reason,
                   std::string_view detail) override {
    for (auto* listener : all_) listener->on_rejected(partition, offset, reason, detail);
  }
  bool wants_buckets() const override { return !of_buckets_.empty(); }
  void on_bucket(const core::SeriesKey& series, const core::ClosedBucket& bucket,
                 std::span<const daemon::JudgeStanding> standings) override {
    for (auto* listener : of_buckets_) listener->on_bucket(series, bucket, standings);
  }
  void on_withheld(const core::Finding& finding, daemon::Withheld why) override {
    for (auto* listener : all_) listener->on_withheld(finding, why);
  }
  void on_commit(state::Store& store) override {
    for (auto* listener : all_) listener->on_commit(store);
  }
  void on_muted(const core::AlertEvent& event, daemon::Muted why) override {
    for (auto* listener : all_) listener->on_muted(event, why);
  }

 private:
  std::vector<daemon::PipelineListener*> all_, of_buckets_;
};

}  // namespace costdrift::replay
