#include "daemon/demo/workload.h"

#include <algorithm>

namespace costdrift::daemon::demo {

Workload::Workload(const WorkloadOptions& options, std::vector<Incident> incidents)
    : options_(options), now_(options.start) {
  incidents_.reserve(incidents.size());
  for (Incident& incident : incidents) {
    const core::EventTime from = day_start() + incident.at;
    const core::EventTime to = from + incident.lasts;
    incidents_.push_back({std::move(incident), from, to, {}});
  }
  for (const AppProfile& profile : all_apps()) {
    std::vector<PlayedIncident*> own;
    for (PlayedIncident& played : incidents_) {
      if (played.incident.app == profile.app) own.push_back(&played);
    }
    apps_.emplace_back(profile, std::move(own), AppTraffic::Period{start(), end()}, options_.seed, options_.volume);
    next_.push_back(apps_.back().next_time());
  }
}

void Workload::generate_until(core::EventTime until, std::span<EventBatch> batches) {
  until = std::min(until, end());
  while (true) {
    const auto first = std::min_element(next_.begin(), next_.end());
    if (*first >= until) break;
    AppTraffic& app = apps_[static_cast<std::size_t>(first - next_.begin())];
    const Call call = app.next();
    *first = app.next_time();
    EventBatch& batch = batches[(call.run != 0 ? call.run : events_) % batches.size()];
    batch.bytes.append(writer_.write(call, events_));
    batch.ends.push_back(static_cast<std::uint32_t>(batch.bytes.size()));
    ++events_;
  }
  now_ = std::max(now_, until);
}

}  // namespace costdrift::daemon::demo
