// FlatIndex: 64-bit hash -> position in a list, in one flat table (open addressing, linear probing). The caller says
// whether a position really is the thing looked for, so the index is exact although it keeps hashes only.
#pragma once

#include <cstdint>
#include <vector>

namespace costdrift::state {

class FlatIndex {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  // The position p with this hash for which is_it(p); kNone when there is none.
  template <class IsIt>
  std::uint32_t find(std::uint64_t hash, IsIt is_it) const {
    if (slots_.empty()) return kNone;
    for (std::size_t i = hash & mask(); slots_[i].position != kNone; i = (i + 1) & mask())
      if (slots_[i].hash == hash && is_it(slots_[i].position)) return slots_[i].position;
    return kNone;
  }

  // The caller knows that it is not there yet.
  void insert(std::uint64_t hash, std::uint32_t position) {
    if ((size_ + 1) * 2 > slots_.size()) grow();
    place(hash, position);
    ++size_;
  }

  void clear() {
    slots_.clear();
    size_ = 0;
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t position = kNone;
  };
  static constexpr std::size_t kSmallest = 16;

  std::size_t mask() const { return slots_.size() - 1; }

  void place(std::uint64_t hash, std::uint32_t position) {
    std::size_t i = hash & mask();
    while (slots_[i].position != kNone) i = (i + 1) & mask();
    slots_[i] = {hash, position};
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? kSmallest : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.position != kNone) place(slot.hash, slot.position);
  }

  std::vector<Slot> slots_;  // none before the first insert(): most indexes of runs stay empty
  std::size_t size_ = 0;
};

}  // namespace costdrift::state
