#include "state/spend_sketch.h"

#include <algorithm>

namespace costdrift::state {

static_assert((SpendSketch::kColumns & (SpendSketch::kColumns - 1)) == 0, "columns are cut out of the hash by bits");

SpendSketch::Cells SpendSketch::cells_of(std::uint64_t hash) {
  Cells cells;
  for (std::size_t row = 0; row < kRows; ++row) cells[row] = row * kColumns + ((hash >> (16 * row)) & (kColumns - 1));
  return cells;
}

void SpendSketch::add(const Cells& cells, core::NanoUsd cost) {
  if (cost.nano == 0) return;
  if (empty()) sums_.resize(kRows * kColumns);
  for (const std::size_t cell : cells) sums_[cell] += cost;
}

void SpendSketch::encode(core::ByteWriter& out) const {
  const auto is_used = [](core::NanoUsd sum) { return sum.nano != 0; };
  out.u64(static_cast<std::uint64_t>(std::count_if(sums_.begin(), sums_.end(), is_used)));
  std::size_t before = 0;
  for (std::size_t cell = 0; cell < sums_.size(); ++cell) {
    if (!is_used(sums_[cell])) continue;
    out.u64(cell - before);
    out.i64(sums_[cell].nano);
    before = cell;
  }
}

bool SpendSketch::decode(core::ByteReader& in) {
  sums_.clear();
  std::uint64_t cell = 0;
  for (std::size_t left = in.count(2); left > 0 && !in.failed(); --left) {
    const std::uint64_t gap = in.u64();
    if (gap >= kRows * kColumns - cell) return false;
    cell += gap;
    if (empty()) sums_.resize(kRows * kColumns);
    sums_[cell].nano = in.i64();
  }
  return !in.failed();
}

}  // namespace costdrift::state
