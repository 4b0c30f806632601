// RecordReader: the records of one log file, one after another.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace costdrift::replay {

class RecordReader {
 public:
  virtual ~RecordReader() = default;
  // The next record, borrowed until the next call; nullopt at the end. An error names file and, where known, line.
  virtual core::Result<std::optional<std::string_view>> next() = 0;
  // Lines of the file read so far: the number, from 1, of the line with which the newest record ended.
  virtual std::int64_t lines() const = 0;
  // Bytes of the (compressed) file read so far, and its size (0: unknown, standard input).
  virtual std::int64_t bytes_read() const = 0;
  virtual std::int64_t bytes_total() const = 0;
};

}  // namespace costdrift::replay
