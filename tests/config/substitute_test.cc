#include "config/substitute.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/config/test_catalogue.h"

namespace costdrift::config {
namespace {

// The text, or "! what; remedy".
std::string result_of(const std::string& text) {
  const std::map<std::string, std::string> variables = {{"HOST", "b:9092"}, {"EMPTY", ""}, {"TRICK", "${HOST}$$"}};
  const auto result = substitute(text, [&](const std::string& name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
  if (const auto* problem = std::get_if<ValueProblem>(&result)) return "! " + problem->what + "; " + problem->remedy;
  return std::get<Substituted>(result).text;
}

TEST(Substitute, PutsInVariablesAndDefaults) {
  EXPECT_EQ(result_of("plain"), "plain");
  EXPECT_EQ(result_of("${HOST}"), "b:9092");
  EXPECT_EQ(result_of("a-${HOST}-${HOST}-z"), "a-b:9092-b:9092-z");
  EXPECT_EQ(result_of("${NONE:-d:1}"), "d:1");
  EXPECT_EQ(result_of("${EMPTY:-d}"), "d");
  EXPECT_EQ(result_of("${HOST:-d}"), "b:9092");
  EXPECT_EQ(result_of("${NONE:-}"), "");
  EXPECT_EQ(result_of("${EMPTY}"), "");
  EXPECT_EQ(result_of("${HOST:?needed}"), "b:9092");
}

TEST(Substitute, LeavesOtherDollarSigns) {
  EXPECT_EQ(result_of("$$"), "$");
  EXPECT_EQ(result_of("$${HOST}"), "${HOST}");
  EXPECT_EQ(result_of("$5 and $HOST $"), "$5 and $HOST $");
}

TEST(Substitute, DoesNotLookIntoVariables) { EXPECT_EQ(result_of("${TRICK}"), "${HOST}$$"); }

TEST(Substitute, SaysWhatIsWrong) {
  EXPECT_EQ(result_of("${NONE}"), "! the environment variable NONE is not set; set it, or write ${NONE:-default}");
  EXPECT_EQ(result_of("${NONE:?say which broker}"), "! the environment variable NONE is not set; say which broker");
  EXPECT_EQ(result_of("${EMPTY:?}"), "! the environment variable EMPTY is not set; set it, or write ${EMPTY:-default}");
  EXPECT_EQ(result_of("${HOST"), "! \"${\" has no \"}\"; close it, or write $$ for a dollar sign");
  for (const char* text : {"${}", "${1X}", "${A B}", "${HOST:x}", "${HOST-}"}) {
    EXPECT_EQ(result_of(text),
              "! \"${\" begins no variable; write ${NAME} or ${NAME:-default}, or $$ for a dollar sign")
        << text;
  }
}

TEST(Substitute, KnowsWhatCameFromTheEnvironment) {
  const auto with = [](const std::string&) -> const char* { return "v"; };
  EXPECT_TRUE(std::get<Substituted>(substitute("a${X}", with)).from_environment);
  EXPECT_FALSE(std::get<Substituted>(substitute("a$$", with)).from_environment);
}

TEST(Substitute, IsUndoneByEscaping) {
  for (const char* text : {"$", "${HOST}", "a$$b", "", "plain"}) EXPECT_EQ(result_of(escape_dollars(text)), text);
}

class InAFile : public testing::Test {
 protected:
  void SetUp() override { ::setenv("COSTDRIFT_TEST_VALUE", "kafka:9092: [x]", 1); }
  void TearDown() override { ::unsetenv("COSTDRIFT_TEST_VALUE"); }
};

TEST_F(InAFile, AVariableIsTextWhateverItHolds) {
  const auto settings = load_text(
      "kafka: {brokers: '${COSTDRIFT_TEST_VALUE}', topics: [{name: '${COSTDRIFT_TEST_NONE:-t}'}]}\n"
      "state: {path: s}\nsinks: {}\nprices: {aliases: {a: b$$c}}\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->kafka.brokers, "kafka:9092: [x]");
  EXPECT_EQ(settings->kafka.topics[0].name, "t");
  EXPECT_EQ(settings->prices.aliases.at("a"), "b$c");
}

TEST_F(InAFile, AnUnknownVariableIsReportedWithItsPlace) {
  EXPECT_EQ(problems_of(kRequired + "runbook_url: ${COSTDRIFT_TEST_NONE}\n"),
            "c.yaml:4: runbook_url: the environment variable COSTDRIFT_TEST_NONE is not set; set it, or write "
            "${COSTDRIFT_TEST_NONE:-default}");
}

TEST_F(InAFile, AWrongValueFromTheEnvironmentIsNotShown) {
  EXPECT_EQ(problems_of(kRequired + "log: {level: '${COSTDRIFT_TEST_VALUE}'}\n"),
            "c.yaml:4: log.level: the value is not known here; choose one of debug, info, warn, error");
}

}  // namespace
}  // namespace costdrift::config
