// ModeWatch: what one series has shown so far as a set of modes, and evidence that it now shows something else.
//
// Operation  windows of 6 h (extended up to 48 h until they hold 50 calls) are learned as modes when they close; a
//            window with evidence in it is suspect and waits 48 h. Blocks of an hour are tested against the hull of the
//            modes (mode_lanes.h), provisionally every quarter of an hour if a shape of its own would explain the calls
//            so far better; window means are tested for a level shift inside the hull (level_shift.h). While an incident
//            is open (`latched`) nothing is learned and nothing proposed.
// Limits     silent until four windows have closed.
// Memory     at most 16 modes, 56 windows, 13 lanes, the open block: below 12 KiB when saved. The window's own counts
//            are read from the history when it closes.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "detectors/detector.h"
#include "detectors/drift_model.h"
#include "detectors/mode_lanes.h"
#include "detectors/money_gate.h"
#include "detectors/stats/level_shift.h"
#include "detectors/stats/modes.h"

namespace costdrift::detectors {

// How a drift was found, which decides how it is measured.
enum class DriftKind : std::uint8_t {
  moved = 0,   // a transform of known shapes: fitted
  unseen = 1,  // a shape that is no transform of a known one: by means
  level = 2,   // a shift inside the hull: by means
  crept = 3,   // slowly away from the anchor: by means
};

struct Proposal {
  DriftKind kind = DriftKind::moved;
  core::EventTime onset, onset_earliest, onset_latest;
  double log_evidence = 0;
  double usual_mean = 0;  // level: the mean before
  bool by_fast_rule = false;
};

// What the calls since an onset would have been without the drift.
struct Counterfactual {
  core::Counts counts;  // mixture of the modes
  double mean = 0;
  double gain = 0;         // of the best lane, nats
  double known_calls = 0;  // by which the modes are known
};

class ModeWatch {
 public:
  explicit ModeWatch(const DriftModel& model) : model_(model) {}

  // The next bucket with the metric. A proposal has evidence and effect; money is the caller's to weigh. `clumping`:
  // Baseline::clumping().
  std::optional<Proposal> observe(const Observation& observation, const core::Counts& counts, double clumping,
                                  bool latched);

  // Several modes, so that evidence against one pooled baseline is not enough.
  bool several() const { return modes_.size() > 1; }
  bool ready() const { return windows_seen_ >= 4 && !modes_.empty(); }
  // For several modes.
  Counterfactual without_drift(const core::Counts& since) const;
  double null_mean(const core::Counts& since) const;
  core::NanoUsd money_floor(core::EventTime now, double false_pages_per_week) const;
  // Evidence, nats, that `counts` are of the known modes rather than of `drifted`, the calls since the onset.
  double recovery_gain(const core::Counts& counts, const core::Counts& drifted) const;

  void excursion_ended(core::EventTime at, core::NanoUsd excess) { money_.excursion_ended(at, excess); }
  // The windows since the onset belong to a drift that is over: those of the last 48 h are never learned.
  void forget_since(core::EventTime onset, core::EventTime now);
  // What was seen since the onset is normal from now on; silent until the next window has closed.
  void accept_since(core::EventTime onset);
  // A latch opened: the open block and window hold calls of before and after.
  void restart_lanes();

  void save_lanes(core::ByteWriter& out) const;
  void restore_lanes(core::ByteReader& in);
  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in);
  // True once after modes or windows changed.
  bool take_changed() { return std::exchange(changed_, false); }

 private:
  struct Window {
    core::EventTime start, end;
  };
  std::optional<Proposal> roll_window(const Observation& observation, bool latched);
  std::optional<Proposal> close_window(const Observation& observation, const core::BucketSummary& sum, bool latched);
  void restart_from_accepted();
  void learn_due(const Observation& observation, bool latched);
  bool learn(const core::Counts& counts, core::EventTime end);
  std::optional<Proposal> add_to_block(const Observation& observation, const core::Counts& counts, double clumping,
                                       bool latched);
  std::optional<Proposal> test_block(const Observation& observation, double clumping, bool commit, bool latched);
  // Would a shape of its own explain the block better than the modes do? Then it is worth the thirteen fits.
  bool could_be_new() const;
  bool judges_tails() const;
  core::NanoUsd stake(const core::Totals& totals) const;
  double usual_mean() const;

  const DriftModel& model_;
  stats::Modes modes_;
  MoneyGate money_;
  ModeLanes lanes_;
  std::vector<stats::WindowMean> means_;
  std::vector<Window> pending_;  // suspect, or not learned while latched
  core::Counts closed_;          // the last closed window
  core::Counts recent_;          // the one that was that when the open block began
  std::int64_t windows_seen_ = 0;
  core::EventTime accepted_since_ = core::EventTime::max();
  core::EventTime slot_ = core::EventTime::min(), window_start_;  // the open window
  bool suspect_ = false;
  core::Counts block_;
  core::EventTime block_start_, tested_at_;
  core::NanoUsd block_stake_;
  double calls_tested_ = 0;
  bool changed_ = false;
};

}  // namespace costdrift::detectors
