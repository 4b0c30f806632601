// A replay that is killed and started again into the same state directory: the same alerts, the same report and the same
// state.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>

#include "tests/support/await.h"
#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/traffic_log.h"

namespace costdrift::replay {
namespace {

class ResumeTest : public ::testing::Test {
 protected:
  std::vector<std::string> command(const std::string& events, const std::string& name) {
    return {tests::costdrift_program(),
            "replay",
            "--config",
            config_,
            "--events",
            events,
            "--state",
            directory_.file(name),
            "--alerts",
            directory_.file(name + ".jsonl"),
            "--labels",
            labels_,
            "--report",
            directory_.file(name + ".html")};
  }
  std::string dump(const std::string& name) {
    std::string out;
    tests::run({tests::costdrift_program(), "state", "dump", "--path", directory_.file(name)}, &out);
    return out;
  }
  tests::TempDir directory_;
  std::string labels_ = directory_.write(
      "labels.jsonl", R"({"from":"2020-01-01T00:00:00Z","to":"2030-01-01T00:00:00Z","note":"all of it"})");
  std::string config_ =
      directory_.write("costdrift.yaml", "kafka: {brokers: localhost:1, topics: [{name: llm.usage}]}\nstate: {path: " +
                                             directory_.file("unused") + "}\nsinks: {me: {type: console}}\n");
};

TEST_F(ResumeTest, AfterBeingKilled) {
  const auto lines = tests::demo_traffic(1).partitions.front();
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  const std::string file = directory_.write("p0.jsonl", text), pipe = directory_.file("pipe");
  ASSERT_EQ(tests::run(command(file, "whole")), 0);
  const std::string alerts = tests::read_file(directory_.file("whole.jsonl"));
  ASSERT_GT(std::count(alerts.begin(), alerts.end(), '\n'), 2);

  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  tests::Process interrupted(command(pipe, "cut"), "", "");
  std::ofstream feed(pipe);
  std::size_t fed = 0;
  const bool committed = tests::await([&] {
    const std::size_t until = std::min(fed + 256, lines.size() * 3 / 4);
    for (; fed < until; ++fed) feed << lines[fed] << '\n';
    feed.flush();
    return dump("cut").find("position") != std::string::npos;
  });
  EXPECT_TRUE(committed) << "nothing was committed before the log's end";
  interrupted.signal(SIGKILL);
  ASSERT_TRUE(interrupted.wait(std::chrono::seconds(10)));
  ASSERT_EQ(tests::run(command(file, "cut")), 0);
  EXPECT_EQ(tests::read_file(directory_.file("cut.jsonl")), alerts);
  EXPECT_EQ(dump("cut"), dump("whole"));
  EXPECT_EQ(tests::read_file(directory_.file("cut.html")), tests::read_file(directory_.file("whole.html")));
}

}  // namespace
}  // namespace costdrift::replay
