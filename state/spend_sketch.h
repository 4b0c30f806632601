// SpendSketch: about how much each of any number of series cost, in fixed memory: a count-min sketch (Cormode and
// Muthukrishnan, "An improved data stream summary", J. Algorithms 55, 2005).
//
// Operation  four rows of 2,048 sums; a series has one cell in each row, by its hash, and its estimate is the smallest
//            of the four. Everything is addition, so neither order nor how the calls were split up shows.
// Error      an estimate is never below the truth. That one row is above it by more than 1 % of all that is in the
//            sketch has a probability of 100 / 2,048 at most (Markov), that all four are, its fourth power: 6e-6.
// Memory     64 KiB from the first add() on, nothing before.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/money.h"

namespace costdrift::state {

class SpendSketch {
 public:
  static constexpr std::size_t kRows = 4, kColumns = 2'048;
  using Cells = std::array<std::size_t, kRows>;
  // Where a series with this hash (core::hash64) is counted.
  static Cells cells_of(std::uint64_t hash);

  bool empty() const { return sums_.empty(); }
  void add(const Cells& cells, core::NanoUsd cost);
  core::NanoUsd at(std::size_t cell) const { return empty() ? core::NanoUsd{} : sums_[cell]; }
  // Every sum becomes replace(cell, sum).
  template <typename Replace>
  void transform(const Replace& replace);

  // Count, (cell minus the cell before, sum)* of cells that are not 0.
  void encode(core::ByteWriter& out) const;
  // False: not the bytes of a sketch.
  [[nodiscard]] bool decode(core::ByteReader& in);

 private:
  std::vector<core::NanoUsd> sums_;  // row after row; empty: all 0
};

template <typename Replace>
void SpendSketch::transform(const Replace& replace) {
  sums_.resize(kRows * kColumns);
  bool any = false;
  for (std::size_t cell = 0; cell < sums_.size(); ++cell) {
    sums_[cell] = replace(cell, sums_[cell]);
    any = any || sums_[cell].nano != 0;
  }
  if (!any) sums_.clear();
}

}  // namespace costdrift::state
