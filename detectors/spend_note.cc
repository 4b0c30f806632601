#include "detectors/spend_note.h"

#include <algorithm>
#include <cmath>

#include "core/hash.h"
#include "core/log_bins.h"
#include "core/text.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kUserSlots = "user_slots";
constexpr std::uint64_t kSlots = core::kLogBins;
// One user in so many is looked at, the same ones always: counting all would cost more than everything else.
constexpr std::uint64_t kOneIn = 16;
constexpr double kFewestSeen = 10;

core::Observations observe(const core::UsageEvent& event) {
  core::Observations observations;
  if (event.user.empty()) return observations;
  const std::uint64_t hash = core::hash64(event.user);
  if (hash % kOneIn == 0) observations.add(static_cast<std::int16_t>(hash / kOneIn % kSlots));
  return observations;
}

std::string times(double now, double before) { return "x" + core::describe_number(now / before); }

}  // namespace

core::MetricSpec user_slots_metric() {
  return {.name = kUserSlots, .unit = "slot", .log_bins = false, .observe_call = observe};
}

double distinct_users(const core::BucketSummary& summary) {
  constexpr auto slots = static_cast<double>(kSlots);
  const auto used = static_cast<double>(summary.counts(kUserSlots).size());
  return used < kFewestSeen ? 0 : -slots * std::log1p(-std::min(used, slots - 1) / slots) * kOneIn;
}

std::string spend_note(const core::SeriesHistory& history, core::EventTime now) {
  const core::BucketSummary recent = history.sum(now - core::hours(1), now);
  // Hours are what is left of last week: the one that overlaps most.
  const core::EventTime hour = core::floor_to(now - core::days(7) - core::minutes(30), core::hours(1));
  const core::BucketSummary before = history.sum(hour, hour + core::hours(1));
  if (recent.totals.calls == 0 || before.totals.calls == 0 || before.totals.cost.nano <= 0) return {};
  const auto calls = static_cast<double>(recent.totals.calls), calls_before = static_cast<double>(before.totals.calls);
  const double cost = core::to_usd(recent.totals.cost), cost_before = core::to_usd(before.totals.cost);
  std::string note = "Against the same hour a week before: calls " + times(calls, calls_before) + ", cost per call " +
                     times(cost / calls, cost_before / calls_before);
  const double users = distinct_users(recent), users_before = distinct_users(before);
  if (users >= 1 && users_before >= 1)
    note += ", users " + times(users, users_before) + ", calls per user " +
            core::describe_number(calls_before / users_before) + " to " + core::describe_number(calls / users) +
            ", cost per user " + core::format_usd(cost_before / users_before) + " to " + core::format_usd(cost / users);
  return note + ".";
}

}  // namespace costdrift::detectors
