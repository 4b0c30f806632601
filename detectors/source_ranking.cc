#include "detectors/source_ranking.h"

#include <algorithm>
#include <tuple>

#include "core/hash.h"

namespace costdrift::detectors {
namespace {

constexpr core::Duration kNewFor = core::days(7);
constexpr std::int64_t kDaysKept = 35;
constexpr std::uint64_t kRest = 0;

std::int64_t day_of(core::EventTime time) { return core::floor_to(time, core::days(1)).us / core::days(1).us; }

std::uint64_t identity(const SourceValues& values) {
  core::ByteWriter bytes;
  for (const auto& [dimension, value] : values) {
    bytes.u64(static_cast<std::uint64_t>(dimension));
    bytes.text(value);
  }
  return std::max<std::uint64_t>(core::hash64(bytes.bytes()), kRest + 1);
}

}  // namespace

bool SourceRanking::add(core::EventTime now, const SourceValues& values, const core::AttributeTotals& totals,
                        bool learning) {
  const std::uint64_t source = identity(values);
  const auto known = known_.find(source);
  if (known != known_.end()) {
    changed_ = changed_ || known->second != day_of(now);
    known->second = day_of(now);
    return false;
  }
  if (learning) {
    learn(source, now);
    return false;
  }
  if (full()) return false;
  const bool told_apart = new_.contains(source) || new_.size() < kMostNew;
  NewSource& entry = new_[told_apart ? source : kRest];
  if (entry.calls == 0 && entry.first_seen == core::EventTime{}) entry.first_seen = now;
  if (told_apart) entry.values = values;
  entry.cost += totals.cost;
  entry.calls += totals.calls;
  return true;
}

void SourceRanking::learn(std::uint64_t source, core::EventTime now) {
  if (full()) return;
  known_[source] = day_of(now);
  changed_ = true;
}

void SourceRanking::next_day(core::EventTime now) {
  const std::int64_t oldest = day_of(now) - kDaysKept;
  const auto forgotten = std::erase_if(known_, [&](const auto& item) { return item.second < oldest; });
  changed_ = changed_ || forgotten > 0;
  for (auto it = new_.begin(); it != new_.end();) {
    const bool over = now - it->second.first_seen >= kNewFor;
    if (over && it->first != kRest) learn(it->first, now);
    it = over ? new_.erase(it) : std::next(it);
  }
}

void SourceRanking::accept_all(core::EventTime now) {
  for (const auto& [source, entry] : new_)
    if (source != kRest) learn(source, now);
  new_.clear();
}

void SourceRanking::clear_costs() {
  for (auto& [source, entry] : new_) {
    entry.cost = {};
    entry.calls = 0;
  }
}

std::vector<NewSource> SourceRanking::dearest(std::size_t count) const {
  std::vector<NewSource> ranked;
  for (const auto& [source, entry] : new_)
    if (entry.cost.nano > 0) ranked.push_back(entry);
  std::sort(ranked.begin(), ranked.end(), [](const NewSource& a, const NewSource& b) {
    return std::tuple(-a.cost.nano, a.first_seen, a.values) < std::tuple(-b.cost.nano, b.first_seen, b.values);
  });
  if (ranked.size() > count) ranked.resize(count);
  return ranked;
}

void SourceRanking::save(core::ByteWriter& out) const {
  out.u64(new_.size());
  for (const auto& [source, entry] : new_) {
    out.u64(source);
    out.i64(entry.first_seen.us);
    out.i64(entry.cost.nano);
    out.i64(entry.calls);
    out.u64(entry.values.size());
    for (const auto& [dimension, value] : entry.values) {
      out.u64(static_cast<std::uint64_t>(dimension));
      out.text(value);
    }
  }
}

void SourceRanking::restore(core::ByteReader& in) {
  for (std::size_t left = in.count(5); left > 0; --left) {
    NewSource& entry = new_[in.u64()];
    entry.first_seen = {in.i64()};
    entry.cost = {in.i64()};
    entry.calls = in.i64();
    entry.values.resize(in.count(2));
    for (auto& [dimension, value] : entry.values) {
      dimension = static_cast<core::Dimension>(in.u64());
      value = in.text();
    }
  }
}

void SourceRanking::save_known(core::ByteWriter& out) const {
  out.u64(known_.size());
  for (const auto& [source, day] : known_) {
    out.u64(source);
    out.i64(day);
  }
}

void SourceRanking::restore_known(core::ByteReader& in) {
  for (std::size_t left = in.count(2); left > 0; --left) {
    const std::uint64_t source = in.u64();
    known_[source] = in.i64();
  }
}

}  // namespace costdrift::detectors
