// LogReader: one log file, record by record: JSON lines, plain, .gz or .zst (by content, not by name), "-" for standard
// input.
//
// Errors  a file that cannot be opened or is damaged in the middle; the message names file and, where known, line.
// Memory  one line at a time; a line over 64 MiB is an error.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "replay/record_reader.h"

namespace costdrift::replay {

class LogReader final : public RecordReader {
 public:
  static core::Result<std::unique_ptr<LogReader>> open(const std::string& path);
  ~LogReader() override;
  // A line without its end. Empty lines are lines.
  core::Result<std::optional<std::string_view>> next() override;
  std::int64_t lines() const override;
  std::int64_t bytes_read() const override;
  std::int64_t bytes_total() const override;

 private:
  struct Impl;
  explicit LogReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::replay
