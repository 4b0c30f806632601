// Random: seeded draws for tests: splitmix64 with the usual transforms, so the same numbers everywhere.
#pragma once

#include <cmath>
#include <cstdint>

namespace costdrift::tests {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  // (0, 1)
  double uniform() { return (static_cast<double>(bits() >> 11) + 0.5) * 0x1.0p-53; }
  bool chance(double p) { return uniform() < p; }
  double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform()); }
  double log_normal(double median, double sd) { return median * std::exp(sd * normal()); }
  // Mean 1.
  double exponential() { return -std::log(uniform()); }
  std::uint64_t bits() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

}  // namespace costdrift::tests
