// ToldIncident: one incident as a replay told it, from its versions.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/alert_event.h"
#include "daemon/pipeline_listener.h"

namespace costdrift::replay {

struct ToldIncident {
  core::AlertEvent first;                // its first version
  std::optional<core::AlertEvent> page;  // the first version of severity warning or more; none: a ticket
  core::AlertEvent last;                 // its newest version; numbers as of the end of the replay when it is open
  bool muted = false;                    // silenced or snoozed when it would have been a page; `page`: once it was not
  // The page for another incident that told of it.
  std::optional<core::IncidentRef> told_by() const { return first.told_by ? first.told_by : last.told_by; }
  // A ticket for that reason.
  bool told_along() const { return !page && !muted && told_by(); }
  const core::AlertEvent& told() const { return page ? *page : first; }
};

class ToldIncidents final : public daemon::PipelineListener {
 public:
  void add(const core::AlertEvent& event);
  // The newest version with the numbers that it would have now; unknown ones are left out.
  void refresh(const core::AlertEvent& event);
  // After add() of the same version.
  void on_muted(const core::AlertEvent& event, daemon::Muted why) override;
  // What is new, and all of it again (replay/gathered.h).
  void save(state::Store& store);
  bool load(const state::Store& store);
  // In the order in which they were first told.
  const std::vector<ToldIncident>& all() const { return incidents_; }

 private:
  std::vector<ToldIncident> incidents_;
  std::map<std::string, std::size_t> by_id_;
  std::set<std::size_t> unsaved_;
};

}  // namespace costdrift::replay
