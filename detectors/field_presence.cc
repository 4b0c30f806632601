#include "detectors/field_presence.h"

#include "core/result.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kMetric = "field_presence";

core::Observations observe(const core::UsageEvent& event) {
  core::Observations seen;
  if (event.status != core::CallStatus::ok || event.gateway_cache_hit) return seen;
  const bool owner = !event.team.empty() || !event.owner.empty() || !event.cost_center.empty();
  const bool given[kWatchedFields] = {event.cost_source != core::CostSource::unknown,
                                      event.cache_read_tokens.has_value(),
                                      event.retrieved_tokens.has_value(),
                                      event.tool_calls.has_value(),
                                      !event.run_id.empty(),
                                      owner};
  unsigned category = 0;
  for (std::size_t field = 0; field < kWatchedFields; ++field) category |= unsigned{given[field]} << field;
  seen.add(static_cast<std::int16_t>(category));
  return seen;
}

}  // namespace

std::string_view watched_field(std::size_t field) {
  constexpr std::string_view kNames[kWatchedFields] = {
      "a known cost", "cache_read_tokens", "retrieved_tokens", "tool_calls", "run_id", "team, owner or cost_center"};
  return kNames[field];
}

core::MetricSpec field_presence_metric() {
  return {.name = kMetric, .unit = "fields", .log_bins = false, .observe_call = observe};
}

FieldCounts count_fields(const core::BucketSummary& summary) {
  FieldCounts counts;
  for (const auto& [category, weight] : summary.counts(kMetric)) {
    const std::int64_t calls = weight / core::kOneCall;
    counts.calls += calls;
    for (std::size_t field = 0; field < kWatchedFields; ++field)
      if ((static_cast<unsigned>(category) >> field & 1U) == 0) counts.missing[field] += calls;
  }
  return counts;
}

}  // namespace costdrift::detectors
