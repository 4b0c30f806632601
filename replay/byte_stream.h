// ByteStream: the bytes of a file, decompressed. gzip and zstd are told by their first bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/result.h"

namespace costdrift::replay {

class ByteStream {
 public:
  // "-" is standard input.
  static core::Result<std::unique_ptr<ByteStream>> open(const std::string& path);
  virtual ~ByteStream() = default;
  // Up to `size` bytes into `into`; 0 at the end.
  virtual core::Result<std::size_t> read(char* into, std::size_t size) = 0;
  virtual std::int64_t bytes_read() const = 0;   // of the compressed file
  virtual std::int64_t bytes_total() const = 0;  // 0: unknown
};

}  // namespace costdrift::replay
