#include "state/ordered_key.h"

namespace costdrift::state {
namespace {

constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

}  // namespace

OrderedKey& OrderedKey::u32(std::uint32_t value) {
  append_big_endian(bytes_, value, 4);
  return *this;
}

OrderedKey& OrderedKey::u64(std::uint64_t value) {
  append_big_endian(bytes_, value, 8);
  return *this;
}

OrderedKey& OrderedKey::time(core::EventTime value) { return u64(static_cast<std::uint64_t>(value.us) ^ kSignBit); }

OrderedKey& OrderedKey::text(std::string_view value) {
  for (const char c : value) bytes_.push_back(c == '\0' ? '\xff' : c);
  bytes_.push_back('\0');
  return *this;
}

OrderedKey& OrderedKey::rest(std::string_view value) {
  bytes_.append(value);
  return *this;
}

std::uint64_t OrderedKeyReader::u64() {
  const std::uint64_t high = u32();
  return (high << 32) | u32();
}

std::uint32_t OrderedKeyReader::u32() {
  if (rest_.size() < 4) {
    failed_ = true;
    rest_ = {};
    return 0;
  }
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = (value << 8) | static_cast<unsigned char>(rest_[static_cast<std::size_t>(i)]);
  rest_.remove_prefix(4);
  return value;
}

core::EventTime OrderedKeyReader::time() { return {static_cast<std::int64_t>(u64() ^ kSignBit)}; }

std::string_view OrderedKeyReader::text() {
  const std::size_t end = rest_.find('\0');
  if (end == std::string_view::npos) {
    failed_ = true;
    return {};
  }
  const std::string_view value = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return value;
}

std::string end_of_prefix(std::string prefix) {
  while (!prefix.empty()) {
    const auto last = static_cast<unsigned char>(prefix.back());
    if (last != 0xff) {
      prefix.back() = static_cast<char>(last + 1);
      return prefix;
    }
    prefix.pop_back();
  }
  return prefix;
}

}  // namespace costdrift::state
