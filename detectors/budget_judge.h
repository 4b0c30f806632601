// BudgetJudge: every budget against its limit. Exact, no statistics but in the forecast.
//
// Operation  judged on the roll-up of everything, minute by minute. Per budget and period it says once: each threshold
//            that is passed; that the forecast lies over the limit. That it burns too fast (windows of the SRE workbook
//            inside the period, rates relative to the expected path) is said while something is left, at most once a
//            day, and ends when the long window burns at half of the rate: traffic comes in bursts. What was said
//            recovers when the period ends. Passing 100 % and the two fast burn rates are hard limits (pages); all else
//            is a ticket.
// Late       calls that came too late for their bucket count for the period in which they took place, as long as it
//            lasts; those that come after its end are in the ledger only.
// Limits     a budget counts from the first minute that the judge sees after it was configured.
// Memory     about 8 KB per budget.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "detectors/budget_meter.h"
#include "detectors/calendar.h"
#include "detectors/detector.h"

namespace costdrift::detectors {

struct BudgetSpec {
  std::string name;
  std::optional<core::Dimension> dimension;  // app, team or use_case; none: everything
  std::string value;                         // of the dimension
  bool tokens = false;                       // input + output tokens instead of dollars
  std::int64_t limit = 0;                    // nano-dollars or tokens
  Period period = Period::month;
  Calendar calendar;
  std::vector<std::int64_t> thresholds;  // percent, rising
};

// What the bucket of everything (with its parts) uses of a budget.
std::int64_t amount_in(const core::ClosedBucket& bucket, const BudgetSpec& spec);
// What the late calls of `bucket` that took place in begin..end use of it.
std::int64_t late_amount_in(const core::ClosedBucket& bucket, const BudgetSpec& spec, core::EventTime begin,
                            core::EventTime end);

class BudgetJudge final : public SeriesJudge {
 public:
  // The specs outlive the judge.
  explicit BudgetJudge(std::span<const BudgetSpec> specs) : specs_(specs) {}

  void observe(const Observation& observation, std::vector<core::Finding>& findings) override;
  void rebase(const core::SeriesKey&) override {}  // a limit is what it is
  void save_lanes(core::ByteWriter& out) const override;
  void save_model(core::ByteWriter& out) const override;
  bool restore(std::string_view lanes, std::string_view model) override;
  std::size_t memory_bytes() const override;

 private:
  struct State {
    BudgetMeter meter;
    core::EventTime begin, end = core::EventTime::min();  // of the period
    std::map<std::string, core::Finding> said;            // by aspect
    std::map<std::string, core::EventTime> burnt_at;      // when a burn was last said, by aspect
  };
  using Findings = std::vector<core::Finding>;
  void begin_period(const BudgetSpec& spec, State& state, core::EventTime now, Findings& findings);
  void check_thresholds(const BudgetSpec& spec, State& state, const core::ClosedBucket& bucket, Findings& findings);
  void check_burn(const BudgetSpec& spec, State& state, const core::ClosedBucket& bucket, Findings& findings);
  bool may_say_burn(const State& state, const std::string& aspect, core::EventTime now) const;
  void check_forecast(const BudgetSpec& spec, State& state, const core::ClosedBucket& bucket, Findings& findings);
  void say(State& state, core::Finding finding, Findings& findings);
  void take_back(State& state, const std::string& aspect, core::EventTime now, Findings& findings);

  std::span<const BudgetSpec> specs_;
  std::map<std::string, State> states_;  // by name
};

}  // namespace costdrift::detectors
