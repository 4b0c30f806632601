// DeclaredChanges: what people and deploy pipelines said would change, and which findings follow from it.
//
// A declaration silences nothing by itself: an incident that begins near it names it. Only what it says to expect is
// taken as the new normal; that of a price change expects the price itself and what is counted in dollars from then on.
// Threads  the stream thread. A function of the actions and event time alone.
// Limits   declarations are kept for 21 days after they take effect, and at most kMostKept, the latest to take effect.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/alert_event.h"
#include "core/finding.h"
#include "daemon/answers/action.h"

namespace costdrift::daemon {

struct Declaration {
  core::DeclaredChange change;
  std::vector<core::Label> match;   // all of which a finding must have
  std::vector<std::string> expect;  // detectors
  std::optional<double> up_to;      // size of the effect; nullopt: any
  core::EventTime until;            // what begins later is not expected
};

class DeclaredChanges {
 public:
  static constexpr std::size_t kMostKept = 10'000;

  // A taken action of kind declare; the same one twice is one.
  void add(const Action& action);
  // False: there is no such declaration.
  bool remove(const std::string& id);
  void expire(core::EventTime now);

  // The declaration nearest to the onset, of those that lie between two hours before its interval and ten minutes after
  // it (pipelines declare when they are done); nullptr: none.
  const core::DeclaredChange* cause_of(const core::Finding& finding) const;
  // One that says that this is meant; nullptr: none does.
  const Declaration* expecting(const core::Finding& finding) const;

  // By the time at which they take effect, the latest first.
  std::vector<Declaration> all() const;
  // Grows whenever all() may give something else.
  std::int64_t edits() const { return edits_; }

 private:
  std::map<std::string, Declaration> declarations_;  // by id
  std::int64_t edits_ = 0;
};

// deploy "prompt v7" by ana
std::string describe(const core::DeclaredChange& change);

}  // namespace costdrift::daemon
