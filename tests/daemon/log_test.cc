#include "daemon/log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

namespace costdrift::daemon {
namespace {

using nlohmann::json;

template <class Write>
std::string written(const std::string& level, const std::string& format, Write write) {
  testing::internal::CaptureStderr();
  {
    const Log log({level, format});
    write(log);
  }
  return testing::internal::GetCapturedStderr();
}

TEST(Log, WritesOneJsonObjectALine) {
  const std::string text = written("info", "json", [](const Log& log) {
    log.info("partition_assigned", "reading from offset 17", {{"topic", "llm.usage"}, {"partition", "3"}});
  });
  ASSERT_EQ(text.back(), '\n');
  const json line = json::parse(text);
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["event"], "partition_assigned");
  EXPECT_EQ(line["msg"], "reading from offset 17");
  EXPECT_EQ(line["topic"], "llm.usage");
  EXPECT_EQ(line["partition"], "3");
}

TEST(Log, StampsTimeInUtcWithMilliseconds) {
  const json line = json::parse(written("info", "json", [](const Log& log) { log.info("a", "b"); }));
  const std::regex rfc3339("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
  EXPECT_TRUE(std::regex_match(line["ts"].get<std::string>(), rfc3339)) << line["ts"];
}

TEST(Log, NamesEveryLevelAsTheConfigurationDoes) {
  const std::string text = written("debug", "json", [](const Log& log) {
    log.error("e", "");
    log.warn("w", "");
    log.info("i", "");
    log.debug("d", "");
  });
  std::istringstream lines(text);
  std::vector<std::string> levels;
  for (std::string line; std::getline(lines, line);) levels.push_back(json::parse(line)["level"]);
  EXPECT_EQ(levels, (std::vector<std::string>{"error", "warn", "info", "debug"}));
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  EXPECT_EQ(written("warn", "json", [](const Log& log) { log.info("i", "m"); }), "");
  EXPECT_NE(written("warn", "json", [](const Log& log) { log.warn("w", "m"); }), "");
}

TEST(Log, HostileBytesStayOnOneLineAndInTheirValue) {
  const std::string hostile = "x\",\"level\":\"error\n\x1b[31m\u2028\xff\\";
  for (const char* format : {"json", "text"}) {
    const std::string text = written("info", format, [&](const Log& log) {
      log.info("a", hostile, {{"app", hostile}});
    });
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << format;
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << format;
    EXPECT_EQ(text.find('\xff'), std::string::npos) << format;
  }
  const json line = json::parse(written("info", "json", [&](const Log& log) {
    log.info("a", "m", {{"app", hostile}});
  }));
  EXPECT_EQ(line["level"], "info");
  EXPECT_TRUE(line["app"].get<std::string>().starts_with("x\",\"level\":\"error\\x0"));
}

TEST(Log, FormatPlaceholdersAreJustText) {
  const json line = json::parse(written("info", "json", [](const Log& log) { log.info("a", "{} {0} %v %s"); }));
  EXPECT_EQ(line["msg"], "{} {0} %v %s");
}

TEST(Log, TextIsForPeople) {
  const std::string text = written("info", "text", [](const Log& log) {
    log.warn("sink_retry", "slack did not answer", {{"sink", "finops"}});
  });
  EXPECT_TRUE(text.ends_with(" warn  sink_retry: slack did not answer  sink=finops\n")) << text;
}

TEST(Log, AutoIsJsonWhenStandardErrorIsNotATerminal) {
  EXPECT_TRUE(json::accept(written("info", "auto", [](const Log& log) { log.info("a", "b"); })));
}

}  // namespace
}  // namespace costdrift::daemon
