#include "replay/shared_log.h"

#include <algorithm>

namespace costdrift::replay {
namespace {

constexpr std::size_t kEnough = 4096;
constexpr int kMaxPolls = 64;

}  // namespace

class SharedLog::Collector final : public daemon::LogHandler {
 public:
  Collector(SharedLog& log, const std::function<core::EventTime(std::size_t)>& newest_event)
      : log_(log), newest_event_(newest_event) {}
  Start on_assigned(const daemon::TopicPartition& partition) override {
    log_.partitions_.push_back(partition);
    return {.index = log_.partitions_.size() - 1};
  }
  void on_revoked(std::size_t, bool) override {}
  void on_record(const daemon::LogRecord& record) override {
    log_.items_.push_back(
        {record.partition, record.offset, log_.bytes_.size(), record.value.size(), record.appended_at});
    log_.bytes_.append(record.value);
  }
  void on_log_changed(std::size_t, const std::string& what) override {
    log_.failed_ = core::fail(core::ErrorCode::unavailable, "reading for several configurations: " + what);
  }
  void on_caught_up(std::size_t partition) override {
    log_.items_.push_back({.partition = partition, .caught_up = true});
  }
  core::EventTime newest_event(std::size_t partition) const override { return newest_event_(partition); }

 private:
  SharedLog& log_;
  const std::function<core::EventTime(std::size_t)>& newest_event_;
};

class SharedLog::View final : public daemon::LogSource {
 public:
  View(const SharedLog& log, RecordEdit edit) : log_(log), edit_(std::move(edit)) {}
  core::Result<void> poll(core::Duration, daemon::LogHandler& handler) override {
    for (; assigned_ < log_.partitions_.size(); ++assigned_) {
      const auto start = handler.on_assigned(log_.partitions_[assigned_]);
      if (start.index != assigned_) core::bug("a pipeline that shares a log numbers its partitions in another order");
    }
    for (const Item& item : log_.items_) hand_on(item, handler);
    return {};
  }
  Health health() const override { return {.connected = true}; }
  void close(daemon::LogHandler&) override {}

 private:
  void hand_on(const Item& item, daemon::LogHandler& handler) {
    if (item.caught_up) return handler.on_caught_up(item.partition);
    const daemon::LogRecord record{.partition = item.partition,
                                   .offset = item.offset,
                                   .value = std::string_view(log_.bytes_).substr(item.begin, item.size),
                                   .appended_at = item.appended_at};
    if (edit_) {
      edit_(record, handler);
    } else {
      handler.on_record(record);
    }
  }
  const SharedLog& log_;
  RecordEdit edit_;
  std::size_t assigned_ = 0;
};

core::Result<void> SharedLog::fill(core::Duration timeout,
                                   const std::function<core::EventTime(std::size_t)>& newest_event) {
  items_.clear();
  bytes_.clear();
  Collector collector(*this, newest_event);
  for (int polls = 0; items_.size() < kEnough && polls < kMaxPolls; ++polls) {
    const std::size_t before = items_.size();
    auto polled = source_.poll(timeout, collector);
    if (failed_) return *failed_;
    if (!polled) return polled;
    if (items_.size() == before) break;
  }
  return {};
}

std::unique_ptr<daemon::LogSource> SharedLog::view(RecordEdit edit) const {
  return std::make_unique<View>(*this, std::move(edit));
}

}  // namespace costdrift::replay
