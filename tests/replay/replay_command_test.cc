// `costdrift replay` as people and scripts see it: exit codes, texts, and what it writes.
#include "replay/replay_command.h"

#include <gtest/gtest.h>

#include "tests/replay/replay_files.h"
#include "tests/support/process.h"

namespace costdrift::replay {
namespace {

class ReplayCommandTest : public ::testing::Test {
 protected:
  ReplayCommandTest() {
    options_.config = directory_.write("costdrift.yaml",
                                       "kafka: {brokers: localhost:1, topics: [{name: llm.usage}]}\n"
                                       "state: {path: " +
                                           directory_.file("state") + "}\nsinks: {me: {type: console}}\n");
    options_.alerts = directory_.file("alerts.jsonl");
  }

  // The exit status; what was printed to standard error is in err_.
  int replay(const std::vector<std::string>& events) {
    options_.events = events;
    ::testing::internal::CaptureStderr();
    const int status = replay_command(options_);
    err_ = ::testing::internal::GetCapturedStderr();
    return status;
  }

  std::string event(int second, const std::string& id) {
    return R"({"ts":"2026-03-02T00:00:)" + std::to_string(10 + second) + R"(Z","model":"gpt-4o","event_id":")" + id +
           R"(","input_tokens":100,"output_tokens":10})";
  }

  tests::TempDir directory_;
  ReplayOptions options_;
  std::string err_;
};

TEST_F(ReplayCommandTest, AccountsForEveryLine) {
  const std::string path = directory_.write(
      "events.jsonl", event(0, "a") + "\n" + event(1, "b") + "\n" + event(2, "b") + "\n{not json\n" + event(3, "c"));
  EXPECT_EQ(replay({path}), 0);
  EXPECT_NE(err_.find("read 5 events: 3 accepted, 1 rejected, 1 duplicate, 0 late\n  rejected, "), std::string::npos)
      << err_;
  EXPECT_TRUE(std::filesystem::exists(options_.alerts));
  EXPECT_EQ(tests::read_file(options_.alerts), "");
}

TEST_F(ReplayCommandTest, AMissingFile) {
  const std::string path = directory_.file("nowhere.jsonl");
  EXPECT_EQ(replay({path}), 65);
  EXPECT_EQ(err_, "costdrift: opening events file " + path +
                      ": No such file or directory; name a readable JSONL file (.gz, .zst) or -\n");
}

TEST_F(ReplayCommandTest, ACutFile) {
  const std::string whole = testing::gzip(event(0, "a") + "\n" + event(1, "b") + "\n");
  const std::string path = directory_.write("events.gz", whole.substr(0, whole.size() - 3));
  EXPECT_EQ(replay({path}), 65);
  EXPECT_NE(err_.find(path), std::string::npos) << err_;
}

TEST_F(ReplayCommandTest, AnUnknownFormat) {
  options_.format = "xml";
  EXPECT_EQ(replay({directory_.write("events.jsonl", event(0, "a"))}), 78);
  EXPECT_NE(err_.find("xml"), std::string::npos) << err_;
  EXPECT_NE(err_.find("canonical"), std::string::npos) << err_;
}

TEST_F(ReplayCommandTest, AConfigurationThatIsWrong) {
  directory_.write("costdrift.yaml", "kafka: {brokers: localhost:1}\nbudget: 5\n");
  EXPECT_EQ(replay({directory_.write("events.jsonl", event(0, "a"))}), 78);
  EXPECT_NE(err_.find("budget"), std::string::npos) << err_;
}

TEST_F(ReplayCommandTest, AlertsThatCannotBeWritten) {
  options_.alerts = directory_.file("no/such/directory/alerts.jsonl");
  EXPECT_EQ(replay({directory_.write("events.jsonl", event(0, "a"))}), 74);
  EXPECT_NE(err_.find(options_.alerts), std::string::npos) << err_;
}

TEST_F(ReplayCommandTest, OnlyWhatLiesBetweenFromAndTo) {
  const std::string path = directory_.write(
      "events.jsonl", event(0, "a") + "\n" + event(1, "b") + "\n" + event(2, "c") + "\n" + event(3, "d") + "\n");
  options_.from = "2026-03-02T00:00:11Z";
  options_.to = "2026-03-02T00:00:13Z";
  EXPECT_EQ(replay({path}), 0);
  EXPECT_NE(err_.find("read 2 events: 2 accepted, 0 rejected, 0 duplicate, 0 late"), std::string::npos) << err_;
  options_.from = "last week";
  EXPECT_EQ(replay({path}), 64);
  EXPECT_NE(err_.find("--from"), std::string::npos) << err_;
}

}  // namespace
}  // namespace costdrift::replay
