// Reading UTF-8 one code point at a time, strictly: no overlong forms, surrogates or values above U+10FFFF.
#pragma once

#include <cstdint>
#include <string_view>

namespace costdrift::core {

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

// The code point at the start of `text`, which must not be empty. When the bytes are not UTF-8: one byte, not valid.
CodePoint first_code_point(std::string_view text);

}  // namespace costdrift::core
