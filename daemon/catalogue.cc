#include "daemon/catalogue.h"

#include "detectors/detector.h"
#include "sinks/sink.h"

namespace costdrift::daemon {

config::Catalogue catalogue() {
  config::Catalogue all;
  for (const auto& detector : detectors::all_detectors()) {
    all.detectors.push_back({detector.name, detector.spec->measures, detector.spec->fields});
  }
  for (const auto& sink : sinks::all_sinks()) {
    all.sinks.push_back({sink.name, sink.spec->summary, sink.spec->fields});
  }
  return all;
}

}  // namespace costdrift::daemon
