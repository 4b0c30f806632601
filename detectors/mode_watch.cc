#include "detectors/mode_watch.h"

#include <algorithm>
#include <cmath>

#include "detectors/stats/estimate.h"
#include "detectors/stats/median.h"

namespace costdrift::detectors {
namespace {

constexpr core::Duration kWindow = core::hours(6);
constexpr core::Duration kLongestWindow = core::hours(48);
constexpr core::Duration kQuarantine = core::hours(48);
constexpr core::Duration kBlock = core::hours(1);
constexpr core::Duration kTestEvery = core::minutes(15);
constexpr double kWindowCalls = 50, kBlockCalls = 30;
constexpr double kTailCalls = 500;  // the tail of modes that fewer have shown is chance
constexpr double kGrowthToTest = 1.1;
constexpr double kGainToTest = kModeGain / 2;  // nats a call
constexpr double kSuspect = 6.9;               // ln 1000
constexpr std::size_t kMaxMeans = 56;
constexpr std::size_t kMaxPending = 64;

}  // namespace

std::optional<Proposal> ModeWatch::observe(const Observation& observation, const core::Counts& counts, double clumping,
                                           bool latched) {
  auto proposal = roll_window(observation, latched);
  if (auto by_block = add_to_block(observation, counts, clumping, latched)) proposal = std::move(by_block);
  const bool silent = latched || !ready() || accepted_since_ != core::EventTime::max();
  return silent ? std::nullopt : proposal;
}

// A window without enough calls goes on; the slots of a silent series are no windows.
std::optional<Proposal> ModeWatch::roll_window(const Observation& observation, bool latched) {
  const core::EventTime slot = core::floor_to(observation.bucket.start, kWindow);
  if (slot == slot_) return std::nullopt;
  std::optional<Proposal> proposal;
  if (slot_ != core::EventTime::min()) {
    const core::EventTime end = slot_ + kWindow;
    const core::BucketSummary sum = observation.history->sum(window_start_, end);
    const bool enough = core::total_calls(sum.counts(model_.metric)) >= kWindowCalls;
    if (enough) proposal = close_window(observation, sum, latched);
    if (enough || end - window_start_ >= kLongestWindow) window_start_ = slot;
  } else {
    window_start_ = slot;
  }
  slot_ = slot;
  changed_ = true;
  return proposal;
}

std::optional<Proposal> ModeWatch::close_window(const Observation& observation, const core::BucketSummary& sum,
                                                bool latched) {
  const core::EventTime end = slot_ + kWindow;
  const core::Counts& counts = sum.counts(model_.metric);
  const bool accepted = accepted_since_ != core::EventTime::max();
  const bool wait = latched || (suspect_ && ready() && !accepted);
  if (wait) {
    pending_.push_back({window_start_, end});
    if (pending_.size() > kMaxPending) pending_.erase(pending_.begin());
  }
  const bool new_shape = !wait && learn(counts, end) && windows_seen_ > 0 && !accepted;
  money_.window_closed(end, stake(sum.totals), new_shape);
  ++windows_seen_;
  closed_ = counts;
  suspect_ = false;
  changed_ = true;
  learn_due(observation, latched);
  if (accepted) restart_from_accepted();
  if (!stats::moves_values(model_.family)) return std::nullopt;
  means_.push_back({end, std::max(stats::mean_value(counts), 0.1)});
  if (means_.size() > kMaxMeans) means_.erase(means_.begin());
  const auto shift = stats::level_shift(means_);
  if (!shift) return std::nullopt;
  return Proposal{DriftKind::level,       shift->since,  shift->since - kWindow,
                  shift->since + kWindow, kModeEvidence, shift->expected};
}

// Evidence and window means of the time in which the modes did not know what is normal now.
void ModeWatch::restart_from_accepted() {
  std::erase_if(means_, [&](const stats::WindowMean& window) { return window.end <= accepted_since_; });
  lanes_.reset();
  block_.clear();
  accepted_since_ = core::EventTime::max();
}

void ModeWatch::learn_due(const Observation& observation, bool latched) {
  if (latched) return;
  const core::EventTime now = observation.bucket.start;
  std::erase_if(pending_, [&](const Window& window) {
    const bool accepted = window.end > accepted_since_;
    if (!accepted && now - window.end < kQuarantine) return false;
    const auto sum = observation.history->sum(window.start, window.end);
    if (learn(sum.counts(model_.metric), window.end) && !accepted) money_.count_new_shape();
    return true;
  });
}

bool ModeWatch::learn(const core::Counts& counts, core::EventTime end) {
  changed_ = true;
  return modes_.learn(model_.family, counts, end);
}

std::optional<Proposal> ModeWatch::add_to_block(const Observation& observation, const core::Counts& counts,
                                                double clumping, bool latched) {
  const core::EventTime end = observation.bucket.end;
  if (block_.empty()) {
    block_start_ = tested_at_ = observation.bucket.start;
    recent_ = closed_;  // a window that holds calls of the block would say that it has seen their like
    block_stake_ = {};
    calls_tested_ = 0;
  }
  core::merge_counts(block_, counts);
  block_stake_ += stake(observation.bucket.summary->totals);
  if (end - block_start_ < kBlock && end - tested_at_ < kTestEvery) return std::nullopt;
  const double calls = core::total_calls(block_);
  const bool full = end - block_start_ >= kBlock && calls >= kBlockCalls;
  const bool worth_a_test =
      calls >= kBlockCalls && end - tested_at_ >= kTestEvery && calls >= kGrowthToTest * calls_tested_;
  if (!full && !worth_a_test) return std::nullopt;
  auto proposal = test_block(observation, clumping, full, latched);
  tested_at_ = end;
  calls_tested_ = calls;
  if (full) block_.clear();
  return proposal;
}

std::optional<Proposal> ModeWatch::test_block(const Observation& observation, double clumping, bool commit,
                                              bool latched) {
  if (!ready()) return std::nullopt;
  if (!commit && (latched || !could_be_new())) return std::nullopt;
  if (judges_tails() && modes_.calls_behind(modes_.fit_null(model_.family, block_).weights) < kTailCalls)
    return std::nullopt;
  const Block block{.start = block_start_,
                    .end = observation.bucket.end,
                    .calls = core::total_calls(block_),
                    .mean = stats::mean_value(block_),
                    .stake = block_stake_,
                    .clumping = clumping};
  BlockFit fit{.hull = modes_.fit(model_.family, block_), .null_mean = 0, .known_calls = 0, .recent_gain = {}};
  fit.null_mean = modes_.mean(fit.hull.null.weights);
  fit.known_calls = modes_.calls_behind(fit.hull.null.weights);
  // Categories and tails: a new shape does not say whether it is worse.
  if (!recent_.empty() && stats::moves_values(model_.family)) {
    fit.recent_gain =
        stats::fit_mixture(model_.family, {&recent_}, block_).log_likelihood - fit.hull.null.log_likelihood;
  }
  const auto candidate = lanes_.update(block, fit, usual_mean(), observation.budget.min_effect, commit, money_);
  if (commit) changed_ = true;  // the money gate may have learned of an excursion that ended
  if (lanes_.highest() > kSuspect) suspect_ = true;
  if (!candidate) return std::nullopt;
  return Proposal{candidate->recent ? DriftKind::unseen : DriftKind::moved, candidate->since, candidate->since - kBlock,
                  std::min(candidate->since + kBlock, block.end), candidate->log_evidence};
}

bool ModeWatch::judges_tails() const { return model_.family.log_bins && !stats::moves_values(model_.family); }

bool ModeWatch::could_be_new() const {
  const double known = modes_.fit_null(model_.family, block_).log_likelihood;
  return stats::own_log_likelihood(model_.family, block_) - known >= kGainToTest * core::total_calls(block_);
}

core::NanoUsd ModeWatch::stake(const core::Totals& totals) const {
  return at_stake(model_.symptom ? core::CostPart::volume : model_.cost_part, totals);
}

double ModeWatch::usual_mean() const {
  if (means_.empty()) return 0;
  std::vector<double> values;
  for (const auto& window : means_) values.push_back(window.mean);
  return stats::median(std::move(values));
}

Counterfactual ModeWatch::without_drift(const core::Counts& since) const {
  const stats::HullFit fit = modes_.fit(model_.family, since);
  const auto best = std::max_element(fit.lanes.begin(), fit.lanes.end(),
                                     [](const auto& a, const auto& b) { return a.gain < b.gain; });
  return {modes_.mixture(best->weights), modes_.mean(best->weights), best->gain, modes_.calls_behind(fit.null.weights)};
}

double ModeWatch::null_mean(const core::Counts& since) const {
  return modes_.mean(modes_.fit_null(model_.family, since).weights);
}

core::NanoUsd ModeWatch::money_floor(core::EventTime now, double false_pages_per_week) const {
  return money_.floor(now, false_pages_per_week);
}

double ModeWatch::recovery_gain(const core::Counts& counts, const core::Counts& drifted) const {
  return modes_.fit_null(model_.family, counts).log_likelihood -
         stats::fit_mixture(model_.family, {&drifted}, counts).log_likelihood;
}

void ModeWatch::restart_lanes() {
  lanes_.reset();
  block_.clear();
  suspect_ = true;
}

void ModeWatch::forget_since(core::EventTime onset, core::EventTime now) {
  std::erase_if(pending_, [&](const Window& window) { return window.end > onset && now - window.end < kQuarantine; });
  changed_ = true;
}

void ModeWatch::accept_since(core::EventTime onset) {
  accepted_since_ = onset;
  lanes_.reset();
  changed_ = true;
}

}  // namespace costdrift::detectors
