#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "config/node.h"
#include "config/sections.h"
#include "tests/config/test_catalogue.h"
#include "tests/support/places.h"

namespace costdrift::config {
namespace {

std::string example(const std::string& name) { return tests::source_path("config/examples/") + name + ".yaml"; }

TEST(Examples, Load) {
  for (const char* name : {"minimal", "full", "local"}) {
    const auto settings = load_settings(example(name), test_catalogue());
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_FALSE(settings->sinks.empty());
    EXPECT_EQ(settings->source_path, example(name));
  }
}

// full.yaml promises every field, and its default where the field has one.
TEST(FullExample, HasEveryFieldOfEverySection) {
  std::ifstream in(example("full"));
  std::ostringstream text;
  text << in.rdbuf();
  Problems problems("full.yaml");
  const auto root = parse_yaml(text.str(), problems);
  ASSERT_TRUE(root) << problems.error().message;
  for (const Section& section : sections()) {
    const Node* node = section.name.empty() ? &*root : root->find(section.name);
    ASSERT_NE(node, nullptr) << section.name;
    for (const SectionField& field : section.fields) {
      EXPECT_NE(node->find(field.spec.name), nullptr) << section.name << "." << field.spec.name;
    }
  }
}

TEST(FullExample, ShowsTheDefaults) {
  const auto full = load_settings(example("full"), test_catalogue());
  ASSERT_TRUE(full) << full.error().message;
  for (const Section& section : sections()) {
    const Values shown = values_of(section, *full);
    const Values defaults = values_of(section, Settings());
    for (const FieldSpec& spec : specs_of(section)) {
      if (spec.default_value.empty()) continue;
      EXPECT_EQ(shown.all().find(spec.name)->second, defaults.all().find(spec.name)->second) << spec.name;
    }
  }
}

TEST(LocalExample, PrintsToTheConsoleFromABrokerOnThisMachine) {
  const auto local = load_settings(example("local"), test_catalogue());
  ASSERT_TRUE(local) << local.error().message;
  EXPECT_EQ(local->kafka.brokers, "localhost:9092");
  EXPECT_EQ(local->sinks[0].type, "console");
}

}  // namespace
}  // namespace costdrift::config
