// UnattributedJudge: spend that names no owner, from sources (app, API key) that nobody has seen before.
//
// Operation  judged on the roll-up of everything, minute by minute, by its (app, model) parts. What the first day shows
//            is known. From `min_usd` of new sources on it latches: one finding with the dearest sources as drivers,
//            estimated anew every minute for a quarter of an hour, every five minutes up to the hour, then every half
//            hour. Dollars per hour are those of the last hour, never extrapolated. It recovers after a day without a
//            call of a new source; a source that is told of for seven days is known from then on.
// Exact      no statistics: dollars decide between ticket and page.
// Limits     calls whose attributes were folded (core::kMaxAttributeSets) and series beyond limits.max_series have lost
//            their names and are not judged.
// Memory     about 64 bytes a known source, at most 20,000 of them.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "detectors/detector.h"
#include "detectors/source_ranking.h"

namespace costdrift::detectors {

struct UnattributedOptions {
  std::vector<core::Dimension> watch;     // whose values make a source
  std::vector<core::Dimension> owned_by;  // a call that has one of these has an owner
  core::NanoUsd least{};                  // of new sources, worth a finding
};

class UnattributedJudge final : public SeriesJudge {
 public:
  // The options outlive the judge.
  explicit UnattributedJudge(const UnattributedOptions& options) : options_(options) {}

  void observe(const Observation& observation, std::vector<core::Finding>& findings) override;
  // What is new is known from now on.
  void rebase(const core::SeriesKey& of) override;
  void save_lanes(core::ByteWriter& out) const override;
  void save_model(core::ByteWriter& out) const override;
  bool restore(std::string_view lanes, std::string_view model) override;
  std::size_t memory_bytes() const override;

 private:
  struct Minute {
    core::EventTime start;
    core::NanoUsd cost;
    std::int64_t calls = 0;
  };
  using Owners = std::map<core::Label, core::AttributeSet>;

  Minute count(const core::ClosedBucket& bucket);
  SourceValues source_of(const core::SeriesKey& series, const core::AttributeSet& set) const;
  bool owned(const core::AttributeSet& set) const;
  void learn_owner(const SourceValues& values, const core::AttributeSet& set);
  void next_day(core::EventTime now);
  void follow(const Observation& observation, std::vector<core::Finding>& findings);
  core::Finding describe(const core::ClosedBucket& bucket) const;
  std::string note(const std::vector<NewSource>& dearest) const;
  std::string likely_owner(const NewSource& source) const;
  void unlatch();

  const UnattributedOptions& options_;
  core::EventTime first_ = core::EventTime::max();
  core::EventTime day_ = core::EventTime::min();
  SourceRanking sources_;
  Owners owners_, owners_before_;  // of today and yesterday: who owns the calls that share a value
  // Since the first call of a new source that was not told, or since the onset.
  std::optional<core::EventTime> onset_;
  core::NanoUsd cost_;
  std::int64_t calls_ = 0;
  core::EventTime last_new_ = core::EventTime::min();
  std::deque<Minute> hour_;  // minutes of the last hour with calls of new sources
  std::optional<core::EventTime> latched_, next_report_;
  core::Finding finding_;
};

}  // namespace costdrift::detectors
