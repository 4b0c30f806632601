// Random: the demo's own generator (xoshiro256**), so that the same seed plays the same day on every machine.
//
// Nothing in costdrift that decides may use it; it makes the demo's traffic only.
#pragma once

#include <cmath>
#include <cstdint>

namespace costdrift::daemon::demo {

// SplitMix64's mixing step: a well-spread 64-bit number from any number.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// A fixed draw, mean 0 and variance 1, that belongs to (key, slot): noise that needs no state.
constexpr double fixed_noise(std::uint64_t key, std::int64_t slot) {
  const std::uint64_t bits = mix(key ^ mix(static_cast<std::uint64_t>(slot)));
  const auto part = [bits](int i) { return static_cast<double>((bits >> (16 * i)) & 0xffff) / 65536.0; };
  return (part(0) + part(1) + part(2) + part(3) - 2.0) * 1.7320508075688772;  // sum of four uniforms: variance 1/3
}

class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) word = mix(seed++ * 0x9e3779b97f4a7c15);
  }

  std::uint64_t bits() {
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  // [0, 1)
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  // Mean 1.
  double exponential() { return -std::log1p(-uniform()); }
  // Mean 0, standard deviation 1 (polar method).
  double normal() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    double u, v, square;
    do {
      u = 2 * uniform() - 1;
      v = 2 * uniform() - 1;
      square = u * u + v * v;
    } while (square >= 1 || square == 0);
    const double factor = std::sqrt(-2 * std::log(square) / square);
    spare_ = v * factor;
    has_spare_ = true;
    return u * factor;
  }

 private:
  static constexpr std::uint64_t rotate(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

  std::uint64_t state_[4];
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace costdrift::daemon::demo
