#include "detectors/price_judge.h"

#include <algorithm>
#include <cmath>

#include "core/finding_record.h"
#include "core/text.h"
#include "detectors/finding_builder.h"
#include "detectors/price_ratio.h"

namespace costdrift::detectors {
namespace {

constexpr std::uint64_t kPriceVersion = 2;
constexpr core::Duration kLearn = core::hours(24);
constexpr core::Duration kPriceReportEvery = core::minutes(10);
constexpr std::int64_t kInARow = 3;
constexpr std::int64_t kManyCalls = 30, kOnePercent = 100;
constexpr std::int64_t kCalmCalls = 30;

std::int64_t calls_of(const core::BinCount& item) { return item.weight / core::kOneCall; }

double ratio_of(core::NanoUsd cost, core::NanoUsd list) {
  return static_cast<double>(cost.nano) / static_cast<double>(std::max<std::int64_t>(1, list.nano));
}

DriftModel words(std::string_view detector, bool free) {
  return {.detector = detector,
          .metric = kPriceRatio,
          .quantity = "reported cost per dollar of list price",
          .unit = "USD/list USD",
          .cost_part = core::CostPart::price,
          .specific = true,
          .monetary = !free};
}

}  // namespace

void PriceJudge::observe(const Observation& observation, std::vector<core::Finding>& findings) {
  const core::BucketSummary& summary = *observation.bucket.summary;
  const core::Counts& counts = summary.counts(kPriceRatio);
  if (counts.empty()) return;
  if (first_ == core::EventTime::max()) {
    first_ = observation.bucket.start;
    mark_model_changed();
  }
  const Seen seen = look_at(counts);
  if (latch_) return follow_latch(observation, seen, findings);
  if (observation.bucket.end - first_ < kLearn || seen.off == 0) learn(counts, summary.totals);
  if (observation.bucket.end - first_ < kLearn) return;
  follow_candidate(observation.bucket, seen);
  if (decided()) change(observation, findings);
}

bool PriceJudge::is_known(std::int16_t bin) const {
  const auto near = [&](const auto& at) { return at != known_.end() && same_price(*at, bin); };
  const auto above = known_.lower_bound(bin);
  return near(above) || (above != known_.begin() && near(std::prev(above)));
}

void PriceJudge::add_known(std::int16_t bin) {
  if (known_.size() < kMaxKnown && known_.insert(bin).second) mark_model_changed();
}

void PriceJudge::learn(const core::Counts& counts, const core::Totals& totals) {
  for (const auto& item : counts) {
    if (!is_known(item.bin)) add_known(item.bin);
    learned_calls_ += calls_of(item);
  }
  learned_cost_ += totals.compared_cost;
  learned_list_ += totals.compared_list_cost;
}

PriceJudge::Seen PriceJudge::look_at(const core::Counts& counts) const {
  Seen seen;
  const bool full = known_.size() >= kMaxKnown;
  for (const auto& item : counts) {
    const std::int64_t calls = calls_of(item);
    if (full || is_known(item.bin)) {
      seen.known += calls;
      continue;
    }
    seen.off += calls;
    if (calls > seen.commonest_off_calls) {
      seen.commonest_off = item.bin;
      seen.commonest_off_calls = calls;
    }
  }
  return seen;
}

void PriceJudge::follow_candidate(const core::ClosedBucket& bucket, const Seen& seen) {
  if (candidate_ && bucket.end - candidate_->first >= kLearn) {
    add_known(candidate_->bin);  // it comes now and then
    candidate_.reset();
  }
  if (seen.off > 0 && (!candidate_ || !same_price(candidate_->bin, seen.commonest_off))) {
    candidate_ = Candidate{.bin = seen.commonest_off, .first = bucket.start};
  }
  if (!candidate_) return;
  candidate_->of += seen.known + seen.off;
  candidate_->calls += seen.commonest_off_calls;
  if (seen.off > 0) candidate_->in_a_row = seen.known > 0 ? 0 : candidate_->in_a_row + seen.commonest_off_calls;
  if (seen.off == 0) candidate_->in_a_row = 0;
}

bool PriceJudge::decided() const {
  if (!candidate_) return false;
  return candidate_->in_a_row >= kInARow ||
         (candidate_->calls >= kManyCalls && candidate_->calls * kOnePercent >= candidate_->of);
}

double PriceJudge::usual_ratio() const {
  if (learned_list_.nano > 0) return ratio_of(learned_cost_, learned_list_);
  return known_.empty() ? 1 : price_ratio(*known_.begin());
}

// The candidate is a new price. Where several are normal it may be below their mean and yet dearer than the one whose
// place it takes: what all calls since then pay decides.
bool PriceJudge::is_cheaper(const Candidate& candidate, const Observation& observation) const {
  const core::Totals since = observation.history->sum(candidate.first, observation.bucket.end).totals;
  return candidate.bin != kFree && ratio_of(since.compared_cost, since.compared_list_cost) < usual_ratio();
}

// A lower price is learned, a higher one and none at all are told.
void PriceJudge::change(const Observation& observation, std::vector<core::Finding>& findings) {
  const Candidate candidate = *candidate_;
  candidate_.reset();
  mark_model_changed();
  if (is_cheaper(candidate, observation)) {
    if (candidate.in_a_row >= kInARow) {
      known_.clear();
      learned_cost_ = learned_list_ = {};
    }
    add_known(candidate.bin);
    return;
  }
  latch_ = Latch{.bin = candidate.bin,
                 .onset = candidate.first,
                 .next_report = observation.bucket.end + kPriceReportEvery,
                 .finding = {}};
  calm_ = 0;
  latch_->finding = describe(observation);
  findings.push_back(latch_->finding);
}

void PriceJudge::follow_latch(const Observation& observation, const Seen& seen, std::vector<core::Finding>& findings) {
  const core::EventTime now = observation.bucket.end;
  calm_ = seen.off > 0 ? 0 : calm_ + seen.known;
  const bool over = calm_ >= kCalmCalls;
  if (!over && now < latch_->next_report) return;
  mark_model_changed();
  if (over) {
    latch_->finding.phase = core::FindingPhase::recovered;
    latch_->finding.evaluated_at = now;
    findings.push_back(latch_->finding);
    latch_.reset();
    return;
  }
  latch_->next_report = now + kPriceReportEvery;
  latch_->finding = describe(observation);
  findings.push_back(latch_->finding);
}

core::Finding PriceJudge::describe(const Observation& observation) const {
  const core::EventTime now = observation.bucket.end;
  const core::BucketSummary since = observation.history->sum(latch_->onset, now);
  const core::BucketSummary& seen = since.totals.calls > 0 ? since : *observation.bucket.summary;
  const core::Totals& totals = seen.totals;
  const bool free = latch_->bin == kFree;
  const double usual = usual_ratio();
  const core::NanoUsd expected_cost = core::from_usd(core::to_usd(totals.compared_list_cost) * usual);
  Measured measured;
  measured.effect.expected = usual;
  measured.effect.observed = ratio_of(totals.compared_cost, totals.compared_list_cost);
  const double effect = usual > 0 ? measured.effect.observed / usual - 1 : measured.effect.observed;
  measured.effect.effect = measured.effect.low = measured.effect.high = effect;
  measured.harm_low = free ? 1 : effect;
  measured.money_known = !free;
  if (!free) measured.excess = std::max(core::NanoUsd{}, totals.compared_cost - expected_cost);
  if (free) {
    const double hours = std::max(core::to_hours(now - latch_->onset), 1.0 / 60);
    measured.note = "the calls are recorded as free; at the usual price they cost " +
                    core::format_usd(core::to_usd(expected_cost) / hours) + " an hour";
  } else {
    measured.note = "either the bill changed (price, model version, discount), or the price list did";
  }
  const DriftModel model = words(detector_, free);
  core::Finding finding = build_finding({.model = model,
                                         .series = series_,
                                         .now = now,
                                         .onset = latch_->onset,
                                         .onset_earliest = latch_->onset,
                                         .onset_latest = latch_->onset,
                                         .log_evidence = kInARow * std::log(static_cast<double>(learned_calls_ + 2)),
                                         .measured = measured,
                                         .since = seen,
                                         .calls_per_hour = calls_per_hour(*observation.history, latch_->onset, now),
                                         .calls_per_month = calls_per_month(*observation.history, first_, now)});
  finding.exact = true;
  return finding;
}

void PriceJudge::rebase(const core::SeriesKey&) {
  if (latch_) {
    known_ = {latch_->bin};
    learned_cost_ = learned_list_ = {};
  }
  latch_.reset();
  candidate_.reset();
  mark_model_changed();
}

void PriceJudge::save_lanes(core::ByteWriter& out) const {
  out.u64(kPriceVersion);
  for (const std::int64_t value : {learned_calls_, learned_cost_.nano, learned_list_.nano, calm_}) out.i64(value);
  out.boolean(candidate_.has_value());
  if (!candidate_) return;
  for (const std::int64_t value :
       {std::int64_t{candidate_->bin}, candidate_->calls, candidate_->in_a_row, candidate_->of, candidate_->first.us}) {
    out.i64(value);
  }
}

void PriceJudge::save_model(core::ByteWriter& out) const {
  out.u64(kPriceVersion);
  out.i64(first_.us);
  out.u64(known_.size());
  for (const std::int16_t bin : known_) out.i64(bin);
  out.boolean(latch_.has_value());
  if (!latch_) return;
  for (const std::int64_t value : {std::int64_t{latch_->bin}, latch_->onset.us, latch_->next_report.us}) out.i64(value);
  core::save_finding(out, latch_->finding);
}

bool PriceJudge::restore(std::string_view lanes, std::string_view model) {
  core::ByteReader in(model);
  if (in.u64() != kPriceVersion) return false;
  first_ = {in.i64()};
  for (std::size_t left = in.count(1); left > 0; --left) known_.insert(static_cast<std::int16_t>(in.i64()));
  if (in.boolean()) {
    latch_.emplace();
    latch_->bin = static_cast<std::int16_t>(in.i64());
    latch_->onset = {in.i64()};
    latch_->next_report = {in.i64()};
    latch_->finding = core::restore_finding(in);
  }
  core::ByteReader hot(lanes);
  if (hot.u64() != kPriceVersion) return false;
  for (std::int64_t* value : {&learned_calls_, &learned_cost_.nano, &learned_list_.nano, &calm_}) *value = hot.i64();
  if (hot.boolean()) {
    candidate_.emplace();
    candidate_->bin = static_cast<std::int16_t>(hot.i64());
    for (std::int64_t* value : {&candidate_->calls, &candidate_->in_a_row, &candidate_->of, &candidate_->first.us}) {
      *value = hot.i64();
    }
  }
  return in.finished() && hot.finished();
}

}  // namespace costdrift::detectors
