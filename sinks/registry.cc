#include "sinks/sink.h"

namespace costdrift::sinks {

#define COSTDRIFT_SINK(name) extern const SinkSpec name##_spec;
#include "sinks/sinks.def"
#undef COSTDRIFT_SINK

namespace {

constexpr RegisteredSink kSinks[] = {
#define COSTDRIFT_SINK(name) {#name, &name##_spec},
#include "sinks/sinks.def"
#undef COSTDRIFT_SINK
};

}  // namespace

std::span<const RegisteredSink> all_sinks() { return kSinks; }

const SinkSpec* find_sink(std::string_view name) {
  for (const RegisteredSink& sink : kSinks) {
    if (sink.name == name) return sink.spec;
  }
  return nullptr;
}

}  // namespace costdrift::sinks
