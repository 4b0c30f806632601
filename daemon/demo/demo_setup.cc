#include "daemon/demo/demo_setup.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemon/catalogue.h"

namespace costdrift::daemon::demo {
namespace {

std::string configuration(const std::string& bootstrap, const std::string& directory, const Receiver& receiver) {
  return "kafka:\n"
         "  brokers: " +
         bootstrap +
         "\n"
         "  topics: [{name: " +
         kDemoTopic +
         ", format: canonical}]\n"
         "  properties: {fetch.wait.max.ms: 5}\n"
         "state: {path: " +
         directory +
         "/state}\n"
         "time: {idle_timeout: 1s}\n"
         "pages: {false_pages_per_week: 1, min_effect: 10%, min_usd_per_hour: 5, critical_usd_per_hour: 25}\n"
         "sinks:\n"
         "  finops: {type: slack, webhook_url_file: " +
         directory +
         "/slack}\n"
         "  oncall: {type: pagerduty, routing_key_file: " +
         directory + "/pagerduty, url: \"" + receiver.url(Target::pagerduty) +
         "\"}\n"
         "  records: {type: webhook, url: \"" +
         receiver.url(Target::webhook) +
         "\"}\n"
         "routes:\n"
         "  - {when: {severity: info}, send: [records]}\n"
         "  - {when: {severity: critical}, send: [oncall, finops, records]}\n"
         "  - {send: [finops, records]}\n"
         "http: {listen: \"127.0.0.1:0\"}\n"
         "log: {level: warn}\n";
}

}  // namespace

core::Result<DemoSetup> DemoSetup::make(const std::string& bootstrap, const Receiver& receiver) {
  std::string path = (std::filesystem::temp_directory_path() / "costdrift-demo-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) {
    return core::fail(core::ErrorCode::io, "making a scratch directory " + path +
                                               " for the demo failed; set TMPDIR to "
                                               "a directory that can be written");
  }
  DemoSetup setup(path);
  if (auto written = setup.write("slack", receiver.url(Target::slack)); !written) return written.error();
  if (auto written = setup.write("pagerduty", "0123456789abcdef0123456789abcdef"); !written) return written.error();
  if (auto written = setup.write("costdrift.yaml", configuration(bootstrap, path, receiver)); !written) {
    return written.error();
  }
  return setup;
}

DemoSetup::~DemoSetup() {
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

core::Result<void> DemoSetup::write(const std::string& name, const std::string& text) const {
  const std::string path = directory_ + "/" + name;
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file || chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) {
    return core::fail(core::ErrorCode::io, "writing " + path + " for the demo failed: is the disk full?");
  }
  return {};
}

core::Result<config::Settings> DemoSetup::settings() const { return config::load_settings(config_path(), catalogue()); }

}  // namespace costdrift::daemon::demo
