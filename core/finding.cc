#include "core/finding.h"

#include <cmath>

namespace costdrift::core {

std::string_view cost_part_name(CostPart part) {
  switch (part) {
    case CostPart::volume:
      return "volume";
    case CostPart::price:
      return "price";
    case CostPart::mix:
      return "mix";
    case CostPart::input:
      return "input";
    case CostPart::output:
      return "output";
    case CostPart::cache:
      return "cache";
    case CostPart::retry:
      return "retry";
    case CostPart::steps:
      return "steps";
  }
  bug("CostPart out of range");
}

bool material(const Finding& finding, double min_effect) {
  return std::abs(finding.effect) >= 0.95 * min_effect && finding.harm_low >= 0.5 * min_effect;
}

std::string_view driver_kind_name(DriverKind kind) {
  switch (kind) {
    case DriverKind::rate:
      return "rate";
    case DriverKind::mix:
      return "mix";
    case DriverKind::volume:
      return "volume";
  }
  bug("DriverKind out of range");
}

}  // namespace costdrift::core
