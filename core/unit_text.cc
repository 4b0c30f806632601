#include "core/unit_text.h"

#include <cmath>

#include "core/money.h"
#include "core/text.h"

namespace costdrift::core {

bool is_share(std::string_view unit) {
  return unit.starts_with("share of ") || unit == "retries/attempt" || unit == "cached/input tokens" ||
         unit == "dear/all USD";
}

std::string describe_value(double value, std::string_view unit) {
  if (unit == "USD" || unit.starts_with("USD/")) return format_usd(value);
  if (unit == "ms") return describe_number(std::round(value)) + " ms";
  if (is_share(unit)) return describe_number(std::round(value * 1000) / 10) + " %";
  return describe_number(value >= 100 ? std::round(value) : value);
}

}  // namespace costdrift::core
