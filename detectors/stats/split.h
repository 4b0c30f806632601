// Exact splits of a change: how much of (after - before) each factor of a product made.
//
// Source  logarithmic mean Divisia index: Ang, "The LMDI approach to decomposition analysis", Energy Policy 33, 2005.
//         It is the split without a rest: each factor gets L(after, before) * ln(its ratio), L being the logarithmic
//         mean, and the logarithms of the ratios add up to ln(after / before).
// Threads pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace costdrift::detectors::stats {

// (a - b) / ln(a / b); a where they are equal. Both must be > 0.
double logarithmic_mean(double a, double b);

// What each factor adds to `after - before`, given the natural logarithms of their ratios after / before. Exact when
// these add up to ln(after / before). All zero unless both amounts are > 0.
std::vector<double> split_product(double before, double after, std::span<const double> log_ratios);

// `whole` dealt out in proportion to those shares that have its sign: integers that add up to `whole`, each at most 1
// away from its exact part (largest remainder; ties: the first). No share has its sign: all of it goes to `otherwise`.
std::vector<std::int64_t> apportion(std::int64_t whole, std::span<const double> shares, std::size_t otherwise);

}  // namespace costdrift::detectors::stats
