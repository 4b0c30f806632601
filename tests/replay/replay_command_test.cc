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
  const std::string whole = test_support::gzip(event(0, "a") + "\n" + event(1, "b") + "\n");
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

TEST_F(ReplayCommandTest, TellsFileAndLineOfWhatItCannotUse) {
  std::string text = event(0, "a") + "\n{not json\n";
  for (int i = 0; i < 11; ++i)
    text += R"({"ts":"2026-03-02T00:00:10Z","model":"m","input_tokens":-1})"
            "\n";
  const std::string path = directory_.write("events.jsonl", text);
  options_.bad_lines = directory_.file("bad.jsonl");
  EXPECT_EQ(replay({path}), 0);
  EXPECT_NE(err_.find("\n  " + path + ":2: "), std::string::npos) << err_;
  EXPECT_NE(err_.find("\n  " + path + ":3: input_tokens"), std::string::npos) << err_;
  EXPECT_EQ(err_.find(path + ":12: "), std::string::npos) << err_;
  EXPECT_NE(err_.find("\n  and 2 more bad lines: " + options_.bad_lines + "\n"), std::string::npos) << err_;
  const std::string all = tests::read_file(options_.bad_lines);
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 12);
  EXPECT_NE(all.find(R"({"place":")" + path + R"(:13","reason":"bad_tokens","detail":"input_tokens)"),
            std::string::npos)
      << all;
}

TEST_F(ReplayCommandTest, ReadsADirectoryOfJsonLinesAndCsv) {
  const tests::TempDir events;
  events.write("p0.jsonl", event(0, "a") + "\n" + event(1, "b") + "\n");
  events.write("p1.csv",
               "ts,model,request,input_tokens,output_tokens\n2026-03-02T00:00:10Z,gpt-4o,c,100,10\n"
               "2026-03-02T00:00:11Z,gpt-4o,b,100,many\n");
  options_.columns = {"event_id=request"};
  EXPECT_EQ(replay({events.path()}), 0);
  EXPECT_NE(err_.find("read 4 events: 3 accepted, 1 rejected, 0 duplicate, 0 late"), std::string::npos) << err_;
  EXPECT_NE(err_.find(events.file("p1.csv") + ":3: output_tokens"), std::string::npos) << err_;
}

TEST_F(ReplayCommandTest, RowsOfAFileWithAnotherName) {
  const std::string path = directory_.write("export.txt",
                                            "ts,model,input_tokens,output_tokens\n2026-03-02,m,1,1\n"
                                            "2026-03-02T00:00:10Z,gpt-4o,100,10\n");
  options_.format = "csv";
  EXPECT_EQ(replay({path}), 0);
  EXPECT_NE(err_.find("1 accepted, 1 rejected"), std::string::npos) << err_;
}

}  // namespace
}  // namespace costdrift::replay
