// IncidentBook: the open and recently resolved incidents; turns findings and the passing of event time into alert
// events.
//
// Operation  apply() and advance_to() return the alert events that they cause, in order; each is also the newest
//            version in the book. Changed incidents are put into the store; nothing is durable before Store::commit().
// Threads    the stream thread.
// Limits     resolved incidents are kept for two days (echo rule, API), those learned as normal or ended for want of traffic for seven;
//            limits.max_incidents_kept bounds the book, the oldest resolved ones leave first.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/result.h"
#include "daemon/answers/action.h"
#include "daemon/answers/declared_changes.h"
#include "daemon/incidents/incident.h"
#include "daemon/incidents/lifecycle.h"
#include "daemon/pipeline_listener.h"
#include "state/tables.h"

namespace costdrift::daemon {

class IncidentBook {
 public:
  // The settings, the store and the changes outlive the book. nullptr: nobody declares any.
  IncidentBook(const config::Settings& settings, state::Store& store, const DeclaredChanges* changes = nullptr,
               state::KeySpace where = state::KeySpace::incidents)
      : settings_(settings), declared_(changes), table_(store, where) {}

  // `closed_until` is the bucket time up to which the state has judged; EventTime::min(): nothing yet.
  core::Result<void> load(core::EventTime closed_until);

  // Holds what `other` holds, and nothing else; nothing at all.
  void copy(const IncidentBook& other);
  void clear();
  bool empty() const { return incidents_.empty(); }

  // What `finding` changes, if anything. A symptom on a roll-up opens nothing while incidents inside the roll-up
  // explain at least half of its dollars. What an incident that was paged tells of already (same_change.h) is a ticket
  // of its own, if that page went to everybody who would get this one; it is a page after all once nothing tells of it
  // any more. A page is critical when it and what it tells of are so together.
  std::vector<core::AlertEvent> apply(const core::Finding& finding);

  // Whether apply(finding) would open an incident, or open one again.
  bool would_open(const core::Finding& finding) const;
  // Puts a finding that would open an incident on record as one that has ended already, a ticket: it was announced.
  core::AlertEvent note_expected(const core::Finding& finding, const Declaration& declaration);
  // After a change was declared or withdrawn: new versions of the open incidents that now name another one, or none.
  std::vector<core::AlertEvent> review_causes(core::EventTime now);
  // The open incidents whose parts were announced (the leading one, and the others but symptoms of it), each with the
  // declaration of what leads it.
  std::vector<std::pair<std::string, const Declaration*>> expected_incidents() const;

  // Why apply(finding) would open nothing; nullopt: it would, or the finding belongs to an open incident. For
  // listeners.
  std::optional<Withheld> withheld(const core::Finding& finding) const;

  // Deadlines up to `now`: incidents end whose series has had no traffic since `last_seen(series)`, and of which no
  // detector has said anything, for too long.
  using LastSeen = std::function<core::EventTime(const core::SeriesKey&)>;
  std::vector<core::AlertEvent> advance_to(core::EventTime now, const LastSeen& last_seen);

  // Whole id of the open incident whose id begins with `id`. Error (usage): there is none, or more than one.
  core::Result<std::string> full_id(const std::string& id) const;
  // Carries out an action about an open incident, named by its whole id.
  core::AlertEvent act(const Action& action);
  // What judges the incident's series: the judges that learn anew when it is called expected.
  struct Source {
    core::SeriesKey series;
    std::string detector;
    bool operator==(const Source&) const = default;
  };
  std::vector<Source> sources(const std::string& id) const;
  // Ids of the open incidents that the page of this one tells of.
  std::vector<std::string> told_by(const std::string& id) const;

  // The newest version was told to nobody; release() tells it once `muted` (snoozed or silenced) no longer holds.
  void hold(const std::string& id);
  bool is_held(const std::string& id) const;
  std::vector<core::AlertEvent> release(core::EventTime now, const std::function<bool(const core::AlertEvent&)>& muted);

  // Ids of the incidents that a silence or snooze has kept from every sink so far, or until they ended.
  std::set<std::string> untold() const;

  // Remembers that a sink was told of the incident, so that it hears of the end.
  void told(const std::string& incident_id, const std::string& sink);
  // Sinks that were told of the incident.
  const std::set<std::string>& told_sinks(const std::string& incident_id) const;

  // The newest versions, newest change first: open ones, then open ones that a page tells of, then resolved ones. The
  // numbers of open ones are those of the newest estimate (refresh_numbers()).
  std::vector<core::AlertEvent> newest(std::size_t limit) const;
  std::int64_t open_count() const;
  // Grows whenever newest() may give something else.
  std::int64_t changes() const { return changes_; }

 private:
  const Incident* open_for(const core::Finding& finding) const;
  bool is_echo(const core::Finding& finding) const;
  bool is_explained(const core::Finding& finding) const;
  bool is_full(const std::string& id) const;
  // Whether incidents of three other applications are told by the page.
  bool three_apps_share(const Incident& page) const;
  // The first page that is as severe as `asking` and tells of its newest finding; nullptr: none.
  const Incident* teller_of(const Incident& asking, const core::Finding& newest) const;
  bool is_still_told(Incident& incident, const core::Finding& newest) const;
  // Raises the incident's severity as its newest finding asks for, unless a page tells of it.
  void weigh_in(Incident& incident, const core::Finding& finding);
  void link(Incident& incident, const Incident* teller);
  std::vector<const Incident*> elsewhere(const Incident& incident) const;
  // A new version of the page that tells of `told`, if that is worth one.
  std::vector<core::AlertEvent> review_teller(const Incident& told);
  void raise_together(Incident& incident);
  void sort_oldest_first(std::vector<std::string>& ids) const;
  // A new incident of the finding, without a version.
  Incident& admit(const core::Finding& finding);
  // Finds it by its series from now on.
  void list(const Incident& incident);
  std::vector<core::AlertEvent> open(const core::Finding& finding);
  core::AlertEvent described(const Incident& incident) const;
  std::vector<core::AlertEvent> revise(Incident& incident, const core::Finding& finding);
  // The last version, if the finding ends the incident.
  std::optional<core::AlertEvent> ended_by(const core::Finding& finding, Incident& incident);
  // A new version because of the news; without news, if it is worth one.
  std::vector<core::AlertEvent> tell(Incident& incident, std::string_view news = {});
  bool is_open(const std::string& id) const;
  core::AlertEvent next_version(Incident& incident, core::AlertEvent event, core::AlertStatus status,
                                std::string reason);
  core::AlertEvent resolve(Incident& incident, core::EventTime at, std::string reason,
                           core::AlertStatus how = core::AlertStatus::resolved);
  void note_end(const core::Finding& finding);
  const Incident* ended_too_soon(const core::Finding& finding) const;
  std::vector<core::AlertEvent> reopen(Incident& incident, const core::Finding& finding);
  void forget_old(core::EventTime now);
  void save(const Incident& incident) {
    ++changes_;
    table_.put(incident.id, encode_incident(incident));
  }

  const config::Settings& settings_;
  const DeclaredChanges* declared_;
  state::RecordTable table_;
  std::map<std::string, Incident> incidents_;                               // by id
  std::map<std::string, std::vector<std::string>, std::less<>> by_series_;  // series text -> ids, oldest first
  std::map<std::string, std::set<std::string>> tells_of_;                   // id of a page -> those it tells of
  std::set<std::string> held_;                                              // ids of incidents that are held
  core::EventTime next_sweep_ = core::EventTime::min();
  std::int64_t changes_ = 0;
};

}  // namespace costdrift::daemon
