#include "state/spend_sketch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "core/hash.h"

namespace costdrift::state {
namespace {

core::NanoUsd estimate(const SpendSketch& sketch, const std::string& name) {
  core::NanoUsd smallest{std::numeric_limits<std::int64_t>::max()};
  for (const std::size_t cell : SpendSketch::cells_of(core::hash64(name)))
    smallest = std::min(smallest, sketch.at(cell));
  return smallest;
}

// A hundred thousand series, a few of which cost most.
std::map<std::string, core::NanoUsd> spend_of_many(unsigned seed) {
  std::mt19937_64 random(seed);
  std::map<std::string, core::NanoUsd> truth;
  for (int i = 0; i < 100'000; ++i)
    truth["app" + std::to_string(i)].nano =
        i % 1'000 == 0 ? 1'000'000'000 : static_cast<std::int64_t>(random() % 10'000'000);
  return truth;
}

TEST(SpendSketch, IsNeverBelowTheTruthAndAlmostNeverAPercentOfAllAboveIt) {
  SpendSketch sketch;
  core::NanoUsd total;
  const auto truth = spend_of_many(1);
  for (const auto& [name, cost] : truth) {
    sketch.add(SpendSketch::cells_of(core::hash64(name)), cost);
    total += cost;
  }
  int too_high = 0;
  for (const auto& [name, cost] : truth) {
    ASSERT_GE(estimate(sketch, name), cost);
    too_high += (estimate(sketch, name) - cost).nano > total.nano / 100;
  }
  EXPECT_LE(too_high, 2) << "6e-6 of 100,000 is 0.6";
}

TEST(SpendSketch, ItsBytesGiveItBackAndNothingElseIsTaken) {
  SpendSketch sketch;
  for (int i = 0; i < 300; ++i) sketch.add(SpendSketch::cells_of(core::hash64(std::to_string(i))), {i});
  core::ByteWriter out;
  sketch.encode(out);
  core::ByteReader in(out.bytes());
  SpendSketch read;
  ASSERT_TRUE(read.decode(in) && in.finished());
  for (std::size_t cell = 0; cell < SpendSketch::kRows * SpendSketch::kColumns; ++cell)
    ASSERT_EQ(read.at(cell), sketch.at(cell));
  for (std::size_t length = 0; length < out.bytes().size(); ++length) {
    core::ByteReader cut(std::string_view(out.bytes()).substr(0, length));
    EXPECT_FALSE(SpendSketch().decode(cut)) << length;
  }
  core::ByteWriter beyond;
  for (const std::uint64_t value : {1UL, SpendSketch::kRows * SpendSketch::kColumns}) beyond.u64(value);
  beyond.i64(1);
  core::ByteReader far(beyond.bytes());
  EXPECT_FALSE(SpendSketch().decode(far));
}

TEST(SpendSketch, IsEmptyAgainWhenAllIsForgotten) {
  SpendSketch sketch;
  sketch.add(SpendSketch::cells_of(7), {5});
  EXPECT_FALSE(sketch.empty());
  sketch.transform([](std::size_t, core::NanoUsd) { return core::NanoUsd{}; });
  EXPECT_TRUE(sketch.empty());
}

}  // namespace
}  // namespace costdrift::state
