// Call: one call to a model in the demo, before it is written as an event.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/time.h"
#include "daemon/demo/app_profile.h"

namespace costdrift::daemon::demo {

inline constexpr std::int64_t kAbsent = -1;

struct Call {
  core::EventTime ts;
  const AppProfile* profile = nullptr;
  std::uint8_t model = 0, use_case = 0;  // places in the profile's lists
  bool failed = false;                   // no answer: the event has no tokens
  bool run_end = false;
  std::int64_t input = 0, output = 0;
  std::int64_t cached = kAbsent, retrieved = kAbsent, tool_calls = kAbsent;
  std::int64_t attempt = 0;  // 0: not given
  std::uint64_t run = 0;     // 0: not part of a run
  std::int64_t step = 0;
  std::int64_t latency_ms = 0;
  std::string_view prompt_version;
};

inline const Model& model_of(const Call& call) { return *call.profile->models[call.model].model; }

// List price in nano-dollars.
inline std::int64_t cost_of(const Call& call) {
  if (call.failed) return 0;
  const Model& model = model_of(call);
  const std::int64_t cached = call.cached == kAbsent ? 0 : call.cached;
  return (call.input - cached) * model.input + cached * model.cache_read + call.output * model.output;
}

}  // namespace costdrift::daemon::demo
