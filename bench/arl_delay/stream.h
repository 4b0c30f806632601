// Streams of calls, before and after a change: independent, clustered in sessions, modulated by a slow level.
//
// Nothing here knows a detector. A stream is quiet until change() is called and drifted ever after; it is a function of
// the Random it was made from.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "bench/arl_delay/law.h"

namespace costdrift::bench {

struct Call {
  float value = 0;
  std::int32_t place = 0;  // of the call in its session or run, 1-based; 0: none
};

class Stream {
 public:
  virtual ~Stream() = default;
  virtual void fill(std::span<Call> calls) = 0;
  virtual void change() = 0;
};

// Independent values: `before`, then `after`.
std::unique_ptr<Stream> iid_stream(Random random, Law before, Law after);

// Token counts of calls in sessions: `concurrent` of them at a time, of geometric length. Sizes within a session
// resemble each other (correlation 0.91): a log-normal level per session, and little around it.
struct SessionTraffic {
  double median = 2000;
  double between_sd = 0.954;
  double within_sd = 0.3;
  int concurrent = 30;
  double mean_length = 8;
  double shift_after = 0;
  double factor_after = 1;
};
std::unique_ptr<Stream> session_stream(Random random, const SessionTraffic& traffic);

// Values whose level wanders: an AR(1) process by the minute and a daily and weekly rhythm, both added to `base`, which
// steps by `jump` at the change. `value` turns the level into one call's value.
struct LevelTraffic {
  int calls_per_minute = 60;
  double base = 0;
  double jump = 0;
  double ar = 0;      // correlation of successive minutes
  double sd = 0;      // of the AR(1) process
  double rhythm = 0;  // amplitude of the day; weekends lie as much lower
  double (*value)(Random& random, double level) = nullptr;
};
std::unique_ptr<Stream> level_stream(Random random, const LevelTraffic& traffic);

}  // namespace costdrift::bench
