// Input: where the events of a replay come from, files or topics, and how far they are read.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "config/settings.h"
#include "core/clock.h"
#include "daemon/decode/decode.h"
#include "daemon/log_source.h"
#include "replay/runner.h"

namespace costdrift::replay {

struct Input {
  std::unique_ptr<daemon::LogSource> source;
  core::Duration timeout;  // of a poll
  std::function<bool()> finished;
  std::function<std::int64_t()> records;
  std::function<double()> progress;  // 0..1; negative: unknown
};

// Opens what the options name. Errors: as FileSource and KafkaSpan.
core::Result<Input> open_input(const config::Settings& settings, const ReplayOptions& options, const core::Clock& clock,
                               core::EventTime from);

// A decoder as the pipeline has it for the topic.
core::Result<std::unique_ptr<daemon::Decoder>> decoder_of(const config::Settings& settings, const std::string& topic);

}  // namespace costdrift::replay
