#include "core/finding.h"

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

}  // namespace costdrift::core
