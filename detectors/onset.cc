#include "detectors/onset.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace costdrift::detectors {
namespace {

constexpr double kBaselineCalls = 50;
constexpr double kWorthRedating = 3;   // nats
constexpr double kIntervalNats = 1.6;  // of 80 %: half the quantile of twice an exponential
constexpr int kMostPieces = 120;
constexpr core::Duration kBucketsKept = core::minutes(10), kMinutesKept = core::hours(20);

struct Piece {
  core::EventTime start;
  core::Counts counts;
};

core::Duration piece_length(const OnsetSearch& search, core::Duration span) {
  if (span <= kBucketsKept && span.us <= kMostPieces * search.bucket.us) return search.bucket;
  const core::Duration minutes = core::minutes(span.us / (kMostPieces * core::minutes(1).us) + 1);
  return std::max(search.bucket, minutes);
}

std::vector<Piece> pieces_since(const OnsetSearch& search, core::EventTime earliest) {
  const core::Duration length = piece_length(search, search.now - earliest);
  std::vector<Piece> pieces;
  for (auto start = core::floor_to(earliest, length); start < search.now; start = start + length) {
    const core::EventTime end = std::min(start + length, search.now);
    pieces.push_back({start, search.history.sum(start, end).counts(search.metric)});
  }
  return pieces;
}

double evidence_of_change(const OnsetSearch& search, const core::Counts& since) {
  return log_ratio(search.table, drifted_shares(search.table, since), since) / search.inflation;
}

// For each piece the log likelihood ratio of a change at its start, to the shares seen since then.
std::vector<double> log_ratios(const OnsetSearch& search, const std::vector<Piece>& pieces) {
  std::vector<double> ratios(pieces.size(), 0.0);
  core::Counts since;
  for (std::size_t i = pieces.size(); i-- > 0;) {
    core::merge_counts(since, pieces[i].counts);
    ratios[i] = evidence_of_change(search, since);
  }
  return ratios;
}

Onset best_of(const std::vector<Piece>& pieces, const std::vector<double>& ratios) {
  const double best = *std::max_element(ratios.begin(), ratios.end());
  std::optional<Onset> onset;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (ratios[i] < best - kIntervalNats) continue;
    if (!onset) onset = Onset{pieces[i].start, pieces[i].start, pieces[i].start};
    if (ratios[i] == best) onset->at = pieces[i].start;
    onset->latest = pieces[i].start;
  }
  return *onset;
}

// Again and again in finer pieces, from where it may have been at the earliest.
Onset refined(const OnsetSearch& search, Onset onset, core::Duration length) {
  for (;;) {
    const core::EventTime from = onset.earliest - length;
    const core::Duration finer = piece_length(search, search.now - from);
    if (finer >= length) return onset;
    const auto pieces = pieces_since(search, from);
    onset = best_of(pieces, log_ratios(search, pieces));
    length = finer;
  }
}

}  // namespace

std::vector<double> drifted_shares(const stats::LikelihoodTable& table, const core::Counts& since) {
  std::vector<double> shares(table.null_prob.size(), 0.0);
  std::map<int, double> calls_of;
  for (const auto& item : since) {
    const auto group = static_cast<std::size_t>(table.grouping.group(item.bin));
    shares[group] += stats::calls(item);
    calls_of[table.stratum[group]] += stats::calls(item);
  }
  for (std::size_t g = 0; g < shares.size(); ++g) {
    shares[g] = (shares[g] + kBaselineCalls * table.null_prob[g]) / (calls_of[table.stratum[g]] + kBaselineCalls);
  }
  return shares;
}

double log_ratio(const stats::LikelihoodTable& table, const std::vector<double>& shares, const core::Counts& since) {
  double ratio = 0;
  for (const auto& item : since) {
    const auto group = static_cast<std::size_t>(table.grouping.group(item.bin));
    ratio += stats::calls(item) * std::log(shares[group] / table.null_prob[group]);
  }
  return ratio;
}

std::optional<Onset> redated(const OnsetSearch& search, const Onset& by_lanes) {
  const core::EventTime from = std::max(by_lanes.earliest, search.now - kMinutesKept);
  const auto pieces = pieces_since(search, from);
  if (pieces.size() < 2) return std::nullopt;
  const auto ratios = log_ratios(search, pieces);
  const double since_lanes =
      evidence_of_change(search, search.history.sum(by_lanes.at, search.now).counts(search.metric));
  if (*std::max_element(ratios.begin(), ratios.end()) < since_lanes + kWorthRedating) return std::nullopt;
  return refined(search, best_of(pieces, ratios), piece_length(search, search.now - from));
}

core::EventTime first_seen(const std::function<std::int64_t(core::EventTime)>& seen_since, core::EventTime from,
                           core::EventTime now, core::Duration step) {
  const std::int64_t all = seen_since(from);
  std::int64_t before = 0, after = (now - from).us / step.us + 1;  // steps since `from`
  while (after - before > 1) {
    const std::int64_t middle = before + (after - before) / 2;
    (seen_since(from + step * middle) < all ? after : before) = middle;
  }
  return all > 0 ? from + step * before : from;
}

}  // namespace costdrift::detectors
