// Progress: how far a long reading is, on a terminal: share done, rate, time left.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "core/clock.h"
#include "core/time.h"

namespace costdrift::replay {

// "[=========>          ] 47 % 1,234,567 events 512,000/s 12 s left". `fraction` below 0: not known, no bar and no
// time left. `elapsed` is since the beginning.
std::string progress_text(std::int64_t events, double fraction, core::Duration elapsed);

class Progress {
 public:
  // Nothing is ever written unless `terminal`. The clock and the stream outlive the object.
  Progress(const core::Clock& clock, std::ostream& out, bool terminal)
      : clock_(clock), out_(out), terminal_(terminal), began_(clock.monotonic_now()), shown_(began_) {}
  // Writes over the line at most five times a second.
  void update(std::int64_t events, double fraction);
  // Wipes the line, for what is printed next.
  void clear();

 private:
  const core::Clock& clock_;
  std::ostream& out_;
  bool terminal_;
  core::MonotonicTime began_, shown_;
  bool on_screen_ = false;
};

}  // namespace costdrift::replay
