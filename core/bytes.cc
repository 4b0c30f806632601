#include "core/bytes.h"

#include <algorithm>
#include <bit>

namespace costdrift::core {

void ByteWriter::u64(std::uint64_t value) {
  if (value < 0x80) return bytes_.push_back(static_cast<char>(value));
  char bytes[10];
  std::size_t size = 0;
  while (value >= 0x80) {
    bytes[size++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes[size++] = static_cast<char>(value);
  bytes_.append(bytes, size);
}

void ByteWriter::i64(std::int64_t value) {
  u64((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

void ByteWriter::f64(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  for (int shift = 0; shift < 64; shift += 8) bytes_.push_back(static_cast<char>(bits >> shift));
}

void ByteWriter::text(std::string_view value) {
  u64(value.size());
  bytes_.append(value);
}

void ByteReader::fail() {
  failed_ = true;
  rest_ = {};
}

std::uint64_t ByteReader::u64() {
  if (!rest_.empty() && static_cast<unsigned char>(rest_.front()) < 0x80) {
    const auto small = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return small;
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < rest_.size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>(rest_[i]);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if (byte >= 0x80) continue;
    const bool too_large = i == 9 && byte > 1;
    const bool padded = i > 0 && byte == 0;
    if (too_large || padded) break;
    rest_.remove_prefix(i + 1);
    return value;
  }
  fail();
  return 0;
}

std::int64_t ByteReader::i64() {
  const std::uint64_t zigzag = u64();
  return static_cast<std::int64_t>((zigzag >> 1) ^ (~(zigzag & 1) + 1));
}

double ByteReader::f64() {
  if (rest_.size() < 8) {
    fail();
    return 0;
  }
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i) bits |= std::uint64_t{static_cast<unsigned char>(rest_[i])} << (8 * i);
  rest_.remove_prefix(8);
  return std::bit_cast<double>(bits);
}

std::string ByteReader::text() {
  const std::size_t size = count();
  std::string value(rest_.substr(0, size));
  rest_.remove_prefix(size);
  return value;
}

std::size_t ByteReader::count(std::size_t min_bytes) {
  const std::uint64_t items = u64();
  if (items <= rest_.size() / std::max<std::size_t>(min_bytes, 1)) return static_cast<std::size_t>(items);
  fail();
  return 0;
}

}  // namespace costdrift::core
