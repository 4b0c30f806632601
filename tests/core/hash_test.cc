#include "core/hash.h"

#include <gtest/gtest.h>

namespace costdrift::core {
namespace {

// Reference values of xxhsum 0.8 (-H3 and -H2); they are stored and sent and must never change.
TEST(Hash, IsXxh3) {
  EXPECT_EQ(hash64(""), 0x2d06800538d394c2u);
  EXPECT_EQ(hash64("a"), 0xe6c632b61e964e1fu);
  EXPECT_EQ(hash128_hex(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(hash128_hex("a"), "a96faf705af16834e6c632b61e964e1f");
}

TEST(Hash, DependsOnEveryByte) {
  EXPECT_NE(hash64("a"), hash64(std::string("a\0", 2)));
  EXPECT_NE(hash128_hex("ab"), hash128_hex("ba"));
  EXPECT_EQ(hash128_hex(std::string(5000, 'x')).size(), 32u);
}

}  // namespace
}  // namespace costdrift::core
