// Stable hashes (XXH3): the same bytes give the same number on every machine and in every version of costdrift.
// Stored and sent (incident ids, de-duplication), so the algorithm must never change.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace costdrift::core {

std::uint64_t hash64(std::string_view bytes);
// 128 bits as 32 lower-case hex digits.
std::string hash128_hex(std::string_view bytes);

}  // namespace costdrift::core
