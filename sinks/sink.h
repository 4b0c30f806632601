// Sink: turns a notification into one HTTP request (or console text) and judges the answer. Nothing else: queues,
// retries, back-off, rate limits, order, metrics and persistence live in daemon/delivery.
//
// Threads  deliver() is called by one worker thread per sink, one call at a time.
// Errors   never thrown; the outcome says what the worker must do. A reason never contains a secret.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "config/field.h"
#include "core/clock.h"
#include "core/notification.h"
#include "core/result.h"
#include "core/time.h"

namespace costdrift::sinks {

class HttpClient;

struct Delivered {};
// Try again, not before `after` (0: the worker's own back-off decides).
struct Retry {
  core::Duration after;
  std::string reason;
};
// Trying again cannot help.
struct Rejected {
  std::string reason;
};
using Outcome = std::variant<Delivered, Retry, Rejected>;

class Sink {
 public:
  virtual ~Sink() = default;
  virtual Outcome deliver(const core::Notification& notification) = 0;
};

// What a sink may use, given at construction.
struct SinkContext {
  HttpClient* http = nullptr;  // outlives the sink
  const core::Clock* clock = nullptr;
  std::string sender;  // "costdrift:<host>", shown where a protocol asks for a source
};

struct SinkSpec {
  std::string_view summary;  // one line for the reference page
  std::span<const config::FieldSpec> fields;
  core::Duration min_interval;  // default pacing: not more than one message per this, ...
  int burst = 1;                // ... after a burst of this many
  // Reads its secrets; contacts nothing.
  core::Result<std::unique_ptr<Sink>> (*make)(const config::Values& values, const SinkContext& context);
};

struct RegisteredSink {
  std::string_view name;
  const SinkSpec* spec;
};

// Every sink of sinks.def, in that order.
std::span<const RegisteredSink> all_sinks();
// nullptr: no such sink.
const SinkSpec* find_sink(std::string_view name);

}  // namespace costdrift::sinks
