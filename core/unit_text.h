// Values with their units, for sentences.
#pragma once

#include <string>
#include <string_view>

namespace costdrift::core {

// Is a value of this unit a part of a whole, to be read in percent?
bool is_share(std::string_view unit);

// Without its unit, which the name of the quantity tells: "$0.031", "840 ms", "12.5 %", "2,592".
std::string describe_value(double value, std::string_view unit);

}  // namespace costdrift::core
