#include "tests/support/mock_kafka.h"

#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <thread>

namespace costdrift::tests {
namespace {

[[noreturn]] void end_test(const char* what) {
  std::perror(what);
  std::abort();
}

rd_kafka_mock_cluster_t* make_cluster(const std::string& topic, int partitions, int brokers) {
  char text[256] = "";
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(conf, nullptr);
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (handle == nullptr) _exit(1);
  rd_kafka_mock_cluster_t* cluster = rd_kafka_mock_cluster_new(handle, brokers);
  if (cluster == nullptr || rd_kafka_mock_topic_create(cluster, topic.c_str(), partitions, brokers) != 0) _exit(1);
  return cluster;
}

void carry_out(rd_kafka_mock_cluster_t* cluster, const std::string& topic, const std::string& order) {
  std::istringstream words(order);
  std::string what;
  int first = 0, second = 0;
  words >> what >> first >> second;
  std::string named;
  words >> named;
  if (what == "topic") rd_kafka_mock_topic_create(cluster, named.c_str(), first, 1);
  if (what == "hide") {
    rd_kafka_mock_topic_set_error(cluster, named.c_str(),
                                  first != 0 ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART : RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  if (what == "down") rd_kafka_mock_broker_set_down(cluster, first);
  if (what == "up") rd_kafka_mock_broker_set_up(cluster, first);
  if (what == "lead") rd_kafka_mock_partition_set_leader(cluster, topic.c_str(), first, second);
}

// A line without its end; empty when the other side is gone.
std::string read_line(int descriptor) {
  std::string line;
  for (char c = 0; read(descriptor, &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

void write_line(int descriptor, const std::string& line) {
  const std::string bytes = line + "\n";
  if (write(descriptor, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) _exit(1);
}

}  // namespace

MockKafka::MockKafka(const std::string& topic, int partitions, int brokers) {
  int orders[2], answers[2];
  if (pipe2(orders, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0) end_test("mock kafka: pipe");
  child_ = fork();
  if (child_ < 0) end_test("mock kafka: fork");
  if (child_ == 0) {
    close(orders[1]), close(answers[0]);
    signal(SIGPIPE, SIG_IGN);
    rd_kafka_mock_cluster_t* cluster = make_cluster(topic, partitions, brokers);
    write_line(answers[1], rd_kafka_mock_cluster_bootstraps(cluster));
    for (std::string order = read_line(orders[0]); !order.empty(); order = read_line(orders[0])) {
      carry_out(cluster, topic, order);
      write_line(answers[1], "done");
    }
    _exit(0);
  }
  close(orders[0]), close(answers[1]);
  orders_ = orders[1], answers_ = answers[0];
  bootstrap_ = read_line(answers_);
  if (bootstrap_.empty()) end_test("mock kafka: no cluster");
}

MockKafka::~MockKafka() {
  close(orders_), close(answers_);
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

void MockKafka::order(const std::string& what) {
  write_line(orders_, what);
  if (read_line(answers_) != "done") end_test("mock kafka: the child is gone");
}

void MockKafka::stop_for(std::chrono::milliseconds time) {
  kill(child_, SIGSTOP);
  // The pause is the fault itself: there is no condition to await.
  std::this_thread::sleep_for(time);
  kill(child_, SIGCONT);
}

}  // namespace costdrift::tests
