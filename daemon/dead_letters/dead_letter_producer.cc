#include "daemon/dead_letters/dead_letter_producer.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "core/text.h"
#include "daemon/kafka/consumer.h"
#include "daemon/kafka/properties.h"

namespace costdrift::daemon {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostWithClient = 1'000;
constexpr int kPollMs = 50;
constexpr std::chrono::seconds kFirstPause{1}, kLongestPause{60};
constexpr core::Duration kDestroyPatience = core::seconds(1);

// The record itself is at fault: sending it again would not help.
bool is_refused(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
      return true;
    default:
      return false;
  }
}

// One librdkafka handle with its topic.
class Client {
 public:
  using OnAnswer = void(rd_kafka_t*, const rd_kafka_message_t*, void*);

  using OnError = void(rd_kafka_t*, int, const char*, void*);

  static core::Result<std::unique_ptr<Client>> make(const KafkaProperties& properties, const std::string& name,
                                                    OnAnswer* on_answer, OnError* on_error, void* opaque) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    if (auto set = set_properties(conf, properties); !set) {
      rd_kafka_conf_destroy(conf);
      return set.error();
    }
    rd_kafka_conf_set_opaque(conf, opaque);
    rd_kafka_conf_set_dr_msg_cb(conf, on_answer);
    rd_kafka_conf_set_error_cb(conf, on_error);
    if (!properties.contains("debug")) rd_kafka_conf_set_log_cb(conf, nullptr);
    char text[256] = "";
    std::unique_ptr<Client> client(new Client);
    client->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    if (client->handle == nullptr) {
      rd_kafka_conf_destroy(conf);
      return core::fail(core::ErrorCode::config,
                        std::string("a Kafka producer for kafka.dead_letter_topic cannot be made: ") + text);
    }
    client->topic = rd_kafka_topic_new(client->handle, name.c_str(), nullptr);
    if (client->topic != nullptr) return client;
    return core::fail(core::ErrorCode::config,
                      "kafka.dead_letter_topic: \"" + core::escape_for_log(name) + "\" is not the name of a topic");
  }

  ~Client() {
    if (topic != nullptr) rd_kafka_topic_destroy(topic);
    if (handle == nullptr) return;
    rd_kafka_purge(handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
    destroy_within(handle, kDestroyPatience);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // `number` comes back in the answer.
  rd_kafka_resp_err_t produce(const OriginalRecord& record, const std::string& value, std::uintptr_t number) {
    rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
    for (const RecordHeader& header : record.headers) {
      rd_kafka_header_add(headers, header.name.data(), static_cast<ssize_t>(header.name.size()),
                          header.value ? header.value->data() : nullptr,
                          header.value ? static_cast<ssize_t>(header.value->size()) : 0);
    }
    // Null and empty are two things.
    void* bytes = record.has_value ? const_cast<char*>(value.data()) : nullptr;
    const std::size_t length = record.has_value ? value.size() : 0;
    const void* key = record.key ? record.key->data() : nullptr;
    const std::size_t key_length = record.key ? record.key->size() : 0;
    const auto code = rd_kafka_producev(handle, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA),
                                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(bytes, length),
                                        RD_KAFKA_V_KEY(key, key_length), RD_KAFKA_V_HEADERS(headers),
                                        RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(number)), RD_KAFKA_V_END);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_headers_destroy(headers);  // otherwise they are the client's
    return code;
  }

  rd_kafka_t* handle = nullptr;
  rd_kafka_topic_t* topic = nullptr;

 private:
  Client() = default;
};

}  // namespace

struct DeadLetterProducer::Impl {
  // Constant after start(), or of the thread alone.
  KafkaProperties properties;
  std::string topic, version;
  std::unique_ptr<Client> client;  // null: to be made anew
  std::map<std::uintptr_t, DeadLetter> with_client;
  std::uintptr_t next_number = 1;
  Clock::duration pause = kFirstPause;
  Clock::time_point not_before = Clock::time_point::min();
  std::vector<Settled> answered;
  std::string trouble;    // of the turn under way: a letter came back
  std::string complaint;  // of the turn under way: the client tries on by itself

  mutable std::mutex mutex;
  std::condition_variable changed;
  std::deque<DeadLetter> waiting;
  std::vector<Settled> settled;
  std::string problem;  // empty: fine
  bool stopping = false;
  Clock::time_point stop_at;

  std::thread thread;

  core::Result<void> connect() {
    auto made = Client::make(
        properties, topic,
        [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
          static_cast<Impl*>(self)->on_answer(reinterpret_cast<std::uintptr_t>(message->_private), message->err);
        },
        [](rd_kafka_t*, int, const char* reason, void* self) { static_cast<Impl*>(self)->complaint = reason; }, this);
    if (!made) return made.error();
    client = *std::move(made);
    return {};
  }

  void on_answer(std::uintptr_t number, rd_kafka_resp_err_t code) {
    const auto found = with_client.find(number);
    if (found == with_client.end()) return;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || is_refused(code)) {
      answered.push_back({dead_letter_key(found->second), found->second.bytes(), code == RD_KAFKA_RESP_ERR_NO_ERROR});
      with_client.erase(found);
      return;
    }
    trouble = rd_kafka_err2str(code);
    take_back(found);
  }

  void take_back(std::map<std::uintptr_t, DeadLetter>::iterator letter) {
    const std::lock_guard lock(mutex);
    waiting.push_back(std::move(letter->second));
    with_client.erase(letter);
  }

  std::optional<DeadLetter> next() {
    const std::lock_guard lock(mutex);
    if (waiting.empty() || with_client.size() >= kMostWithClient) return std::nullopt;
    std::optional<DeadLetter> letter(std::move(waiting.front()));
    waiting.pop_front();
    return letter;
  }

  void produce_all() {
    while (trouble.empty()) {
      auto letter = next();
      if (!letter) return;
      const std::uintptr_t number = next_number++;
      const auto& kept = with_client.emplace(number, *std::move(letter)).first->second;
      const auto code = client->produce(annotated(kept, version), kept.value, number);
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR) on_answer(number, code);
    }
  }

  // A fatal error ends a client for good: what it holds may or may not have been written.
  void replace_broken_client() {
    char text[256] = "";
    if (client && rd_kafka_fatal_error(client->handle, text, sizeof text) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      trouble = text;
      client.reset();
      while (!with_client.empty()) take_back(with_client.begin());
    }
    if (client || !trouble.empty()) return;
    if (auto made = connect(); !made) trouble = made.error().message;
  }

  void account() {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex);
    const bool written =
        std::any_of(answered.begin(), answered.end(), [](const Settled& answer) { return answer.written; });
    const bool refused = answered.size() > 0 && !written;
    if (!trouble.empty()) {
      problem = trouble;
      if (now >= not_before) {  // one step for all that come back of one attempt
        not_before = now + pause;
        pause = std::min<Clock::duration>(2 * pause, kLongestPause);
      }
    } else if (written) {
      problem.clear();
      pause = kFirstPause;
    } else if (refused) {
      problem = "a record was refused for its size or its missing key and given up";
    } else if (!complaint.empty() && !with_client.empty()) {
      problem = complaint;
    }
    settled.insert(settled.end(), std::make_move_iterator(answered.begin()), std::make_move_iterator(answered.end()));
    answered.clear();
    trouble.clear();
    complaint.clear();
  }

  // False: it is time to end.
  bool wait_for_work() {
    std::unique_lock lock(mutex);
    if (with_client.empty()) {
      const auto ready = [this] { return stopping || (!waiting.empty() && Clock::now() >= not_before); };
      if (waiting.empty()) {
        changed.wait(lock, [this] { return stopping || !waiting.empty(); });
      }
      if (!ready()) changed.wait_until(lock, not_before, ready);
    }
    if (!stopping) return true;
    const bool hopeless = with_client.empty() && (waiting.empty() || not_before > Clock::now());
    return !hopeless && Clock::now() < stop_at;
  }

  void run() {
    while (wait_for_work()) {
      replace_broken_client();
      if (client && Clock::now() >= not_before) produce_all();
      if (client) rd_kafka_poll(client->handle, kPollMs);
      account();
    }
    client.reset();
  }
};

DeadLetterProducer::DeadLetterProducer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

DeadLetterProducer::~DeadLetterProducer() {
  begin_stop({});
  finish_stop();
}

core::Result<std::unique_ptr<DeadLetterProducer>> DeadLetterProducer::start(const config::KafkaSettings& settings,
                                                                            std::string version) {
  const auto source = kafka_properties(settings, "dead-letters");
  if (!source) return source.error();
  auto impl = std::make_unique<Impl>();
  impl->properties = producer_properties(*source);
  impl->topic = settings.dead_letter_topic;
  impl->version = std::move(version);
  if (auto connected = impl->connect(); !connected) return connected.error();
  return std::unique_ptr<DeadLetterProducer>(new DeadLetterProducer(std::move(impl)));
}

void DeadLetterProducer::send(std::vector<DeadLetter> letters) {
  const std::lock_guard lock(impl_->mutex);
  impl_->waiting.insert(impl_->waiting.end(), std::make_move_iterator(letters.begin()),
                        std::make_move_iterator(letters.end()));
  impl_->changed.notify_all();
}

std::vector<DeadLetterTopic::Settled> DeadLetterProducer::take_settled() {
  const std::lock_guard lock(impl_->mutex);
  return std::exchange(impl_->settled, {});
}

std::string DeadLetterProducer::problem() const {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->problem.empty()) return "";
  return "dead-letter topic " + impl_->topic + ": " + core::escape_for_log(impl_->problem) +
         "; rejected records wait for it";
}

void DeadLetterProducer::begin_stop(core::Duration patience) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->stopping) return;
  impl_->stopping = true;
  impl_->stop_at = Clock::now() + std::chrono::microseconds(patience.us);
  impl_->changed.notify_all();
}

void DeadLetterProducer::finish_stop() {
  if (impl_->thread.joinable()) impl_->thread.join();
}

}  // namespace costdrift::daemon
