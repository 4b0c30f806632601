// PriceJudge: whether the calls of one series are billed as they used to be. Arithmetic, no statistics.
//
// Operation  In the first 24 h of a series every ratio of reported to listed cost is learned (several are normal:
//            contracts differ by tier, region, account). After that a call is "off" when its ratio is more than half a
//            percent away from every known one. It latches when three calls in a row are off by the same ratio (calls
//            of one bucket have no order, so only buckets count in which every call is off), or thirty calls, 1 % of
//            all, within a day. A ratio that has fewer in a day is learned. A lower price is learned at once, in place
//            of what was known, so that its end is noticed. Being recorded as free is no lower price: it latches. While
//            latched the finding is made anew every ten minutes. The latch opens when thirty calls in a row have known
//            ratios.
// Memory     at most kMaxKnown ratios; of a series that shows more, further ones count as known.
#pragma once

#include <optional>
#include <set>

#include "detectors/detector.h"

namespace costdrift::detectors {

class PriceJudge final : public SeriesJudge {
 public:
  static constexpr std::size_t kMaxKnown = 512;
  PriceJudge(std::string_view detector, core::SeriesKey series) : detector_(detector), series_(std::move(series)) {}

  void observe(const Observation& observation, std::vector<core::Finding>& findings) override;
  void rebase(const core::SeriesKey& of) override;
  void save_lanes(core::ByteWriter& out) const override;
  void save_model(core::ByteWriter& out) const override;
  bool restore(std::string_view lanes, std::string_view model) override;
  std::size_t memory_bytes() const override { return sizeof *this + known_.size() * 48; }

 private:
  // A ratio that is not known and was seen lately.
  struct Candidate {
    std::int16_t bin = 0;
    std::int64_t calls = 0;     // with this ratio
    std::int64_t in_a_row = 0;  // with this ratio, in buckets in which every call is off
    std::int64_t of = 0;        // calls of any ratio since `first`
    core::EventTime first;
  };
  struct Latch {
    std::int16_t bin = 0;
    core::EventTime onset, next_report;
    core::Finding finding;
  };
  // The calls of one bucket.
  struct Seen {
    std::int64_t known = 0, off = 0;
    std::int16_t commonest_off = 0;
    std::int64_t commonest_off_calls = 0;
  };

  bool is_known(std::int16_t bin) const;
  void learn(const core::Counts& counts, const core::Totals& totals);
  void add_known(std::int16_t bin);
  Seen look_at(const core::Counts& counts) const;
  void follow_candidate(const core::ClosedBucket& bucket, const Seen& seen);
  bool decided() const;
  bool is_cheaper(const Candidate& candidate, const Observation& observation) const;
  void change(const Observation& observation, std::vector<core::Finding>& findings);
  void follow_latch(const Observation& observation, const Seen& seen, std::vector<core::Finding>& findings);
  core::Finding describe(const Observation& observation) const;
  double usual_ratio() const;

  std::string_view detector_;
  core::SeriesKey series_;
  core::EventTime first_ = core::EventTime::max();  // first bucket of the series
  std::set<std::int16_t> known_;
  std::int64_t learned_calls_ = 0;
  core::NanoUsd learned_cost_, learned_list_;  // over buckets in which every call was known
  std::optional<Candidate> candidate_;
  std::int64_t calm_ = 0;  // latched: known calls since the last one that was off
  std::optional<Latch> latch_;
};

}  // namespace costdrift::detectors
