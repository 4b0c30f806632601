// `costdrift replay --kafka` reads the topic itself: the same alerts as from the files, and the command that an alert
// prints gives that alert again.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "daemon/demo/embedded_broker.h"
#include "tests/support/places.h"
#include "tests/support/running_daemon.h"
#include "tests/support/traffic_log.h"

namespace costdrift::tests {
namespace {

constexpr const char* kTopic = "llm.usage";

std::vector<std::string> words_of(const std::string& command) {
  std::istringstream stream(command);
  return {std::istream_iterator<std::string>(stream), {}};
}

// Runs `costdrift <words>`; the alerts it writes.
std::string alerts_of(std::vector<std::string> words) {
  const TempDir directory;
  const std::string alerts = directory.file("alerts.jsonl");
  words.insert(words.end(), {"--alerts", alerts});
  std::string err;
  EXPECT_EQ(run(words, nullptr, &err), 0) << err;
  return read_file(alerts);
}

class ReplayKafkaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto broker = daemon::EmbeddedBroker::start({.name = kTopic, .partitions = 3});
    ASSERT_TRUE(broker) << broker.error().message;
    broker_ = *std::move(broker);
    log_ = demo_traffic(3);
    ASSERT_TRUE(publish(log_, broker_->bootstrap(), kTopic));
    daemon_.emplace(DaemonOptions{.binary = costdrift_program(),
                                  .bootstrap = broker_->bootstrap(),
                                  .topic = kTopic,
                                  .webhook_url = "",
                                  .extra_yaml = ""});
  }

  std::vector<std::string> replay(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {costdrift_program(), "replay", "--config", daemon_->config_path()};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::vector<std::string> replay_files(const std::vector<std::string>& more) {
    std::vector<std::string> words = replay(more);
    words.emplace_back("--events");
    for (const auto& file : write_files(log_, directory_)) words.push_back(file);
    return words;
  }

  std::unique_ptr<daemon::EmbeddedBroker> broker_;
  TrafficLog log_;
  TempDir directory_;
  std::optional<RunningDaemon> daemon_;
};

TEST_F(ReplayKafkaTest, SameAlertsAsFromFilesAndThePrintedCommandGivesThemAgain) {
  const std::string from_topic = alerts_of(replay({"--kafka"}));
  EXPECT_EQ(first_difference(alerts_of(replay_files({})), from_topic), "");

  std::istringstream stream(from_topic);
  int reproduced = 0;
  for (std::string line; std::getline(stream, line) && reproduced < 2;) {
    const auto alert = nlohmann::json::parse(line);
    if (alert["status"] != "firing") continue;
    std::vector<std::string> words = words_of(alert["replay"]);
    ASSERT_GE(words.size(), 8U) << alert["replay"];
    ASSERT_EQ(words.front(), "costdrift");
    words.front() = costdrift_program();
    EXPECT_NE(alerts_of(words).find(line), std::string::npos) << alert["replay"];
    ++reproduced;
  }
  EXPECT_EQ(reproduced, 2) << "too little happens in this log to reproduce anything";
}

TEST_F(ReplayKafkaTest, ASpanOfTheTopicIsTheSameSpanOfTheFiles) {
  const auto first = nlohmann::json::parse(log_.partitions.front()[log_.partitions.front().size() / 2]);
  const std::string to = first["ts"];
  const std::string from_topic = alerts_of(replay({"--kafka", "--to", to}));
  EXPECT_EQ(first_difference(alerts_of(replay_files({"--to", to})), from_topic), "");
}

TEST_F(ReplayKafkaTest, ATopicThatIsMissingIsSaid) {
  RunningDaemon other({.binary = costdrift_program(),
                       .bootstrap = "127.0.0.1:1",
                       .topic = "nothing",
                       .webhook_url = "",
                       .extra_yaml = ""});
  std::string err;
  EXPECT_EQ(run({costdrift_program(), "replay", "--config", other.config_path(), "--kafka"}, nullptr, &err), 69);
  EXPECT_NE(err.find("asking 127.0.0.1:1 for the logs' ranges"), std::string::npos) << err;
  EXPECT_EQ(run({costdrift_program(), "replay", "--config", other.config_path()}, nullptr, &err), 64);
  EXPECT_NE(err.find("--events FILE..., or --kafka"), std::string::npos) << err;
}

}  // namespace
}  // namespace costdrift::tests
