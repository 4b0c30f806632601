#include "daemon/kafka/probe.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace costdrift::daemon {
namespace {

constexpr int kPatienceMs = 1'000;
constexpr std::chrono::milliseconds kRetry{500};
constexpr std::chrono::milliseconds kPokeGap{5};

using Answer = KafkaProbe::Answer;

void note_topic(const rd_kafka_metadata_topic_t& topic, Answer& answer) {
  switch (static_cast<int>(topic.err)) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      answer.partitions[topic.topic] = topic.partition_cnt;
      break;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:  // it is being created
      answer.missing.emplace_back(topic.topic);
      break;
    default:
      answer.problem = std::string(topic.topic) + ": " + rd_kafka_err2str(topic.err);
  }
}

void ask_topic(rd_kafka_t* consumer, rd_kafka_topic_t* topic, Answer& answer) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code = rd_kafka_metadata(consumer, 0, topic, &metadata, kPatienceMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    answer.broker_answered = false;
    return;
  }
  for (int i = 0; i < metadata->topic_cnt; ++i) note_topic(metadata->topics[i], answer);
  rd_kafka_metadata_destroy(metadata);
}

}  // namespace

std::optional<LogRange> ask_log_range(rd_kafka_t* consumer, const TopicPartition& partition, core::Duration patience) {
  LogRange range;
  const auto code = rd_kafka_query_watermark_offsets(consumer, partition.topic.c_str(), partition.partition, &range.low,
                                                     &range.high, static_cast<int>(patience.us / 1000));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return range;
}

struct KafkaProbe::Impl {
  Impl(rd_kafka_t* asked, std::chrono::microseconds interval, const KafkaWakeup& signalled)
      : consumer(asked), refresh(interval), wakeup(signalled) {}

  rd_kafka_t* const consumer;
  const std::chrono::microseconds refresh;
  const KafkaWakeup& wakeup;
  std::vector<rd_kafka_topic_t*> topics;

  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  std::chrono::steady_clock::time_point metadata_due = std::chrono::steady_clock::now();
  std::optional<Answer> answer;
  std::optional<TopicPartition> wanted_poke;
  std::thread thread;

  bool is_stopping() {
    const std::lock_guard lock(mutex);
    return stopping;
  }

  // Returns when to ask again.
  std::chrono::microseconds ask_metadata() {
    Answer fresh;
    fresh.broker_answered = true;
    for (auto* topic : topics) {
      if (!is_stopping() && fresh.broker_answered) ask_topic(consumer, topic, fresh);
    }
    const bool complete = fresh.broker_answered && fresh.partitions.size() == topics.size();
    {
      const std::lock_guard lock(mutex);
      answer = std::move(fresh);
    }
    wakeup.signal();
    return complete ? refresh : std::min<std::chrono::microseconds>(refresh, kRetry);
  }

  void run() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      if (std::chrono::steady_clock::now() >= metadata_due) {
        metadata_due = std::chrono::steady_clock::time_point::max();  // hurry() may lower it while we ask
        lock.unlock();
        const auto pause = ask_metadata();
        lock.lock();
        metadata_due =
            std::min<std::chrono::steady_clock::time_point>(metadata_due, std::chrono::steady_clock::now() + pause);
      } else if (wanted_poke) {
        const TopicPartition partition = *wanted_poke;
        lock.unlock();
        (void)ask_log_range(consumer, partition, core::milliseconds(kPatienceMs));
        lock.lock();
        changed.wait_for(lock, kPokeGap, [this] { return stopping; });
        wanted_poke.reset();
      } else {
        changed.wait_until(lock, metadata_due);
      }
    }
  }
};

KafkaProbe::KafkaProbe(rd_kafka_t* consumer, std::vector<std::string> topics, core::Duration refresh,
                       const KafkaWakeup& wakeup)
    : impl_(std::make_unique<Impl>(consumer, std::chrono::microseconds(refresh.us), wakeup)) {
  for (const auto& topic : topics) {
    impl_->topics.push_back(rd_kafka_topic_new(consumer, topic.c_str(), nullptr));
    if (impl_->topics.back() == nullptr) core::bug("topic handle of a checked topic name");
  }
  impl_->thread = std::thread([this] { impl_->run(); });
}

KafkaProbe::~KafkaProbe() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->changed.notify_all();
  impl_->thread.join();
  for (auto* topic : impl_->topics) rd_kafka_topic_destroy(topic);
}

std::optional<KafkaProbe::Answer> KafkaProbe::take() {
  const std::lock_guard lock(impl_->mutex);
  return std::exchange(impl_->answer, std::nullopt);
}

void KafkaProbe::hurry() {
  const std::lock_guard lock(impl_->mutex);
  impl_->metadata_due = std::min(impl_->metadata_due, std::chrono::steady_clock::now() + kRetry);
  impl_->changed.notify_all();
}

void KafkaProbe::poke(const TopicPartition& partition) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->wanted_poke) return;
  impl_->wanted_poke = partition;
  impl_->changed.notify_all();
}

}  // namespace costdrift::daemon
