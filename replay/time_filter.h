// TimeFilter: a LogSource that hands on only the records of a span of event time (`--from`, `--to`).
//
// A record with several events is handed on whole when one of them lies in the span; one that cannot be read has no
// time and is handed on, so that it is counted.
// Threads  one thread.
#pragma once

#include <memory>
#include <string>

#include "core/result.h"
#include "daemon/decode.h"
#include "daemon/log_source.h"

namespace costdrift::replay {

class TimeFilter final : public daemon::LogSource {
 public:
  // [from, to) as RFC 3339; empty: no bound. Error (usage): not a time. The source outlives the filter.
  static core::Result<std::unique_ptr<TimeFilter>> make(daemon::LogSource& source, const std::string& from,
                                                        const std::string& to,
                                                        std::unique_ptr<daemon::Decoder> decoder);

  core::Result<void> poll(core::Duration timeout, daemon::LogHandler& handler) override;
  Health health() const override { return source_.health(); }
  void close(daemon::LogHandler& handler) override { source_.close(handler); }

 private:
  TimeFilter(daemon::LogSource& source, std::unique_ptr<daemon::Decoder> decoder)
      : source_(source), decoder_(std::move(decoder)) {}
  bool wanted(const daemon::LogRecord& record);

  class Handler;
  daemon::LogSource& source_;
  std::unique_ptr<daemon::Decoder> decoder_;
  core::EventTime from_ = core::EventTime::min(), to_ = core::EventTime::max();
};

}  // namespace costdrift::replay
