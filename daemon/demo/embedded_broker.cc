#include "daemon/demo/embedded_broker.h"

#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace costdrift::daemon {
namespace {

struct Pipe {
  int read_end = -1, write_end = -1;
  bool open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read_end = ends[0];
    write_end = ends[1];
    return true;
  }
};

core::Error broker_failed(const std::string& what) {
  return core::fail(core::ErrorCode::unavailable, "the embedded Kafka broker cannot be started: " + what);
}

rd_kafka_mock_cluster_t* make_cluster(const EmbeddedBroker::Topic& topic, int brokers) {
  char text[256] = "";
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(conf, nullptr);
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (handle == nullptr) return nullptr;
  rd_kafka_mock_cluster_t* cluster = rd_kafka_mock_cluster_new(handle, brokers);
  if (cluster == nullptr) return nullptr;
  const auto code = rd_kafka_mock_topic_create(cluster, topic.name.c_str(), topic.partitions, brokers);
  return code == RD_KAFKA_RESP_ERR_NO_ERROR ? cluster : nullptr;
}

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(descriptor, text.data(), text.size());
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string read_all(int descriptor) {
  std::string text;
  char piece[256];
  for (ssize_t count = 0; (count = read(descriptor, piece, sizeof piece)) != 0;) {
    if (count > 0) text.append(piece, static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR) break;
  }
  return text;
}

// The child: serves until the parent's end of `lifeline` is closed, which also happens when the parent is killed.
[[noreturn]] void serve(const EmbeddedBroker::Topic& topic, int brokers, int answer, int lifeline) {
  signal(SIGINT, SIG_IGN);  // Ctrl-C is the parent's business: it ends us when it is done
  signal(SIGPIPE, SIG_IGN);
  if (rd_kafka_mock_cluster_t* cluster = make_cluster(topic, brokers)) {
    write_all(answer, rd_kafka_mock_cluster_bootstraps(cluster));
    close(answer);
    (void)read_all(lifeline);
  }
  _exit(0);
}

}  // namespace

core::Result<std::unique_ptr<EmbeddedBroker>> EmbeddedBroker::start(const Topic& topic, int brokers) {
  Pipe answer, lifeline;
  if (!answer.open() || !lifeline.open()) return broker_failed(std::strerror(errno));
  const pid_t child = fork();
  if (child < 0) return broker_failed(std::strerror(errno));
  if (child == 0) {
    close(answer.read_end);
    close(lifeline.write_end);
    serve(topic, brokers, answer.write_end, lifeline.read_end);
  }
  close(answer.write_end);
  close(lifeline.read_end);
  std::string bootstrap = read_all(answer.read_end);
  close(answer.read_end);
  std::unique_ptr<EmbeddedBroker> broker(new EmbeddedBroker(std::move(bootstrap), child, lifeline.write_end));
  if (broker->bootstrap_.empty()) return broker_failed("librdkafka made no mock cluster");
  return broker;
}

EmbeddedBroker::~EmbeddedBroker() {
  close(pipe_);
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

}  // namespace costdrift::daemon
