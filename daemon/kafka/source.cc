#include "daemon/kafka/source.h"

#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "core/text.h"
#include "daemon/kafka/consumer.h"
#include "daemon/kafka/health.h"
#include "daemon/kafka/probe.h"
#include "daemon/kafka/properties.h"
#include "daemon/kafka/reader.h"

namespace costdrift::daemon {
namespace {

constexpr std::size_t kRecordsPerPoll = 4'000;
constexpr core::Duration kFirstAnswerStep = core::milliseconds(50);
constexpr core::Duration kRangePatience = core::seconds(2);
constexpr core::Duration kLeavePatience = core::seconds(3);

std::string host_name() {
  char name[256] = "";
  if (gethostname(name, sizeof name - 1) != 0) return "unknown";
  return name;
}

std::string text_of(const TopicPartition& partition) {
  return partition.topic + "/" + std::to_string(partition.partition);
}

core::Duration refresh_interval(const KafkaProperties& properties) {
  std::int64_t ms = 0;
  const std::string& text = properties.at("topic.metadata.refresh.interval.ms");
  std::from_chars(text.data(), text.data() + text.size(), ms);
  return ms > 0 ? core::milliseconds(ms) : core::minutes(1);
}

std::string out_of_range_sentence(const TopicPartition& partition, std::int64_t offset,
                                  const std::optional<LogRange>& range) {
  std::string text =
      text_of(partition) + ": the position to go on from, offset " + std::to_string(offset) + ", is not in the log";
  if (range) {
    text += ", which holds offsets " + std::to_string(range->low) + " to " + std::to_string(range->high);
    text += offset < range->low ? ": retention deleted events before they were read, or the topic is another one"
                                : ": the topic was created anew or lost its end";
  }
  return text;
}

class KafkaSource final : public LogSource, private KafkaEvents {
 public:
  KafkaSource(config::KafkaSettings settings, KafkaProperties properties, const core::Clock& clock)
      : settings_(std::move(settings)),
        properties_(std::move(properties)),
        health_(settings_.brokers, clock),
        reader_(clock, wakeup_.descriptor(), !settings_.dead_letter_topic.empty()) {
    for (const auto& topic : settings_.topics) topics_.push_back(topic.name);
  }

  ~KafkaSource() override {
    probe_.reset();
    for (const auto& name : reader_.names()) reader_.remove(name);
  }

  core::Result<void> connect(const KafkaProperties& properties);
  core::Result<void> poll(core::Duration timeout, LogHandler& handler) override;
  Health health() const override { return health_.report(); }
  void close(LogHandler& handler) override;

 private:
  void on_group_assigned(const std::vector<TopicPartition>& partitions) override;
  void on_group_revoked(const std::vector<TopicPartition>& partitions, bool lost) override;
  void on_client_error(int code, std::string_view text, bool fatal) override;
  void on_statistics(std::string_view json) override;

  bool in_group() const { return !settings_.group_id.empty(); }
  std::size_t turn(LogHandler& handler);
  void take_answer();
  void start_reading(const KafkaProbe::Answer& answer);
  void assign_new(const KafkaProbe::Answer& answer);
  void take_over(const std::vector<TopicPartition>& partitions);
  std::int64_t start_offset(const LogHandler::Start& start) const;
  std::vector<std::string> missing_sentences(const KafkaProbe::Answer& answer) const;
  void handle_trouble(const KafkaReader::Trouble& trouble);
  void handle_out_of_range(const KafkaReader::Trouble& trouble);
  void give_back_gone();
  void give_up(core::Error error);

  const config::KafkaSettings settings_;
  const KafkaProperties properties_;
  std::vector<std::string> topics_;
  KafkaWakeup wakeup_;
  KafkaHealth health_;
  std::unique_ptr<KafkaConsumer> consumer_;  // null: closed
  KafkaReader reader_;
  std::unique_ptr<KafkaProbe> probe_;
  // Until the number of partitions is known, the consumer serves to ask for it; the one that reads is made then,
  // because librdkafka fixes the memory of a queue when a consumer is made.
  bool reading_ = false;
  std::set<TopicPartition> repeating_;  // the first record that was asked for is the one before the stored position
  std::vector<std::string> gone_;       // librdkafka's texts about partitions that do not exist any more
  LogHandler* handler_ = nullptr;
  std::optional<core::Error> failure_;
};

core::Result<void> KafkaSource::connect(const KafkaProperties& properties) {
  probe_.reset();
  consumer_.reset();
  auto consumer = KafkaConsumer::create(properties, *this, wakeup_);
  if (!consumer) return consumer.error();
  consumer_ = std::move(*consumer);
  probe_ = std::make_unique<KafkaProbe>(consumer_->handle(), topics_, refresh_interval(properties), wakeup_);
  return {};
}

core::Result<void> KafkaSource::poll(core::Duration timeout, LogHandler& handler) {
  handler_ = &handler;
  if (!failure_ && consumer_ && turn(handler) == 0 && !failure_) {
    wakeup_.wait(reader_.waits_for_first_answer() ? std::min(timeout, kFirstAnswerStep) : timeout);
    turn(handler);
  }
  if (failure_) return *failure_;
  reader_.report_caught_up(handler);
  if (const auto dry = reader_.runs_dry(); dry && probe_) probe_->poke(*dry);
  return {};
}

std::size_t KafkaSource::turn(LogHandler& handler) {
  wakeup_.clear();
  consumer_->serve();
  take_answer();
  if (failure_) return 0;
  const auto reading = reader_.read(handler, kRecordsPerPoll);
  for (const auto& trouble : reading.troubles) handle_trouble(trouble);
  if (!gone_.empty()) give_back_gone();
  return reading.records;
}

// The topic was deleted. If it comes back it is another log: assigned anew, its position is checked anew.
void KafkaSource::give_back_gone() {
  for (const auto& name : reader_.names()) {
    const std::string prefix = name.topic + " [" + std::to_string(name.partition) + "]:";
    const bool gone =
        std::any_of(gone_.begin(), gone_.end(), [&](const auto& text) { return text.starts_with(prefix); });
    if (!gone) continue;
    if (const auto index = reader_.remove(name)) handler_->on_revoked(*index, false);
    if (auto released = consumer_->unassign({name}); !released) return give_up(released.error());
  }
  gone_.clear();
  probe_->hurry();
}

void KafkaSource::take_answer() {
  const auto answer = probe_->take();
  if (!answer) return;
  if (reader_.names().empty()) health_.note_contact(answer->broker_answered);
  if (!answer->broker_answered) return;
  health_.note_missing(missing_sentences(*answer));
  if (!answer->problem.empty()) health_.note_problem("Kafka: " + answer->problem);
  if (answer->partitions.empty()) return;
  if (!reading_) start_reading(*answer);
  if (!failure_ && !in_group()) assign_new(*answer);
}

std::vector<std::string> KafkaSource::missing_sentences(const KafkaProbe::Answer& answer) const {
  std::vector<std::string> sentences;
  for (const auto& topic : answer.missing) {
    sentences.push_back("topic " + topic + " does not exist on " + settings_.brokers +
                        "; it is read as soon as it does: create it, or mend kafka.topics");
  }
  for (const auto& [topic, count] : answer.partitions) {
    for (const auto wanted : settings_.partitions) {
      if (in_group() || wanted < count) continue;
      sentences.push_back("topic " + topic + " has partitions 0 to " + std::to_string(count - 1) +
                          "; mend kafka.partitions, which names " + std::to_string(wanted));
    }
  }
  return sentences;
}

void KafkaSource::start_reading(const KafkaProbe::Answer& answer) {
  int total = 0;
  for (const auto& [topic, count] : answer.partitions) {
    total += settings_.partitions.empty() ? count : static_cast<int>(settings_.partitions.size());
  }
  KafkaProperties properties = properties_;
  share_queue_memory(properties, total);
  if (auto connected = connect(properties); !connected) return give_up(connected.error());
  reading_ = true;
  if (!in_group()) return;
  if (auto subscribed = consumer_->subscribe(topics_); !subscribed) give_up(subscribed.error());
}

void KafkaSource::assign_new(const KafkaProbe::Answer& answer) {
  std::vector<TopicPartition> added;
  for (const auto& [topic, count] : answer.partitions) {
    for (std::int32_t number = 0; number < count; ++number) {
      const bool wanted = settings_.partitions.empty() ||
                          std::count(settings_.partitions.begin(), settings_.partitions.end(), number) > 0;
      if (wanted && !reader_.has({topic, number})) added.push_back({topic, number});
    }
  }
  if (!added.empty()) take_over(added);
}

std::int64_t KafkaSource::start_offset(const LogHandler::Start& start) const {
  if (start.next_offset) return std::max<std::int64_t>(0, *start.next_offset - (start.repeat_last ? 1 : 0));
  using Begin = LogHandler::Start::Begin;
  const bool latest =
      start.begin == Begin::as_configured ? settings_.start_from == "latest" : start.begin == Begin::latest;
  return latest ? RD_KAFKA_OFFSET_END : RD_KAFKA_OFFSET_BEGINNING;
}

void KafkaSource::take_over(const std::vector<TopicPartition>& partitions) {
  std::vector<PartitionStart> starts;
  for (const auto& name : partitions) {
    const LogHandler::Start start = handler_->on_assigned(name);
    const std::int64_t offset = start_offset(start);
    if (start.next_offset && offset < *start.next_offset) repeating_.insert(name);
    reader_.add(consumer_->handle(), name, start.index, offset);
    starts.push_back({name, offset});
  }
  if (auto assigned = consumer_->assign(starts); !assigned) give_up(assigned.error());
}

void KafkaSource::on_group_assigned(const std::vector<TopicPartition>& partitions) { take_over(partitions); }

void KafkaSource::on_group_revoked(const std::vector<TopicPartition>& partitions, bool lost) {
  for (const auto& name : partitions) {
    repeating_.erase(name);
    if (const auto index = reader_.remove(name)) handler_->on_revoked(*index, lost);
  }
  if (auto released = consumer_->unassign(partitions); !released) give_up(released.error());
}

void KafkaSource::on_client_error(int code, std::string_view text, bool fatal) {
  if (fatal) {
    return give_up(core::fail(core::ErrorCode::try_again, "the Kafka client gave up: " + core::escape_for_log(text) +
                                                              "; a restart joins the group anew"));
  }
  switch (code) {
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:      // the reasons came before it
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:  // the probe says which
      return;
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      if (in_group()) break;
      gone_.emplace_back(text);
      return;
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
      return health_.note_client_error(text, "");
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
      return health_.note_client_error(text, "check security.protocol, sasl.* and ssl.* in kafka.properties");
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
      if (!in_group()) return;  // librdkafka looks for a coordinator that nobody needs
      break;
    default:
      break;
  }
  health_.note_problem("Kafka: " + core::escape_for_log(text));
}

void KafkaSource::on_statistics(std::string_view json) {
  const auto view = parse_statistics(json);
  if (!view || !reading_) return;
  health_.note_cluster(*view, reader_.names());
  health_.note_lag(reader_.lag(consumer_->handle()));
  reader_.confirm_ends(*view);
}

void KafkaSource::handle_trouble(const KafkaReader::Trouble& trouble) {
  if (trouble.problem.code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
      trouble.problem.code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
    return handle_out_of_range(trouble);
  }
  health_.note_problem(text_of(trouble.name) + ": " + core::escape_for_log(trouble.problem.text));
}

void KafkaSource::handle_out_of_range(const KafkaReader::Trouble& trouble) {
  const auto range = ask_log_range(consumer_->handle(), trouble.name, kRangePatience);
  const bool repeats = repeating_.erase(trouble.name) > 0;
  const std::int64_t wanted = trouble.next_offset + (repeats ? 1 : 0);
  if (!repeats || !range || range->low != wanted) {
    const std::string what = out_of_range_sentence(trouble.name, wanted, range);
    if (const auto index = reader_.remove(trouble.name)) handler_->on_log_changed(*index, what);
    return give_up(core::fail(core::ErrorCode::unavailable, what));
  }
  // Retention took exactly what was read: nothing is missing.
  const auto index = reader_.remove(trouble.name);
  if (auto released = consumer_->unassign({trouble.name}); !released) return give_up(released.error());
  reader_.add(consumer_->handle(), trouble.name, index.value_or(0), wanted);
  if (auto assigned = consumer_->assign({{trouble.name, wanted}}); !assigned) give_up(assigned.error());
}

void KafkaSource::give_up(core::Error error) {
  if (failure_) return;
  health_.note_failure(error.message);
  failure_ = std::move(error);
}

void KafkaSource::close(LogHandler& handler) {
  if (!consumer_) return;
  handler_ = &handler;
  const bool joined = in_group() && !reader_.names().empty();
  probe_.reset();
  // Leaving a group before the first assignment crashes librdkafka 2.0.2 (#4381).
  if (joined) consumer_->close_group(kLeavePatience);
  for (const auto& name : reader_.names()) {
    if (const auto index = reader_.remove(name)) handler.on_revoked(*index, false);
  }
  consumer_.reset();
}

bool is_topic_name(std::string_view name) {
  return !name.empty() && name.size() <= 249 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

core::Result<void> check_names(const config::KafkaSettings& settings) {
  if (settings.brokers.empty()) return core::fail(core::ErrorCode::config, "kafka.brokers is empty; give host:port");
  if (settings.topics.empty()) return core::fail(core::ErrorCode::config, "kafka.topics is empty; name a topic");
  for (const auto& topic : settings.topics) {
    if (is_topic_name(topic.name)) continue;
    return core::fail(core::ErrorCode::config,
                      "kafka.topics: \"" + core::escape_for_log(topic.name) +
                          "\" is not the name of a topic (letters, digits, \".\", \"_\", \"-\")");
  }
  const std::string& dead = settings.dead_letter_topic;
  if (!dead.empty() && !is_topic_name(dead)) {
    return core::fail(core::ErrorCode::config,
                      "kafka.dead_letter_topic: \"" + core::escape_for_log(dead) + "\" is not the name of a topic");
  }
  return {};
}

}  // namespace

core::Result<std::unique_ptr<LogSource>> make_kafka_source(const config::KafkaSettings& settings,
                                                           const core::Clock& clock) {
  if (auto checked = check_names(settings); !checked) return checked.error();
  auto properties = kafka_properties(settings, host_name());
  if (!properties) return properties.error();
  auto source = std::make_unique<KafkaSource>(settings, *properties, clock);
  if (auto connected = source->connect(*properties); !connected) return connected.error();
  return std::unique_ptr<LogSource>(std::move(source));
}

}  // namespace costdrift::daemon
