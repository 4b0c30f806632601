// DriftModel: what one detector knows that the common kernel does not: its metric, its alternatives, its words and its
// money. A detector is one or several DriftModels plus an entry in detectors.def.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/finding.h"
#include "detectors/baseline.h"
#include "detectors/stats/estimate.h"
#include "detectors/stats/lanes.h"

namespace costdrift::detectors {

// What changed between the baseline and the calls since the onset, in the detector's own quantity.
struct Measured {
  stats::Effect effect;
  double harm_low = 0;                      // lower 90 % bound of the relative harm
  core::NanoUsd excess;                     // dollars since onset beyond what the baseline would have cost
  bool money_known = true;                  // false: no call since onset had a known cost
  std::string note;                         // one more sentence for a person; may be empty
  std::optional<core::CostPart> cost_part;  // where the excess sits, when it is not always DriftModel::cost_part
};

struct DriftModel {
  std::string_view detector;
  std::string_view metric;
  std::string_view quantity;     // for sentences: "input tokens per call"
  std::string_view unit;         // "tokens/call"
  std::string_view aspect = {};  // as Finding::aspect, to tell several models of one detector apart
  core::CostPart cost_part = core::CostPart::input;
  // As in Finding.
  bool symptom = false;
  bool specific = false;
  bool monetary = true;
  bool page_without_money = false;
  stats::LaneFamily family;
  // Siblings say what to expect of a new series, so that a large drift is found on its first day.
  bool from_first_day = false;
  // Whether the baseline says enough to judge by, beyond Baseline::ready(); null: it does.
  bool (*enough)(const Baseline& baseline) = nullptr;
  // `since` holds at least one observation of the metric, `baseline` is ready.
  Measured (*measure)(const Baseline& baseline, const core::BucketSummary& since, double inflation) = nullptr;
};

}  // namespace costdrift::detectors
