// The Prometheus rules and the Grafana dashboard use only metrics that exist.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "daemon/http/metrics.h"
#include "tests/support/places.h"
#include "tests/support/sample_snapshot.h"

namespace costdrift::daemon {
namespace {

std::set<std::string> names_in(const std::string& text) {
  const std::regex name("costdrift_[a-z_]+");
  std::set<std::string> names;
  for (std::sregex_iterator i(text.begin(), text.end(), name), end; i != end; ++i) names.insert(i->str());
  return names;
}

class PackagedMetrics : public testing::TestWithParam<const char*> {};

TEST_P(PackagedMetrics, Exist) {
  std::ifstream file(tests::source_path("packaging/") + GetParam());
  std::ostringstream text;
  text << file.rdbuf();
  const auto used = names_in(text.str());
  const auto rendered = names_in(render_metrics(tests::sample_snapshot(), core::seconds(0)));
  EXPECT_GE(used.size(), 5U) << "the file cannot be read";
  for (const std::string& name : used) EXPECT_TRUE(rendered.contains(name)) << name;
}

INSTANTIATE_TEST_SUITE_P(Files, PackagedMetrics,
                         testing::Values("prometheus/costdrift.rules.yml", "grafana/costdrift.json"));

}  // namespace
}  // namespace costdrift::daemon
