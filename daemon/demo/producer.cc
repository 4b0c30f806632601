#include "daemon/demo/producer.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace costdrift::daemon {
namespace {

constexpr std::chrono::seconds kRoomPatience{10};
constexpr std::size_t kBatch = 512;

core::Error publishing_failed(const std::string& what) {
  return core::fail(core::ErrorCode::unavailable, "publishing events to Kafka: " + what);
}

}  // namespace

struct Producer::Impl {
  rd_kafka_t* handle = nullptr;
  rd_kafka_topic_t* topic = nullptr;
  std::int64_t delivered = 0, refused = 0;
  std::string refusal;
  std::vector<rd_kafka_message_t> batch;  // scratch

  ~Impl() {
    if (topic != nullptr) rd_kafka_topic_destroy(topic);
    if (handle == nullptr) return;
    rd_kafka_purge(handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_destroy(handle);
  }

  static void on_delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto& self = *static_cast<Impl*>(opaque);
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++self.delivered;
    } else {
      ++self.refused;
      self.refusal = rd_kafka_err2str(message->err);
    }
  }

  rd_kafka_resp_err_t offer(std::int32_t partition, std::string_view value, std::int64_t timestamp_ms) {
    return rd_kafka_producev(handle, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition),
                             RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                             RD_KAFKA_V_TIMESTAMP(timestamp_ms), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                             RD_KAFKA_V_END);
  }

  struct Offered {
    std::size_t taken = 0;  // the first so many of the values
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  };
  Offered offer_all(std::int32_t partition, std::span<const std::string_view> values) {
    batch.assign(values.size(), {});
    for (std::size_t i = 0; i < values.size(); ++i) {
      batch[i].payload = const_cast<char*>(values[i].data());
      batch[i].len = values[i].size();
    }
    rd_kafka_produce_batch(topic, partition, RD_KAFKA_MSG_F_COPY, batch.data(), static_cast<int>(batch.size()));
    const auto first_refused =
        std::find_if(batch.begin(), batch.end(), [](const rd_kafka_message_t& m) { return m.err; });
    const auto taken = static_cast<std::size_t>(first_refused - batch.begin());
    return {taken, first_refused == batch.end() ? RD_KAFKA_RESP_ERR_NO_ERROR : first_refused->err};
  }
};

Producer::Producer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Producer::~Producer() = default;

core::Result<std::unique_ptr<Producer>> Producer::start(const std::string& bootstrap, const std::string& topic) {
  auto impl = std::make_unique<Impl>();
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char text[256] = "";
  const std::pair<const char*, const char*> properties[] = {{"bootstrap.servers", bootstrap.c_str()},
                                                            {"client.id", "costdrift-producer"},
                                                            {"compression.type", "lz4"},
                                                            {"linger.ms", "5"},
                                                            {"batch.num.messages", "2000"},
                                                            {"queue.buffering.max.messages", "200000"},
                                                            {"queue.buffering.max.kbytes", "131072"},
                                                            {"acks", "all"}};
  for (const auto& [key, value] : properties) {
    if (rd_kafka_conf_set(conf, key, value, text, sizeof text) == RD_KAFKA_CONF_OK) continue;
    rd_kafka_conf_destroy(conf);
    return publishing_failed(text);
  }
  rd_kafka_conf_set_opaque(conf, impl.get());
  rd_kafka_conf_set_dr_msg_cb(conf, Impl::on_delivered);
  rd_kafka_conf_set_log_cb(conf, nullptr);
  impl->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (impl->handle == nullptr) {
    rd_kafka_conf_destroy(conf);
    return publishing_failed(text);
  }
  impl->topic = rd_kafka_topic_new(impl->handle, topic.c_str(), nullptr);
  if (impl->topic == nullptr) return publishing_failed("\"" + topic + "\" is not the name of a topic");
  return std::unique_ptr<Producer>(new Producer(std::move(impl)));
}

core::Result<void> Producer::send(std::int32_t partition, std::string_view value,
                                  std::optional<core::WallTime> timestamp) {
  const std::int64_t ms = timestamp ? timestamp->us / 1000 : 0;
  const auto deadline = std::chrono::steady_clock::now() + kRoomPatience;
  for (;;) {
    const auto code = impl_->offer(partition, value, ms);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) return publishing_failed(rd_kafka_err2str(code));
    if (std::chrono::steady_clock::now() > deadline) return publishing_failed("the broker takes no events");
    rd_kafka_poll(impl_->handle, 10);
  }
  rd_kafka_poll(impl_->handle, 0);
  return {};
}

core::Result<void> Producer::send_all(std::int32_t partition, std::span<const std::string_view> values) {
  std::optional<std::chrono::steady_clock::time_point> full_since;
  while (!values.empty()) {
    const auto [taken, code] = impl_->offer_all(partition, values.first(std::min(values.size(), kBatch)));
    values = values.subspan(taken);
    rd_kafka_poll(impl_->handle, 0);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) return publishing_failed(rd_kafka_err2str(code));
    const auto now = std::chrono::steady_clock::now();
    if (taken > 0 || !full_since) full_since = now;
    if (now - *full_since > kRoomPatience) return publishing_failed("the broker takes no events");
    rd_kafka_poll(impl_->handle, 10);
  }
  return {};
}

core::Result<void> Producer::flush(core::Duration patience) {
  if (rd_kafka_flush(impl_->handle, static_cast<int>(patience.us / 1000)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return publishing_failed(std::to_string(waiting()) + " events are not with the broker yet");
  }
  if (impl_->refused > 0)
    return publishing_failed(std::to_string(impl_->refused) + " events were refused: " + impl_->refusal);
  return {};
}

std::int64_t Producer::delivered() const { return impl_->delivered; }
std::int64_t Producer::refused() const { return impl_->refused; }
std::int64_t Producer::waiting() const { return rd_kafka_outq_len(impl_->handle); }

}  // namespace costdrift::daemon
