// Finding: what one detector says about one series now. Plain data; the incident life cycle decides what to do.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/bucket_summary.h"
#include "core/money.h"
#include "core/series.h"
#include "core/time.h"

namespace costdrift::core {

// Where the extra dollars come from; the parts of a finding add up to its excess.
enum class CostPart : std::uint8_t { volume, price, mix, input, output, cache, retry, steps };
inline constexpr int kCostParts = 8;
// "volume", "price", ... : the keys of usd.split in the alert event.
std::string_view cost_part_name(CostPart part);

enum class FindingPhase : std::uint8_t {
  drifting = 0,   // evidence is over the threshold and the change goes on
  recovered = 1,  // the reverse test says that the series is back at its baseline
  absorbed = 2,   // it goes on, but has been learned as normal
};

// How a value of a dimension makes the excess.
enum class DriverKind : std::uint8_t {
  rate = 0,    // its calls cost more than such calls used to
  mix = 1,     // its calls moved to other models
  volume = 2,  // there are more of its calls
};
// "rate", "mix", "volume".
std::string_view driver_kind_name(DriverKind kind);

struct Driver {
  Dimension dimension = Dimension::app;
  std::string value;
  double share = 0;  // of the excess, 0..1
  DriverKind kind = DriverKind::rate;
  bool operator==(const Driver&) const = default;
};

// Dollars by cause of a whole, which the parts add up to exactly. Indexed by CostPart.
using CostSplit = std::array<NanoUsd, kCostParts>;

struct Finding {
  std::string detector;
  SeriesKey series;
  std::string aspect;  // what within the series it is about, e.g. a run id; empty: the series as a whole
  FindingPhase phase = FindingPhase::drifting;

  EventTime evaluated_at;
  EventTime onset, onset_earliest, onset_latest;  // change time and its 80 % interval

  std::string unit;      // "tokens/call"
  std::string quantity;  // for sentences: "input tokens per call"
  double expected = 0, observed = 0;
  // Relative change of the quantity, observed / expected - 1, with its 80 % interval. For quantities where less is
  // worse (cache hit rate) it is negative. Harm is always > 0 in `harm_low`.
  double effect = 0, effect_low = 0, effect_high = 0;
  // The lower 90 % bound of the relative harm: what the practical-significance gate looks at (material()).
  double harm_low = 0;
  double log10_evidence = 0;

  // The detector sees consequences (cost) rather than a cause: it leads an incident only when no cause explains at
  // least half as many dollars.
  bool symptom = false;

  // The detector sees a part of what another one sees as a whole (retrieved context within the prompt): it leads when
  // it explains about as many dollars.
  bool specific = false;

  // A hard limit or budget was crossed: exact, needs no gate.
  bool hard_limit = false;
  // The effect is arithmetic, not an estimate: min_effect does not apply, money decides between ticket and page.
  bool exact = false;
  // Told in an incident of its own: it joins no other one of its series, and no earlier one makes it an echo.
  bool told_alone = false;

  std::int64_t calls = 0;  // since onset
  NanoUsd excess_so_far;   // dollars above what the baseline would have cost, since onset
  double excess_usd_per_hour = 0;
  // At the calls of the last week; nullopt: the series is younger than a day, or the excess is not one per call. Then a
  // month costs 720 times the hour.
  std::optional<double> excess_usd_per_month;
  // Dollars that are spent as before, but in another place: no excess, yet they explain the rise of a roll-up that
  // they came to.
  double moved_usd_per_hour = 0;
  bool money_known = true;          // false: no call since onset had a known cost
  bool monetary = true;             // false: the quantity itself has no price (latency); money_known is then false too
  bool page_without_money = false;  // a page although no dollars are known: the configuration asks for it
  // What was lost so far is less than this series, with its habit of showing new shapes, loses for nothing: a ticket
  // until it is more (detectors/README.md "Tickets and pages").
  bool below_money_gate = false;
  CostPart cost_part = CostPart::input;
  CostSplit split{};  // adds up to excess_so_far; all zero: everything is in cost_part

  std::vector<Driver> drivers;
  std::vector<Sample> samples;
  AttributeSet attributes;  // the commonest value of each dimension since onset (owner, team, env, ...)
  std::string note;         // one more sentence for a person; may be empty
  std::string quiet_if;     // what ends it, for a person; empty: effect or money falls below its gate
};

// Practical significance: the estimate reaches `min_effect` (less 5 %, or a drift of exactly that would be missed every
// other time) and the lower bound of the harm half of it.
bool material(const Finding& finding, double min_effect);

}  // namespace costdrift::core
