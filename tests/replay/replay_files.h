// Files for the tests of replay: plain, gzip and zstd, and what a reader makes of them.
#pragma once

#include <zlib.h>
#include <zstd.h>

#include <string>
#include <vector>

#include "replay/log_reader.h"
#include "tests/support/temp_dir.h"

namespace costdrift::replay::test_support {

inline std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
  return out;
}

// Many lines of different lengths: more than every buffer of the reader.
inline std::vector<std::string> many_lines() {
  std::vector<std::string> lines;
  for (int i = 0; i < 30'000; ++i) {
    lines.push_back("line " + std::to_string(i) + " " + std::string(static_cast<std::size_t>(i * 7919 % 61), 'x'));
  }
  lines[17] = std::string(600'000, 'y');
  return lines;
}

inline std::string joined(const std::vector<std::string>& lines, const std::string& line_end = "\n") {
  std::string text;
  for (const auto& line : lines) text += line + line_end;
  return text;
}

struct ReadBack {
  std::vector<std::string> lines;
  std::string error;  // empty: read to the end
};

inline ReadBack read_back(const std::string& path) {
  ReadBack back;
  auto reader = LogReader::open(path);
  if (!reader) return {{}, reader.error().message};
  for (;;) {
    const auto line = (*reader)->next();
    if (!line) {
      back.error = line.error().message;
      return back;
    }
    if (!line->has_value()) return back;
    back.lines.emplace_back(**line);
  }
}

}  // namespace costdrift::replay::test_support
