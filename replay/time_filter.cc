#include "replay/time_filter.h"

namespace costdrift::replay {
namespace {

// Whether one of a record's events lies in the span, or none has a time.
class SpanCheck final : public daemon::EventHandler {
 public:
  explicit SpanCheck(daemon::EventSpan span) : span_(span) {}
  void on_event(const core::UsageEvent& event) override { inside = inside || span_.contains(event.ts); }
  void on_rejected(daemon::RejectReason, std::string_view) override { inside = true; }
  bool inside = false;

 private:
  daemon::EventSpan span_;
};

}  // namespace

// Everything but on_record() goes straight through.
class TimeFilter::Handler final : public daemon::LogHandler {
 public:
  Handler(TimeFilter& filter, daemon::LogHandler& next) : filter_(filter), next_(next) {}
  Start on_assigned(const daemon::TopicPartition& partition) override {
    const Start start = next_.on_assigned(partition);
    auto decoder = filter_.decoder_of_(partition.topic);
    if (decoder) {
      filter_.decoders_[start.index] = *std::move(decoder);
    } else {
      filter_.failed_ = decoder.error();
    }
    return start;
  }
  void on_revoked(std::size_t partition, bool lost) override { next_.on_revoked(partition, lost); }
  void on_record(const daemon::LogRecord& record) override {
    if (filter_.wanted(record)) next_.on_record(record);
  }
  void on_log_changed(std::size_t partition, const std::string& what) override {
    next_.on_log_changed(partition, what);
  }
  void on_caught_up(std::size_t partition) override { next_.on_caught_up(partition); }
  core::EventTime newest_event(std::size_t partition) const override { return next_.newest_event(partition); }

 private:
  TimeFilter& filter_;
  daemon::LogHandler& next_;
};

core::Result<core::EventTime> parse_bound(const std::string& option, const std::string& text, core::EventTime absent) {
  if (text.empty()) return absent;
  const auto time = core::parse_rfc3339(text);
  if (time) return *time;
  return core::fail(core::ErrorCode::usage, "reading " + option + ": " + time.error().message);
}

core::Result<void> TimeFilter::poll(core::Duration timeout, daemon::LogHandler& handler) {
  if (span_ == daemon::EventSpan()) return source_.poll(timeout, handler);
  Handler filtered(*this, handler);
  auto polled = source_.poll(timeout, filtered);
  if (failed_) return *failed_;
  return polled;
}

bool TimeFilter::wanted(const daemon::LogRecord& record) {
  SpanCheck span(span_);
  const auto decoder = decoders_.find(record.partition);
  if (decoder == decoders_.end()) return false;
  decoder->second->decode(record.value, span);
  return span.inside;
}

}  // namespace costdrift::replay
