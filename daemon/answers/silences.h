// Silences: spans of event time in which alerts with certain labels are told to nobody. They are decided, kept and
// shown all the same; an incident that still goes on when its silence ends is told then.
//
// Threads  the stream thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/alert_event.h"
#include "daemon/answers/action.h"

namespace costdrift::daemon {

struct Silence {
  std::string id;
  std::vector<core::Label> match;
  core::EventTime from, until;
  std::string by, note;
};

class Silences {
 public:
  // A taken action of kind silence; the same one twice is one.
  void add(const Action& action);
  // False: there is no such silence.
  bool remove(const std::string& id);
  // Whether alerts with these labels are silent at `now`.
  bool cover(const std::vector<core::Label>& labels, core::EventTime now) const;
  void expire(core::EventTime now);
  // By the end, the soonest first.
  std::vector<Silence> all() const;

 private:
  std::map<std::string, Silence> silences_;  // by id
};

}  // namespace costdrift::daemon
