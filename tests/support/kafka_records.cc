#include "tests/support/kafka_records.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <memory>

namespace costdrift::tests {
namespace {

struct End {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};
using Handle = std::unique_ptr<rd_kafka_t, End>;
using Topic = std::unique_ptr<rd_kafka_topic_t, End>;

Handle make_handle(rd_kafka_type_t type, const std::string& bootstrap) {
  char text[256] = "";
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap.c_str(), text, sizeof text);
  rd_kafka_conf_set(conf, "enable.partition.eof", "true", text, sizeof text);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set(conf, "enable.idempotence", "true", text, sizeof text);
  rd_kafka_conf_set_log_cb(conf, nullptr);
  return Handle(rd_kafka_new(type, conf, text, sizeof text));
}

rd_kafka_headers_t* make_headers(const std::vector<daemon::RecordHeader>& headers) {
  rd_kafka_headers_t* made = rd_kafka_headers_new(headers.size());
  for (const auto& header : headers) {
    rd_kafka_header_add(made, header.name.c_str(), -1, header.value ? header.value->data() : nullptr,
                        header.value ? static_cast<ssize_t>(header.value->size()) : 0);
  }
  return made;
}

std::optional<std::string> text_of(const void* bytes, std::size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(bytes), size);
}

KafkaRecord record_of(const rd_kafka_message_t& message) {
  KafkaRecord record{text_of(message.key, message.key_len), text_of(message.payload, message.len), {}};
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    record.headers.push_back({name, text_of(value, size)});
  }
  return record;
}

}  // namespace

bool write_records(const std::string& bootstrap, const std::string& topic, std::int32_t partition,
                   const std::vector<KafkaRecord>& records) {
  const Handle handle = make_handle(RD_KAFKA_PRODUCER, bootstrap);
  const Topic named(rd_kafka_topic_new(handle.get(), topic.c_str(), nullptr));
  for (const auto& record : records) {
    const void* key = record.key ? record.key->data() : nullptr;
    void* value = record.value ? const_cast<char*>(record.value->data()) : nullptr;
    const auto code =
        rd_kafka_producev(handle.get(), RD_KAFKA_V_RKT(named.get()), RD_KAFKA_V_PARTITION(partition),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, record.key.value_or("").size()),
                          RD_KAFKA_V_VALUE(value, record.value.value_or("").size()),
                          RD_KAFKA_V_HEADERS(make_headers(record.headers)), RD_KAFKA_V_END);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  }
  return rd_kafka_flush(handle.get(), 60'000) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::vector<KafkaRecord> read_records(const std::string& bootstrap, const std::string& topic, std::int32_t partition,
                                      std::chrono::milliseconds patience) {
  const Handle handle = make_handle(RD_KAFKA_CONSUMER, bootstrap);
  const Topic named(rd_kafka_topic_new(handle.get(), topic.c_str(), nullptr));
  rd_kafka_consume_start(named.get(), partition, RD_KAFKA_OFFSET_BEGINNING);
  std::vector<KafkaRecord> records;
  bool ended = false;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!ended && std::chrono::steady_clock::now() < deadline) {
    rd_kafka_message_t* message = rd_kafka_consume(named.get(), partition, 100);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      records.push_back(record_of(*message));
      records.back().offset = message->offset;
    }
    ended = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    rd_kafka_message_destroy(message);
  }
  EXPECT_TRUE(ended) << "the end of " << topic << " was not reached";
  rd_kafka_consume_stop(named.get(), partition);
  return records;
}

std::string header_of(const KafkaRecord& record, const std::string& name) {
  std::string value;
  for (const auto& header : record.headers) {
    if (header.name == name) value = header.value.value_or("");
  }
  return value;
}

}  // namespace costdrift::tests
