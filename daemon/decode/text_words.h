// Short texts as machine words, for the hot path of the decoder: a text of at most 16 bytes is equal to another exactly
// when both words and the length are.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace costdrift::daemon {

static_assert(std::endian::native == std::endian::little);

template <class Word>
constexpr std::uint64_t load_word(const char* bytes) {
  Word word = 0;
  if (std::is_constant_evaluated()) {
    for (std::size_t i = sizeof(Word); i-- > 0;) {
      word = static_cast<Word>((word << 8) | static_cast<unsigned char>(bytes[i]));
    }
  } else {
    std::memcpy(&word, bytes, sizeof word);
  }
  return word;
}

struct TextWords {
  std::uint64_t first = 0;  // the first 8 bytes; of a text of 4 to 7 bytes the first 4
  std::uint64_t last = 0;   // the last 8 bytes, which may overlap the first; 0 for a text of less than 4 bytes
  constexpr bool operator==(const TextWords&) const = default;
};

constexpr TextWords words_of(std::string_view text) {
  const char* bytes = text.data();
  const std::size_t size = text.size();
  if (size >= 8) return {load_word<std::uint64_t>(bytes), load_word<std::uint64_t>(bytes + size - 8)};
  if (size >= 4) return {load_word<std::uint32_t>(bytes), load_word<std::uint32_t>(bytes + size - 4)};
  if (size == 0) return {};
  const auto at = [bytes](std::size_t i) { return static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])); };
  return {at(0) | (at(size / 2) << 8) | (at(size - 1) << 16), 0};
}

}  // namespace costdrift::daemon
