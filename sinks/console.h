// console: writes each message to standard output as readable lines. For a first try and for replay; no network.
#pragma once

#include "sinks/sink.h"

namespace costdrift::sinks {

extern const SinkSpec console_spec;

}  // namespace costdrift::sinks
