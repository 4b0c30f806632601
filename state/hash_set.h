// HashSet: 64-bit hashes in one flat table (open addressing, linear probing): one cache line per look-up.
//
// Limits  the value 0 marks an empty slot and must not be inserted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace costdrift::state {

class HashSet {
 public:
  bool contains(std::uint64_t hash) const { return slots_[find(hash)] == hash; }

  // False when it was there already.
  bool insert(std::uint64_t hash) {
    if ((size_ + 1) * 10 > slots_.size() * 7) grow();
    std::uint64_t& slot = slots_[find(hash)];
    if (slot == hash) return false;
    slot = hash;
    ++size_;
    return true;
  }

  // Not there: no effect.
  void erase(std::uint64_t hash) {
    std::size_t hole = find(hash);
    if (slots_[hole] != hash) return;
    --size_;
    // Later entries of the same run move back, so that no probe ends at the hole.
    for (std::size_t next = (hole + 1) & mask(); slots_[next] != 0; next = (next + 1) & mask()) {
      const std::size_t home = slots_[next] & mask();
      if (((next - home) & mask()) < ((next - hole) & mask())) continue;
      slots_[hole] = slots_[next];
      hole = next;
    }
    slots_[hole] = 0;
  }

  std::size_t size() const { return size_; }

 private:
  std::size_t mask() const { return slots_.size() - 1; }

  // The slot that holds the hash, or the empty one where it belongs.
  std::size_t find(std::uint64_t hash) const {
    std::size_t slot = hash & mask();
    while (slots_[slot] != 0 && slots_[slot] != hash) slot = (slot + 1) & mask();
    return slot;
  }

  void grow() {
    std::vector<std::uint64_t> old(slots_.size() * 2, 0);
    old.swap(slots_);
    for (const std::uint64_t hash : old)
      if (hash != 0) slots_[find(hash)] = hash;
  }

  std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(1024, 0);
  std::size_t size_ = 0;
};

}  // namespace costdrift::state
