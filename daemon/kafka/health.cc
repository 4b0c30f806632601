#include "daemon/kafka/health.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/text.h"

namespace costdrift::daemon {
namespace {

constexpr std::chrono::seconds kProblemLife{10};
constexpr std::chrono::seconds kQuietMoment{2};
constexpr std::size_t kNamesShown = 3;

std::string moment(core::WallTime time) { return core::format_rfc3339({time.us / 1'000'000 * 1'000'000}); }

std::string names(const std::vector<TopicPartition>& partitions) {
  std::string text;
  for (std::size_t i = 0; i < std::min(partitions.size(), kNamesShown); ++i) {
    text += (i == 0 ? "" : ", ") + partitions[i].topic + "/" + std::to_string(partitions[i].partition);
  }
  if (partitions.size() > kNamesShown) text += " and " + std::to_string(partitions.size() - kNamesShown) + " more";
  return text;
}

}  // namespace

KafkaHealth::KafkaHealth(std::string brokers, const core::Clock& clock)
    : brokers_(std::move(brokers)),
      clock_(clock),
      silent_since_(clock.wall_now()),
      silent_from_(clock.monotonic_now()),
      advice_("check kafka.brokers") {}

void KafkaHealth::set_connected(bool connected) {
  if (connected_ && !connected) {
    silent_since_ = clock_.wall_now();
    silent_from_ = clock_.monotonic_now();
  }
  if (connected) {
    last_error_.clear();
    advice_ = "check kafka.brokers";
  }
  connected_ = connected;
}

void KafkaHealth::note_contact(bool answered) {
  const std::lock_guard lock(mutex_);
  set_connected(answered);
}

void KafkaHealth::note_cluster(const ClusterView& view, const std::vector<TopicPartition>& ours) {
  std::vector<TopicPartition> silent;
  for (const auto& partition : ours) {
    if (!view.leader_answers(partition)) silent.push_back(partition);
  }
  const std::lock_guard lock(mutex_);
  set_connected(ours.empty() ? view.any_connected() : silent.size() < ours.size());
  if (silent_partitions_.empty() && !silent.empty()) partitions_silent_since_ = clock_.wall_now();
  silent_partitions_ = std::move(silent);
}

void KafkaHealth::note_missing(std::vector<std::string> sentences) {
  const std::lock_guard lock(mutex_);
  missing_ = std::move(sentences);
}

void KafkaHealth::note_client_error(std::string_view text, std::string advice) {
  const std::lock_guard lock(mutex_);
  last_error_ = core::escape_for_log(text);
  if (!advice.empty()) advice_ = std::move(advice);
}

void KafkaHealth::note_problem(std::string sentence) {
  const std::lock_guard lock(mutex_);
  passing_problem_ = std::move(sentence);
  passing_problem_at_ = clock_.monotonic_now();
}

void KafkaHealth::note_failure(std::string sentence) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(sentence);
}

void KafkaHealth::note_lag(std::int64_t lag) {
  const std::lock_guard lock(mutex_);
  lag_ = lag;
}

std::string KafkaHealth::no_contact_sentence() const {
  const bool single = brokers_.find(',') == std::string::npos;
  std::string sentence =
      single ? "broker " + brokers_ + " does not answer" : "none of the brokers " + brokers_ + " answers";
  sentence += " since " + moment(silent_since_);
  if (!last_error_.empty()) sentence += " (" + last_error_ + ")";
  return sentence + "; " + advice_;
}

std::string KafkaHealth::problem() const {
  if (!failure_.empty()) return failure_;
  if (!connected_) return clock_.monotonic_now() - silent_from_ < kQuietMoment ? "" : no_contact_sentence();
  if (!passing_problem_.empty() && clock_.monotonic_now() - passing_problem_at_ < kProblemLife) return passing_problem_;
  if (!missing_.empty()) return missing_.front();
  if (!silent_partitions_.empty()) {
    return "the leader of " + names(silent_partitions_) + " does not answer since " + moment(partitions_silent_since_) +
           "; what it holds is waited for, and other partitions are not read far ahead of it";
  }
  return "";
}

LogSource::Health KafkaHealth::report() const {
  const std::lock_guard lock(mutex_);
  return {connected_ && failure_.empty(), problem(), lag_};
}

}  // namespace costdrift::daemon
