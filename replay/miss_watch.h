// MissWatch: follows the judgement of labelled calls through a replay, so that a label that nobody was paged for has a
// reason.
//
// Operation  listens to the pipeline; for each label it keeps the strongest thing that happened: an alert that was
//            muted, a finding that opened no incident, the most evidence that a detector reached.
// Memory     a few hundred bytes a label, and one list of labels a series.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/bytes.h"
#include "daemon/pipeline_listener.h"
#include "replay/label.h"

namespace costdrift::replay {

class MissWatch final : public daemon::PipelineListener {
 public:
  // The labels outlive the object.
  explicit MissWatch(const std::vector<IncidentLabel>& labels) : labels_(labels), seen_(labels.size()) {}

  bool wants_buckets() const override { return !labels_.empty(); }
  void on_bucket(const core::SeriesKey& series, const core::ClosedBucket& bucket,
                 std::span<const daemon::JudgeStanding> standings) override;
  void on_withheld(const core::Finding& finding, daemon::Withheld why) override;
  void on_muted(const core::AlertEvent& event, daemon::Muted why) override;

  // What is known of every label, and that again (replay/gathered.h).
  void save(state::Store& store) const;
  bool load(const state::Store& store);

  // Why nobody was told of the label, in words. `pages` are the settings that it was judged by.
  std::string reason(std::size_t label, const config::PageSettings& pages) const;
  // Dollars of the calls that the label may mean, while it lasted.
  core::NanoUsd spent(std::size_t label) const { return seen_[label].spent; }

 private:
  struct WithheldFinding {
    core::Finding finding;
    daemon::Withheld why = daemon::Withheld::immaterial;
  };
  struct Evidence {
    std::string detector, series;
    detectors::Standing standing;
  };
  struct Seen {
    std::int64_t calls = 0, judged = 0, learning = 0;  // calls; buckets with a judge's standing; of these, learning
    core::NanoUsd spent;
    std::optional<daemon::Muted> muted;
    std::optional<WithheldFinding> withheld;  // that says most about the label
    std::optional<Evidence> evidence;         // nearest to what was needed
  };
  static void write(core::ByteWriter& out, const Seen& seen);
  static Seen read(core::ByteReader& in);
  const std::vector<std::size_t>& labels_of(const core::SeriesKey& series);
  void weigh(Seen& seen, const IncidentLabel& label, const core::SeriesKey& series,
             const daemon::JudgeStanding& judge) const;

  const std::vector<IncidentLabel>& labels_;
  std::vector<Seen> seen_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_series_;
};

}  // namespace costdrift::replay
