// How much the m-th call of an agent run counts, in 1/65536 call.
//
// The calls of one run resemble each other (correlation 0.9), so m of them are worth m / (1 + (m - 1) * 0.9) calls, and
// the m-th adds the difference: 10 / ((9m + 1) * (9m - 8)). The first counts as one call, none for less than 1/65536.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/metric.h"

namespace costdrift::state {

constexpr core::Weight run_weight(std::int64_t place) {
  constexpr std::int64_t kFarthest = 1'000'000;  // weighs the least long before; keeps the product small
  const std::int64_t m = std::clamp<std::int64_t>(place, 1, kFarthest);
  const std::int64_t divisor = (9 * m + 1) * (9 * m - 8);
  return std::max<core::Weight>((core::kOneCall * 10 + divisor / 2) / divisor, 1);
}

}  // namespace costdrift::state
