// spend_note: is it more users, more calls per user, or dearer calls? The last hour against the same hour a week
// before.
#pragma once

#include <string>

#include "core/closed_bucket.h"
#include "core/metric.h"

namespace costdrift::detectors {

// Counts calls per slot of a hash of the user, of one user in 16 and always the same ones; the share of slots in use
// tells how many users there are.
core::MetricSpec user_slots_metric();
// Linear counting (Whang 1990); 0 when calls name no user, or fewer than about 160.
double distinct_users(const core::BucketSummary& summary);

// One sentence; empty when there was no traffic a week before.
std::string spend_note(const core::SeriesHistory& history, core::EventTime now);

}  // namespace costdrift::detectors
