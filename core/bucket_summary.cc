#include "core/bucket_summary.h"

#include <algorithm>
#include <span>

namespace costdrift::core {
namespace {

// Adds the weights of the bins that both have; false, at the first bin of `from` that `into` does not have: it and
// those behind it are not added. `from` moves on to it.
bool add_known_bins(Counts& into, std::span<const BinCount>& from) {
  auto at = into.begin();
  for (; !from.empty(); from = from.subspan(1)) {
    at = std::lower_bound(at, into.end(), from.front().bin, [](const BinCount& a, int bin) { return a.bin < bin; });
    if (at == into.end() || at->bin != from.front().bin) return false;
    at->weight += from.front().weight;
  }
  return true;
}

// Merges from the back, in place. Which of the two bins is the greater is as good as random, so that nothing here
// branches on it.
void merge_from_the_back(Counts& into, std::span<const BinCount> from) {
  std::size_t a = into.size(), b = from.size();
  into.resize(a + b);
  BinCount* const bins = into.data();
  BinCount* out = bins + a + b;
  while (a > 0 && b > 0) {
    const BinCount left = bins[a - 1], right = from[b - 1];
    const bool take_left = left.bin >= right.bin, take_right = right.bin >= left.bin;
    *--out = {take_left ? left.bin : right.bin, left.weight * take_left + right.weight * take_right};
    a -= take_left;
    b -= take_right;
  }
  while (b > 0) *--out = from[--b];
  into.erase(into.begin() + static_cast<std::ptrdiff_t>(a), into.begin() + (out - bins));
}

// Adds values of equal keys; keys that are new get a default value first. Both maps are walked together, so that a
// merge of maps with the same keys costs one comparison a key and no search.
template <class Map, class Add>
void merge_maps(Map& into, const Map& from, Add add) {
  auto at = into.begin();
  for (const auto& [key, value] : from) {
    if (at == into.end() || at->first != key) {
      if (at != into.end() && at->first < key) at = into.lower_bound(key);
      if (at == into.end() || key < at->first) at = into.emplace_hint(at, key, typename Map::mapped_type{});
    }
    add(at->second, value);
    ++at;
  }
}

bool is_dearer(const Sample& a, const Sample& b) {
  if (a.cost != b.cost) return a.cost > b.cost;
  return a < b;
}

EventTime earliest_known(EventTime a, EventTime b) {
  if (a == EventTime{} || b == EventTime{}) return std::max(a, b);
  return std::min(a, b);
}

// Folds the largest sets into the empty one until the limit holds (header: "Attributes").
void fold_overflow(std::map<AttributeSet, AttributeTotals>& attributes) {
  if (attributes.size() <= kMaxAttributeSets) return;
  while (attributes.size() - attributes.count({}) > kMaxAttributeSets) {
    const auto largest = std::prev(attributes.end());
    attributes[{}].add(largest->second);
    attributes.erase(largest);
  }
}

}  // namespace

void merge_counts(Counts& into, const Counts& from) {
  // A few calls added to many: mostly every bin is there already, for a series keeps to its values.
  constexpr std::size_t kMany = 8;
  std::span<const BinCount> rest(from);
  if (from.size() * kMany <= into.size() && add_known_bins(into, rest)) return;
  merge_from_the_back(into, rest);
}

void Totals::add(const Totals& other) {
  for (const auto count : kTotalCounts) this->*count += other.*count;
  for (const auto money : kTotalMoney) this->*money += other.*money;
}

void AttributeTotals::add(const AttributeTotals& other) {
  calls += other.calls;
  retries += other.retries;
  input_tokens += other.input_tokens;
  output_tokens += other.output_tokens;
  cache_read_tokens += other.cache_read_tokens;
  cost += other.cost;
}

void RunDelta::merge(const RunDelta& other) {
  if (run == 0) run = other.run;
  calls += other.calls;
  max_step = std::max(max_step, other.max_step);
  ended = ended || other.ended;
  last_call = std::max(last_call, other.last_call);
  cost += other.cost;
  tokens += other.tokens;
  if (run_id.empty() || (!other.run_id.empty() && other.run_id < run_id)) run_id = other.run_id;
  depth = std::max(depth, other.depth);
  first_call = earliest_known(first_call, other.first_call);
  total_cost = std::max(total_cost, other.total_cost);
}

void BucketSummary::merge(const BucketSummary& other) {
  totals.add(other.totals);
  merge_maps(metrics, other.metrics, merge_counts);
  merge_maps(attributes, other.attributes, [](auto& into, const auto& from) { into.add(from); });
  fold_overflow(attributes);
  merge_maps(runs, other.runs, [](auto& into, const auto& from) { into.merge(from); });
  for (const Sample& sample : other.samples) {
    if (samples.size() == kMaxSamples && !is_dearer(sample, samples.back())) break;  // nor are those behind it
    add_sample(sample);
  }
}

bool BucketSummary::wants_sample(NanoUsd cost) const {
  return samples.size() < kMaxSamples || cost >= samples.back().cost;
}

void BucketSummary::add_sample(Sample sample) {
  if (samples.size() == kMaxSamples && !is_dearer(sample, samples.back())) return;
  samples.insert(std::upper_bound(samples.begin(), samples.end(), sample, is_dearer), std::move(sample));
  if (samples.size() > kMaxSamples) samples.pop_back();
}

void BucketSummary::add_attributes(const AttributeSet& set, const AttributeTotals& added) {
  attributes[set].add(added);
  fold_overflow(attributes);
}

const Counts& BucketSummary::counts(std::string_view metric) const {
  static const Counts kNone;
  const auto found = metrics.find(metric);
  return found == metrics.end() ? kNone : found->second;
}

double total_calls(const Counts& counts) {
  Weight sum = 0;
  for (const BinCount& count : counts) sum += count.weight;
  return static_cast<double>(sum) / static_cast<double>(kOneCall);
}

}  // namespace costdrift::core
