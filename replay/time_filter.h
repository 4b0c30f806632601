// TimeFilter: a LogSource that hands on only the records of a span of event time, for many pipelines behind one
// reading; a single one leaves out by itself what is not wanted (RunLoopOptions::span), without decoding twice.
//
// A record with several events is handed on whole when one of them lies in the span; one that cannot be read has no
// time and is handed on, so that it is counted.
// Threads  one thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/result.h"
#include "daemon/decode/decode.h"
#include "daemon/decode/decoded_batch.h"
#include "daemon/log_source.h"

namespace costdrift::replay {

class TimeFilter final : public daemon::LogSource {
 public:
  // A decoder for every topic, as the pipeline has them.
  using DecoderOf = std::function<core::Result<std::unique_ptr<daemon::Decoder>>(const std::string& topic)>;
  // Hands on what lies in the span. The source outlives the filter.
  TimeFilter(daemon::LogSource& source, daemon::EventSpan span, DecoderOf decoder_of)
      : source_(source), decoder_of_(std::move(decoder_of)), span_(span) {}

  core::Result<void> poll(core::Duration timeout, daemon::LogHandler& handler) override;
  Health health() const override { return source_.health(); }
  void close(daemon::LogHandler& handler) override { source_.close(handler); }

 private:
  bool wanted(const daemon::LogRecord& record);

  class Handler;
  daemon::LogSource& source_;
  DecoderOf decoder_of_;
  std::map<std::size_t, std::unique_ptr<daemon::Decoder>> decoders_;  // by partition
  std::optional<core::Error> failed_;
  daemon::EventSpan span_;
};

// RFC 3339, or `absent` when the text is empty. Error (usage): not a time; names the option.
core::Result<core::EventTime> parse_bound(const std::string& option, const std::string& text, core::EventTime absent);

}  // namespace costdrift::replay
