#include "daemon/incidents/routing.h"

#include <algorithm>

namespace costdrift::daemon {
namespace {

bool has_label(const core::AlertEvent& event, const std::string& name, const std::string& value) {
  return std::any_of(event.labels.begin(), event.labels.end(), [&](const core::Label& label) {
    return core::dimension_name(label.first) == name && label.second == value;
  });
}

bool matches(const config::Route& route, const core::AlertEvent& event) {
  if (route.severity && *route.severity != event.severity) return false;
  if (!route.detector.empty() && route.detector != event.detector) return false;
  return std::all_of(route.labels.begin(), route.labels.end(),
                     [&](const auto& label) { return has_label(event, label.first, label.second); });
}

}  // namespace

std::vector<std::string> sinks_for(const core::AlertEvent& event, const config::Settings& settings) {
  if (settings.routes.empty()) {
    std::vector<std::string> all;
    for (const auto& sink : settings.sinks) all.push_back(sink.name);
    return all;
  }
  for (const auto& route : settings.routes) {
    if (matches(route, event)) return route.send;
  }
  return {};
}

}  // namespace costdrift::daemon
