// The exact texts of errors about the file, its sections, sinks and topics.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/config/test_catalogue.h"

namespace costdrift::config {
namespace {

TEST(FileErrors, ReportEveryProblemAtOnceInTheOrderOfLines) {
  const std::string yaml =
      "kafkaa: {}\n"
      "kafka:\n"
      "  broker: x\n"
      "  topics:\n"
      "    - {name: a}\n"
      "    - {name: a, fromat: x}\n"
      "    - {name: b, format: otlp}\n"
      "  partitions: [0, x]\n"
      "  group_id: g\n"
      "sinks:\n"
      "  finops: {type: slack, webhook_url: https://hooks.slack.com/services/T0/B0/hidden}\n"
      "  oncall: {type: pager_duty}\n"
      "  other: {url: x}\n"
      "routes:\n"
      "  - {send: [finops, oncal]}\n";
  const auto settings = load_text(yaml);
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().code, core::ErrorCode::config);
  EXPECT_EQ(settings.error().message,
            "c.yaml:1: kafkaa: unknown key; did you mean \"kafka\"?\n"
            "c.yaml:1: state.path: missing; it must be given: Directory of what the daemon remembers; created if "
            "missing.\n"
            "c.yaml:2: kafka.brokers: missing; it must be given: Kafka brokers to begin with, for example "
            "localhost:9092.\n"
            "c.yaml:3: kafka.broker: unknown key; did you mean \"brokers\"?\n"
            "c.yaml:6: kafka.topics[1].fromat: unknown key; did you mean \"format\"?\n"
            "c.yaml:6: kafka.topics[1].name: the topic \"a\" stands twice; remove one\n"
            "c.yaml:7: kafka.topics[2].format: \"otlp\" is not known here; write canonical\n"
            "c.yaml:8: kafka.partitions[1]: \"x\" is not a whole number; write digits only, for example 100\n"
            "c.yaml:11: sinks.finops.webhook_url: a secret must not stand in the configuration; put it into a file "
            "that only costdrift can read, and give the path as webhook_url_file\n"
            "c.yaml:11: sinks.finops.webhook_url_file: missing; it must be given: Webhook address.\n"
            "c.yaml:12: sinks.oncall.type: there is no sink type \"pager_duty\"; did you mean \"pagerduty\"?\n"
            "c.yaml:13: sinks.other.type: missing; choose one of console, slack, pagerduty, webhook\n"
            "c.yaml:15: routes[0].send: there is no sink \"oncal\"; did you mean \"oncall\"?");
}

TEST(FileErrors, RefuseAGroupThatIsAlsoAssignedByHand) {
  EXPECT_EQ(problems_of("kafka: {brokers: b, topics: [{name: t}], group_id: g, partitions: [1]}\n"
                        "state: {path: s}\nsinks: {}\n"),
            "c.yaml:1: kafka.partitions: a consumer group assigns partitions itself; remove partitions or group_id");
}

TEST(FileErrors, WantAtLeastOneTopic) {
  EXPECT_EQ(problems_of("kafka: {brokers: b, topics: []}\nstate: {path: s}\nsinks: {}\n"),
            "c.yaml:1: kafka.topics: must not be empty; it must be given: Topics with usage events, for example "
            "[{name: llm.usage}].");
}

TEST(FileErrors, WantASinkOrAnExplicitNone) {
  const std::string without = "kafka: {brokers: b, topics: [{name: t}]}\nstate: {path: s}\n";
  const std::string expected =
      "sinks: there is none, so nobody would be told; add one, for example \"sinks: {finops: {type: slack, "
      "webhook_url_file: /run/secrets/slack}}\", or write \"sinks: {}\" to tell nobody on purpose";
  EXPECT_EQ(problems_of(without), "c.yaml:1: " + expected);
  EXPECT_EQ(problems_of(without + "sinks:\n"), "c.yaml:3: " + expected);
}

TEST(FileErrors, RefuseTwoSinksOfOneName) {
  EXPECT_EQ(problems_of("kafka: {brokers: b, topics: [{name: t}]}\nstate: {path: s}\nsinks:\n"
                        "  a: {type: console}\n  a: {type: console}\n"),
            "c.yaml:5: the key \"a\" stands twice, first on line 4; remove or rename one");
}

TEST(FileErrors, RefuseWhatIsNotADocument) {
  const std::string copy = "begin with a copy of config/examples/minimal.yaml";
  EXPECT_EQ(problems_of(""), "c.yaml:1: the file is empty; " + copy);
  EXPECT_EQ(problems_of("# only a comment\n"), "c.yaml:1: the file is empty; " + copy);
  EXPECT_EQ(problems_of("# list\n- a\n"), "c.yaml:2: the file is not a mapping of sections; " + copy);
  EXPECT_EQ(problems_of("hello"), "c.yaml:1: the file is not a mapping of sections; " + copy);
  EXPECT_EQ(problems_of("\xff\xfe"), "c.yaml:1: the file is not UTF-8 text; save it as UTF-8");
  EXPECT_EQ(problems_of(std::string("a: \0b", 5)), "c.yaml:1: the file is not UTF-8 text; save it as UTF-8");
  EXPECT_EQ(problems_of(std::string((1 << 20) + 1, '#')),
            "c.yaml:1: the file is larger than 1 MiB; name the configuration file of costdrift");
  EXPECT_EQ(problems_of(kRequired + "---\nlog: {}\n"),
            "c.yaml:4: a second YAML document begins here; keep one document in the file");
}

TEST(FileErrors, NameTheLineOfASyntaxError) {
  const std::string check = "; check indentation, quotes, brackets and colons on this line and the one before";
  EXPECT_EQ(problems_of("kafka:\n\tbrokers: x\n"),
            "c.yaml:2: the line is indented with a tab, which YAML does not allow; indent with spaces");
  EXPECT_EQ(problems_of("kafka:\n  brokers: x\n  \ttopics: y\n"),
            "c.yaml:3: the line is indented with a tab, which YAML does not allow; indent with spaces");
  EXPECT_EQ(problems_of("log: {level: info\nstate: {path: s}\n"),
            "c.yaml:2: this is not valid YAML (end of map flow not found)" + check);
  EXPECT_EQ(problems_of("log: {}\na: 1\n b: 2\n"), "c.yaml:3: this is not valid YAML (illegal map value)" + check);
  EXPECT_EQ(problems_of("a: *nowhere\n"),
            "c.yaml:1: this is not valid YAML (the referenced anchor is not defined)" + check);
}

TEST(FileErrors, SurviveDocumentsMadeToHurt) {
  EXPECT_NE(problems_of(std::string(2'000, '[')).find("this is not valid YAML"), std::string::npos);
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
  for (char name = 'b'; name < 'k'; ++name) {
    const std::string previous = std::string("*") + static_cast<char>(name - 1);
    bomb += std::string(1, name) + ": &" + name + " [" + previous;
    for (int i = 0; i < 9; ++i) bomb += "," + previous;
    bomb += "]\n";
  }
  EXPECT_EQ(problems_of(bomb), "c.yaml:5: the document has more than 20,000 values; shorten it; aliases count in full");
}

TEST(FileErrors, ShowAHundredProblemsAndCountTheRest) {
  std::string yaml = kRequired;
  for (int i = 0; i < 120; ++i) yaml += "nonsense_" + std::to_string(1000 + i) + ": 1\n";
  const std::string problems = problems_of(yaml);
  EXPECT_EQ(std::count(problems.begin(), problems.end(), '\n'), 100);
  EXPECT_TRUE(problems.ends_with("\nc.yaml: and 20 more problems")) << problems.substr(problems.size() - 100);
}

TEST(FileErrors, SayWhyAFileCannotBeRead) {
  const auto missing = load_settings("/nonexistent/c.yaml", test_catalogue());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, core::ErrorCode::config);
  EXPECT_EQ(missing.error().message,
            "reading the configuration \"/nonexistent/c.yaml\": No such file or directory; name a readable file with "
            "--config");
  const auto directory = load_settings(testing::TempDir(), test_catalogue());
  ASSERT_FALSE(directory);
  EXPECT_NE(directory.error().message.find("it is a directory"), std::string::npos);
}

}  // namespace
}  // namespace costdrift::config
