// EventWriter: a Call as one line of canonical event JSON (docs/EVENTS.md), fast: what never changes for an
// application is rendered once, numbers go straight into a reused buffer.
//
// Threads  one per thread.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/demo/call.h"

namespace costdrift::daemon::demo {

class EventWriter {
 public:
  EventWriter();
  // The text is valid until the next call. `number` makes the event_id: unique in one playing of the demo.
  std::string_view write(const Call& call, std::uint64_t number);

 private:
  char* write_time(char* out, core::EventTime ts);

  // By application, model and use case: everything from "app" to "use_case".
  std::map<const AppProfile*, std::vector<std::string>> fixed_parts_;
  const AppProfile* cached_profile_ = nullptr;
  const std::vector<std::string>* cached_parts_ = nullptr;
  core::EventTime second_ = core::EventTime::min();
  std::string second_text_;  // "2026-03-02T09:10:00"
  std::array<char, 2048> buffer_;
};

}  // namespace costdrift::daemon::demo
