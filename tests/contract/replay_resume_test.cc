// A replay that is killed and started again into the same state directory: the same alerts, the same report and the
// same state.
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

// Every seventh line of a log of two files is bad; the second file is a pipe until the replay is to end, and the replay
// is killed whenever it has committed more of it.
class BadLinesResumeTest : public ResumeTest {
 protected:
  BadLinesResumeTest() {
    log_ = tests::demo_traffic(2);
    for (auto& lines : log_.partitions) {
      for (std::size_t i = 0; i < lines.size(); i += 7) lines[i] = "[{}, {\"model\": " + std::to_string(i) + "}]";
    }
    files_ = tests::write_files(log_, directory_);
  }
  std::vector<std::string> command(const std::string& state, const std::string& bad_lines) {
    return {tests::costdrift_program(),
            "replay",
            "--config",
            config_,
            "--events",
            files_[0],
            files_[1],
            "--state",
            directory_.file(state),
            "--bad-lines",
            directory_.file(bad_lines)};
  }
  // Feeds the second file from its beginning up to `share` of it, until something new is committed.
  void kill_after_a_commit(const std::vector<std::string>& command, double share) {
    const std::string before = dump("cut");
    tests::Process interrupted(command, "", "");
    std::ofstream feed(files_[1]);
    const auto& lines = log_.partitions[1];
    const auto until = static_cast<std::size_t>(share * static_cast<double>(lines.size()));
    std::size_t fed = 0;
    const auto committed_more = [&] {
      for (const std::size_t end = std::min(fed + 64, until); fed < end; ++fed) feed << lines[fed] << '\n';
      feed.flush();
      const std::string now = dump("cut");
      return now != before && now.find("position") != std::string::npos;
    };
    EXPECT_TRUE(tests::await(committed_more, std::chrono::seconds(60)))
        << "nothing was committed before " << share << " of the log";
    interrupted.signal(SIGKILL);
    ASSERT_TRUE(interrupted.wait(std::chrono::seconds(10)));
  }
  void make_a_pipe_of_the_second_file() {
    std::filesystem::rename(files_[1], files_[1] + ".whole");
    ASSERT_EQ(mkfifo(files_[1].c_str(), 0600), 0);
  }
  void make_a_file_of_the_pipe() { std::filesystem::rename(files_[1] + ".whole", files_[1]); }

  tests::TrafficLog log_;
  std::vector<std::string> files_;
};

TEST_F(BadLinesResumeTest, EveryBadLineOnceWhereverItWasKilled) {
  std::string told_whole, told_cut;
  ASSERT_EQ(tests::run(command("whole", "whole.bad"), nullptr, &told_whole), 0);
  const std::string whole = tests::read_file(directory_.file("whole.bad"));
  const std::size_t records = (log_.partitions[0].size() + 6) / 7 + (log_.partitions[1].size() + 6) / 7;
  ASSERT_EQ(std::count(whole.begin(), whole.end(), '\n'), static_cast<std::ptrdiff_t>(2 * records));

  make_a_pipe_of_the_second_file();
  for (const double share : {0.4, 0.6, 0.8}) kill_after_a_commit(command("cut", "cut.bad"), share);
  make_a_file_of_the_pipe();
  ASSERT_EQ(tests::run(command("cut", "cut.bad"), nullptr, &told_cut), 0);
  EXPECT_TRUE(tests::read_file(directory_.file("cut.bad")) == whole);
  EXPECT_EQ(told_cut.substr(0, told_cut.find("more bad lines")),
            told_whole.substr(0, told_whole.find("more bad lines")));

  ASSERT_EQ(tests::run(command("cut", "another.bad")), 0);
  EXPECT_TRUE(tests::read_file(directory_.file("another.bad")) == whole) << "another file, after the end";
}

}  // namespace
}  // namespace costdrift::replay
