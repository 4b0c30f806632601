// Random: seeded draws for the benchmark: xoshiro256++ (Blackman, Vigna 2019) and the usual transforms, so that a seed
// gives the same numbers with every compiler and however many threads share the work.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace costdrift::bench {

class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (auto& word : state_) word = mix(seed += 0x9e3779b97f4a7c15);
  }
  // An independent generator for one part of the work.
  static Random of(std::uint64_t seed, std::uint64_t part, std::uint64_t trial) {
    return Random(mix(mix(seed + 0x51ed270b) ^ mix(part + 0xa0761d65) ^ mix(trial)));
  }

  // (0, 1)
  double uniform() { return (static_cast<double>(bits() >> 11) + 0.5) * 0x1.0p-53; }
  bool chance(double p) { return uniform() < p; }
  // Mean 0, standard deviation 1 (Marsaglia's polar method).
  double normal() {
    if (spare_ready_) {
      spare_ready_ = false;
      return spare_;
    }
    double x, y, square;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    const double factor = std::sqrt(-2 * std::log(square) / square);
    spare_ = y * factor;
    spare_ready_ = true;
    return x * factor;
  }
  // 1, 2, ... with the given mean >= 1.
  int geometric(double mean) {
    if (mean <= 1) return 1;
    return 1 + static_cast<int>(std::log(uniform()) / std::log1p(-1 / mean));
  }
  std::uint64_t bits() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

 private:
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::uint64_t state_[4];
  double spare_ = 0;
  bool spare_ready_ = false;
};

}  // namespace costdrift::bench
