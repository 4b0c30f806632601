#include "daemon/delivery/sink_setup.h"

#include <unistd.h>

#include "daemon/delivery/renewing_sink.h"
#include "sinks/http_client.h"

namespace costdrift::daemon {
namespace {

std::string sender() {
  char host[256] = {};
  if (gethostname(host, sizeof host - 1) != 0) return "costdrift";
  return std::string("costdrift:") + host;
}

}  // namespace

core::Result<std::vector<SinkSetup>> make_sinks(const config::Settings& settings, const core::Clock& clock,
                                                const std::string& version) {
  std::vector<SinkSetup> setups;
  std::string problems;
  for (const auto& configured : settings.sinks) {
    const auto* spec = sinks::find_sink(configured.type);
    if (spec == nullptr) core::bug("configured sink type is not registered");
    SinkSetup setup{.name = configured.name,
                    .type = configured.type,
                    .sink = nullptr,
                    .min_interval = spec->min_interval,
                    .burst = spec->burst,
                    .http = sinks::make_curl_client({.user_agent = "costdrift/" + version})};
    auto sink =
        make_renewing_sink(*spec, configured.values, {.http = setup.http.get(), .clock = &clock, .sender = sender()});
    if (!sink) {
      problems += (problems.empty() ? "" : "\n") + ("sinks." + configured.name + ": " + sink.error().message);
      continue;
    }
    setup.sink = *std::move(sink);
    setups.push_back(std::move(setup));
  }
  if (!problems.empty()) return core::fail(core::ErrorCode::config, problems);
  return setups;
}

}  // namespace costdrift::daemon
