// ModeLanes: evidence against the hull of a series' modes, block by block (an hour or 30 calls, whichever is longer).
//
// Operation  lane k holds ln R, R = (R + n) exp(gain / (2 c)): the gain is a generalised likelihood ratio with two
//            fitted sides, hence the half; c is the clumping of calls, which the modes, of six hours each, do not know
//            of, times 1 + n / N: n calls since the lane's start against modes that N calls have shown, whose own
//            error is as large as theirs when N = n. A lane that falls to the value of a fresh start restarts; its
//            accumulators since then say since when, how much and what it cost. The last lane is "recent": the shape
//            of the last closed window, which finds new shapes that are no transform of an old one (families that move
//            values).
// Gates      a candidate has ln R >= 13.8, a mean gain of 0.04 nats a call, a quarter of an hour and 50 calls; for
//            families that move values also 0.95 of `min_effect` against the counterfactual and against the usual
//            level.
// Memory     13 lanes of 10 numbers.
#pragma once

#include <optional>
#include <vector>

#include "core/bytes.h"
#include "core/money.h"
#include "core/time.h"
#include "detectors/money_gate.h"
#include "detectors/stats/hull.h"

namespace costdrift::detectors {

// ln R that a gain over `calls` comes to, when all of them are of one block. `known_calls`: by which the modes are known.
double mode_evidence(double calls, double gain, double clumping, double known_calls);

inline constexpr double kModeEvidence = 13.8;  // ln 1e6
inline constexpr double kModeGain = 0.04;      // nats a call
inline constexpr double kEffectMargin =
    0.95;  // a drift of exactly min_effect is estimated a little below it half the time

struct Block {
  core::EventTime start, end;
  double calls = 0;
  double mean = 0;  // of the metric
  core::NanoUsd stake;
  double clumping = 1;  // Baseline::clumping()
};

// One block against the hull.
struct BlockFit {
  stats::HullFit hull;
  double null_mean = 0;
  double known_calls = 0;  // by which the null is known
  std::optional<double> recent_gain;
};

struct LaneCandidate {
  core::EventTime since;
  double log_evidence = 0;
  bool recent = false;  // by the lane "recent": no transform of a known shape
};

class ModeLanes {
 public:
  // `usual_mean`: median of the window means; 0 when the family does not move values (no gate on means then).
  // Provisional (commit == false): nothing is kept.
  std::optional<LaneCandidate> update(const Block& block, const BlockFit& fit, double usual_mean, double min_effect,
                                      bool commit, MoneyGate& money);
  // ln R of the strongest lane in the last update.
  double highest() const { return highest_; }
  void reset() { lanes_.clear(); }

  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in);

 private:
  struct Lane {
    double log_r = 0;
    bool running = false;
    bool hot = false;  // has had the evidence of a candidate
    core::EventTime since;
    double calls = 0, gain = 0;
    double seen = 0, expected = 0, usual = 0;  // sums of the metric
    core::NanoUsd excess, highest_excess;
  };
  struct Alternative {
    double gain = 0;
    double expected_mean = 0;
    double known_calls = 0;
    bool recent = false;
  };
  static std::vector<std::optional<Alternative>> alternatives(const Block& block, const BlockFit& fit);
  static Lane advanced(const Lane& lane, const Block& block, const Alternative& alternative, double usual_mean);
  static bool passes(const Lane& lane, const Block& block, double usual_mean, double min_effect);
  std::vector<Lane> lanes_;
  double highest_ = -5;
};

}  // namespace costdrift::detectors
