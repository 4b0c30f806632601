// docs/ALERTS.md lists every key of an alert event, and no other.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

#include "core/alert_event_json.h"
#include "tests/support/places.h"
#include "tests/support/sample_snapshot.h"

namespace costdrift::daemon {
namespace {

using nlohmann::ordered_json;

// "usd", "usd.so_far", "drivers[].share", in the order of the document.
void collect_keys(const ordered_json& value, const std::string& prefix, std::vector<std::string>& keys) {
  for (const auto& [name, member] : value.items()) {
    const std::string key = prefix + name;
    keys.push_back(key);
    // The keys of labels are whatever dimensions the events have.
    if (member.is_object() && name != "labels") collect_keys(member, key + ".", keys);
    if (member.is_array() && !member.empty()) collect_keys(member.front(), key + "[].", keys);
  }
}

TEST(AlertsDocument, ListsEveryKeyInOrder) {
  std::ifstream file(tests::source_path("docs/ALERTS.md"));
  ASSERT_TRUE(file) << "docs/ALERTS.md cannot be read";
  std::vector<std::string> documented;
  bool in_keys = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) in_keys = line == "## Every key";
    std::smatch match;
    if (in_keys && std::regex_match(line, match, std::regex("\\| `([^`]+)` \\|.*"))) documented.push_back(match[1]);
  }
  std::vector<std::string> written;
  core::AlertEvent event = tests::sample_alert();
  event.declared_change = core::DeclaredChange{};
  event.told_by = core::IncidentRef{};
  event.elsewhere.largest = {{}};
  collect_keys(ordered_json::parse(core::to_json(event)), "", written);
  EXPECT_EQ(documented, written);
}

}  // namespace
}  // namespace costdrift::daemon
