// `costdrift check`: what it refuses and what it only warns of.
#include "daemon/commands.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace costdrift::daemon {
namespace {

struct Answer {
  int status = 0;
  std::string out, err;
};

Answer check(const std::string& topics, const std::string& more) {
  const tests::TempDir directory;
  const std::string config = directory.write("costdrift.yaml", "kafka: {brokers: localhost:1, topics: " + topics +
                                                                   "}\nstate: {path: " + directory.file("state") +
                                                                   "}\nsinks: {me: {type: console}}\n" + more);
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Answer answer;
  answer.status = check_command({.config = config});
  answer.out = ::testing::internal::GetCapturedStdout();
  answer.err = ::testing::internal::GetCapturedStderr();
  return answer;
}

TEST(CheckCommand, WarnsOfAnAliasThatDoesNothing) {
  const Answer answer = check("[{name: llm.usage}]", "prices: {aliases: {our-model: no-such-model}}\n");
  EXPECT_EQ(answer.status, 0) << answer.err;
  EXPECT_NE(answer.out.find("no problems"), std::string::npos);
  EXPECT_NE(
      answer.err.find("warning: prices.aliases: \"our-model\" names a model that the price list has no price for"),
      std::string::npos)
      << answer.err;
}

TEST(CheckCommand, RefusesAFormatThatNobodyReads) {
  const Answer answer = check("[{name: llm.usage, format: morse}]", "");
  EXPECT_EQ(answer.status, 78);
  EXPECT_NE(answer.err.find("morse"), std::string::npos) << answer.err;
}

TEST(CheckCommand, RefusesWhatADetectorCannotDoAllAtOnce) {
  const Answer answer = check("[{name: llm.usage}]",
                              "detectors:\n  budget:\n    budgets:\n"
                              "      - {name: a, usd: 5, time_zone: Europe/Nowhere}\n"
                              "      - {name: b, scope: app}\n");
  EXPECT_EQ(answer.status, 78);
  for (const char* problem : {"\"a\": time zone", "\"b\": give one limit", "\"b\": say which app",
                              "yaml:7: detectors.budget.budgets: budget \"a\"", "yaml:8: "}) {
    EXPECT_NE(answer.err.find(problem), std::string::npos) << problem << " is not in\n" << answer.err;
  }
}

}  // namespace
}  // namespace costdrift::daemon
