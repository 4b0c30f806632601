// A sink that reads its secrets again when its receiver refuses a message for good, so that a key or an address that
// was replaced in its file takes effect without a restart.
//
// Operation  a message was refused and a secret file holds something else than when the sink was made: the sink is made
//            anew and the message is tried once more. With the same secrets, or new ones that cannot be used, the
//            refusal stands.
// Threads    as sinks::Sink.
#pragma once

#include <memory>

#include "config/field.h"
#include "core/result.h"
#include "sinks/sink.h"

namespace costdrift::daemon {

// `spec` outlives the sink. Errors (config): as spec.make().
core::Result<std::unique_ptr<sinks::Sink>> make_renewing_sink(const sinks::SinkSpec& spec, const config::Values& values,
                                                              const sinks::SinkContext& context);

}  // namespace costdrift::daemon
