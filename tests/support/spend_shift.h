// SpendShift: calls of an organisation before and after one known cause raised their cost by 10 to 15 %, in cells of
// five dimensions: 20 apps in 8 teams, 6 models of 3 providers, 40 use cases. The cost of a call is additive in logs.
#pragma once

#include <cstdint>

#include "core/finding.h"
#include "detectors/stats/attribution.h"

namespace costdrift::tests {

enum class Injected : std::uint8_t { app_dearer, model_price, use_case_dearer, app_changes_model, app_busier };
inline constexpr int kInjected = 5;

struct SpendShift {
  std::map<core::AttributeSet, detectors::stats::CellChange> cells;
  double calls_ratio = 0;  // calls expected after for one before
  core::Driver truth;
};

// The same for the same seed.
SpendShift make_spend_shift(std::uint64_t seed, Injected injected);

}  // namespace costdrift::tests
