// What components see of their settings, and how FieldSpec types are read.
#include <gtest/gtest.h>

#include "config/values_reader.h"

namespace costdrift::config {
namespace {

constexpr FieldSpec kLimitFields[] = {
    {.name = "scope", .doc = "Scope.", .required = true},
    {.name = "usd", .type = FieldType::number, .default_value = "10", .doc = "Dollars.", .min = 0, .max = kNoLimit},
};
constexpr RecordSpec kLimitRecord{kLimitFields};

constexpr FieldSpec kFields[] = {
    {.name = "steps", .type = FieldType::integer_list, .default_value = "[1, 2]", .doc = "Steps.", .min = 1, .max = 9},
    {.name = "names", .type = FieldType::text_map, .default_value = "{a: b}", .doc = "Names."},
    {.name = "limits", .type = FieldType::record_list, .doc = "Limits.", .record = &kLimitRecord},
    {.name = "price", .default_value = "$5 ${X}", .doc = "Price."},
    {.name = "flag", .type = FieldType::boolean, .default_value = "true", .doc = "Flag."},
};

struct Read {
  Values values;
  std::string problems;
};

Read read(const std::string& yaml) {
  Problems problems("c.yaml");
  const Node node = parse_yaml(yaml, problems).value_or(Node::mapping());
  ValuesReader reader(problems, [](const std::string&) -> const char* { return nullptr; });
  const Place place{"part"};
  reader.check_keys(node, place, kFields);
  Values values = reader.read_fields(node, place, kFields);
  fill_defaults(values, kFields);
  return {values, problems.empty() ? "" : problems.error().message};
}

TEST(ComponentValues, AreCompleteWithDefaults) {
  const Read got = read("{}");
  EXPECT_EQ(got.problems, "");
  EXPECT_EQ(got.values.integers("steps"), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(got.values.map("names"), (Values::TextMap{{"a", "b"}}));
  EXPECT_TRUE(got.values.records("limits").empty());
  EXPECT_EQ(got.values.text("price"), "$5 ${X}");
  EXPECT_TRUE(got.values.boolean("flag"));
}

TEST(ComponentValues, HoldListsMapsAndRecords) {
  const Read got = read("steps: 3\nnames: {}\nflag: false\nlimits:\n  - {scope: cx}\n  - {scope: all, usd: 0.5}\n");
  EXPECT_EQ(got.problems, "");
  EXPECT_EQ(got.values.integers("steps"), std::vector<std::int64_t>{3});
  EXPECT_TRUE(got.values.map("names").empty());
  EXPECT_FALSE(got.values.boolean("flag"));
  ASSERT_EQ(got.values.records("limits").size(), 2u);
  EXPECT_EQ(got.values.records("limits")[0].number("usd"), 10);
  EXPECT_EQ(got.values.records("limits")[1].text("scope"), "all");
  EXPECT_EQ(got.values.records("limits")[1].number("usd"), 0.5);
}

TEST(ComponentValues, ReportProblemsInsideOfLists) {
  EXPECT_EQ(read("steps: [1, 10]\nlimits: [{usd: -1}]\n").problems,
            "c.yaml:1: part.steps[1]: \"10\" is out of range; choose 1 to 9\n"
            "c.yaml:2: part.limits[0].scope: missing; it must be given: Scope.\n"
            "c.yaml:2: part.limits[0].usd: \"-1\" is out of range; choose at least 0");
}

TEST(ComponentValues, MayBeLeftEmptyOnlyWithoutADefault) {
  EXPECT_EQ(read("limits: ~\n").problems, "");
  EXPECT_EQ(read("flag: ~\n").problems, "c.yaml:1: part.flag: has no value; give it one or remove the line");
}

TEST(ComponentValues, EndTheProgramWhenReadWithAnotherType) {
  const Read got = read("{}");
  EXPECT_DEATH(got.values.integer("flag"), "setting read with another type than declared");
  EXPECT_DEATH(got.values.integer("nothing"), "setting not declared");
}

}  // namespace
}  // namespace costdrift::config
