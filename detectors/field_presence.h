// FieldWatches: of which fields the calls of one series give a value, and which of them stopped coming.
//
// The metric has one category per combination of the six fields. Failed calls and answers from a gateway's cache
// rightly lack some, and are left out.
#pragma once

#include <array>
#include <string_view>

#include "core/bucket_summary.h"
#include "core/metric.h"
#include "detectors/share_watch.h"

namespace costdrift::detectors {

inline constexpr std::size_t kWatchedFields = 6;
// "a known cost", "cache_read_tokens", ... : what calls give, for sentences.
std::string_view watched_field(std::size_t field);

core::MetricSpec field_presence_metric();
// Of the calls of a summary that can have them.
struct FieldCounts {
  std::int64_t calls = 0;
  std::array<std::int64_t, kWatchedFields> missing{};
};
FieldCounts count_fields(const core::BucketSummary& summary);

// A field is watched that at least half of the calls give in every hour, and has stopped when half of those lack it.
inline constexpr ShareRule kMissingField{
    .least = 0.5, .of_usual = 0, .of_rest = 0.5, .most_usual = 0.5, .fewest_calls = 20};

}  // namespace costdrift::detectors
