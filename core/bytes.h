// ByteWriter / ByteReader: the one encoding of everything that costdrift persists (state/FORMAT.md).
//
// Integers are LEB128 varints (signed ones zig-zag), doubles their 8 little-endian bytes (bit-exact), texts a varint
// length and the bytes. There are no tags: a record's version says what follows. Every value has exactly one encoding
// (padded varints are malformed), so equal records are equal bytes and the other way round.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace costdrift::core {

class ByteWriter {
 public:
  void u64(std::uint64_t value);
  void i64(std::int64_t value);
  void f64(double value);
  void boolean(bool value) { u64(value ? 1 : 0); }
  void text(std::string_view value);
  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::move(bytes_); }
  void clear() { bytes_.clear(); }

 private:
  std::string bytes_;
};

// Reading past the end or a malformed varint sets failed(), drops the rest and yields zeros from then on; check
// finished() once at the end. The bytes are borrowed.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t u64();
  std::int64_t i64();
  double f64();
  bool boolean() { return u64() != 0; }
  std::string text();
  // A count of items that follow, each at least `min_bytes` long; 0 and failed() when that many cannot follow.
  std::size_t count(std::size_t min_bytes = 1);
  bool failed() const { return failed_; }
  // True when nothing failed and every byte was read.
  bool finished() const { return !failed_ && rest_.empty(); }
  bool at_end() const { return rest_.empty(); }

 private:
  void fail();
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace costdrift::core
