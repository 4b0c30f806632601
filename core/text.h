// Text for people and for logs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace costdrift::core {

// "1,234,567".
std::string group_digits(std::int64_t value);

// A measured number in a sentence: thousands grouped from 1,000, otherwise three significant digits: "2,592",
// "31.4", "0.052".
std::string describe_number(double value);

// "+31 %", "-8.5 %", "0 %": two significant digits, at most one decimal. From +9,900 % on "over 100 times": against almost
// nothing the number says how little that was.
std::string describe_percent(double ratio);

// Makes hostile bytes harmless on one line: C0, C1, DEL, U+2028, U+2029, bidi controls and invalid UTF-8 become
// \xNN; at most max_bytes bytes of output (cut on a code point, marked with "...").
std::string escape_for_log(std::string_view text, std::size_t max_bytes = 256);

// Cuts on a code point boundary so that at most max_code_points remain, the last one an ellipsis if cut.
std::string truncate_code_points(std::string_view text, std::size_t max_code_points);

bool is_valid_utf8(std::string_view text);

}  // namespace costdrift::core
