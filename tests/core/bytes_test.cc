#include "core/bytes.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace costdrift::core {
namespace {

constexpr std::uint64_t kUnsigned[] = {0, 1, 127, 128, 16'383, 16'384, std::uint64_t{1} << 63, ~std::uint64_t{0}};
constexpr std::int64_t kSigned[] = {0,
                                    -1,
                                    1,
                                    63,
                                    64,
                                    -64,
                                    -65,
                                    300,
                                    std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max()};
constexpr double kDoubles[] = {0.0, -0.0, 1.5, -1e300, 5e-324, std::numeric_limits<double>::infinity()};

std::string sample_record() {
  ByteWriter writer;
  for (const auto value : kUnsigned) writer.u64(value);
  for (const auto value : kSigned) writer.i64(value);
  for (const auto value : kDoubles) writer.f64(value);
  writer.boolean(true);
  writer.text("");
  writer.text(std::string("with\0nul", 8));
  writer.text(std::string(300, 'x'));
  return writer.take();
}

void read_record(ByteReader& reader) {
  for (std::size_t i = 0; i < std::size(kUnsigned); ++i) reader.u64();
  for (std::size_t i = 0; i < std::size(kSigned); ++i) reader.i64();
  for (std::size_t i = 0; i < std::size(kDoubles); ++i) reader.f64();
  reader.boolean();
  for (int i = 0; i < 3; ++i) reader.text();
}

TEST(Bytes, ReadBackWhatWasWritten) {
  const std::string record = sample_record();
  ByteReader reader(record);
  for (const auto value : kUnsigned) EXPECT_EQ(reader.u64(), value);
  for (const auto value : kSigned) EXPECT_EQ(reader.i64(), value);
  for (const auto value : kDoubles) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(reader.f64()), std::bit_cast<std::uint64_t>(value));
  }
  EXPECT_TRUE(reader.boolean());
  EXPECT_EQ(reader.text(), "");
  EXPECT_EQ(reader.text(), std::string("with\0nul", 8));
  EXPECT_FALSE(reader.finished()) << "one text is left";
  EXPECT_EQ(reader.text(), std::string(300, 'x'));
  EXPECT_TRUE(reader.finished());
}

TEST(Bytes, EveryTruncationIsNoticed) {
  const std::string record = sample_record();
  for (std::size_t size = 0; size < record.size(); ++size) {
    ByteReader reader(std::string_view(record).substr(0, size));
    read_record(reader);
    EXPECT_TRUE(reader.failed()) << size;
    EXPECT_FALSE(reader.finished()) << size;
  }
}

TEST(Bytes, EncodingIsFixed) {
  ByteWriter writer;
  writer.u64(300);
  writer.i64(-2);
  writer.f64(1.0);
  writer.text("ab");
  EXPECT_EQ(writer.bytes(), std::string("\xac\x02\x03\0\0\0\0\0\0\xf0\x3f\x02"
                                        "ab",
                                        14));
}

TEST(Bytes, MalformedVarintsFail) {
  const std::string eleven = std::string(10, '\x80') + '\x01';
  const std::string too_large = std::string(9, '\xff') + '\x02';
  const std::string padded("\x81\x00", 2);
  for (const std::string& bytes : {eleven, too_large, padded, std::string("\x80"), std::string()}) {
    ByteReader reader(bytes);
    EXPECT_EQ(reader.u64(), 0u);
    EXPECT_TRUE(reader.failed());
    EXPECT_TRUE(reader.at_end()) << "a loop until at_end() must end";
  }
}

TEST(Bytes, AfterAFailureEverythingIsZero) {
  ByteReader reader(std::string_view("\x05zz", 3));
  EXPECT_EQ(reader.text(), "");
  EXPECT_EQ(reader.u64(), 0u);
  EXPECT_EQ(reader.f64(), 0.0);
  EXPECT_EQ(reader.text(), "");
  EXPECT_EQ(reader.count(), 0u);
  EXPECT_TRUE(reader.failed());
}

TEST(Bytes, ACountCannotPromiseMoreThanFollows) {
  ByteWriter writer;
  writer.u64(3);
  for (int i = 0; i < 3; ++i) writer.f64(i);
  EXPECT_EQ(ByteReader(writer.bytes()).count(8), 3u);
  EXPECT_EQ(ByteReader(writer.bytes()).count(9), 0u);
  ByteWriter huge;
  huge.u64(~std::uint64_t{0});
  ByteReader reader(huge.bytes());
  EXPECT_EQ(reader.count(16), 0u);
  EXPECT_TRUE(reader.failed());
}

}  // namespace
}  // namespace costdrift::core
