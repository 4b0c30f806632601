#include "core/log_bins.h"

#include <array>
#include <bit>
#include <cmath>

namespace costdrift::core {
namespace {

// Everything below is computed by the compiler from IEEE multiplications alone, so that no machine's pow() or log()
// can move an edge: bins are stored and merged across machines.
constexpr double kRootOfRatio = 1.00995049383620779;  // sqrt(1.02)

struct Edges {
  std::array<double, kLogBins> lower{};   // bin b holds lower[b] <= value < lower[b + 1]
  std::array<double, kLogBins> middle{};  // 1.02^(b - 1)
};

constexpr Edges make_edges() {
  Edges edges;
  double middle = 1;
  for (std::size_t bin = 1; bin < kLogBins; ++bin) {
    edges.middle[bin] = middle;
    edges.lower[bin] = middle / kRootOfRatio;
    middle *= kBinRatio;
  }
  return edges;
}

constexpr Edges kEdges = make_edges();

// A cell is one 64th of an octave: the exponent and the first six bits of the fraction of a double. It is narrower
// than a bin (65/64 < 1.02), so that it holds at most one edge and a single comparison finds the bin.
constexpr int kCellBits = 6;
constexpr int kOctaves = 52;
constexpr std::int64_t kSurelyLastBin = std::int64_t{1} << kOctaves;
constexpr std::uint64_t kCellOfOne = std::bit_cast<std::uint64_t>(1.0) >> (52 - kCellBits);

constexpr std::array<std::int16_t, kOctaves << kCellBits> make_cells() {
  std::array<std::int16_t, kOctaves << kCellBits> bins{};
  std::size_t bin = 1;
  for (std::size_t cell = 0; cell < bins.size(); ++cell) {
    const double start = std::bit_cast<double>((cell + kCellOfOne) << (52 - kCellBits));
    while (bin + 1 < kLogBins && kEdges.lower[bin + 1] <= start) ++bin;
    bins[cell] = static_cast<std::int16_t>(bin);
  }
  return bins;
}

constexpr std::array<std::int16_t, kOctaves << kCellBits> kBinOfCell = make_cells();

static_assert(kEdges.lower[kLogBins - 1] < static_cast<double>(kSurelyLastBin));

}  // namespace

int log_bin(std::int64_t value) {
  if (value < 1) return 0;
  if (value >= kSurelyLastBin) return kLogBins - 1;
  const auto number = static_cast<double>(value);
  const int bin = kBinOfCell[(std::bit_cast<std::uint64_t>(number) >> (52 - kCellBits)) - kCellOfOne];
  if (bin == kLogBins - 1) return bin;
  return bin + (number >= kEdges.lower[static_cast<std::size_t>(bin) + 1] ? 1 : 0);
}

double log_bin_value(int bin) {
  if (bin <= 0) return 0;
  if (bin >= kLogBins - 1) return kEdges.middle[kLogBins - 1];
  const auto index = static_cast<std::size_t>(bin);
  const double first = std::ceil(kEdges.lower[index]);
  const double last = std::ceil(kEdges.lower[index + 1]) - 1;
  return first > last ? kEdges.middle[index] : std::sqrt(first * last);
}

}  // namespace costdrift::core
