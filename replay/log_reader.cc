#include "replay/log_reader.h"

#include <cstring>
#include <vector>

#include "replay/byte_stream.h"

namespace costdrift::replay {
namespace {

constexpr std::size_t kChunk = 1 << 18;
constexpr std::size_t kMaxLine = 64 << 20;

}  // namespace

struct LogReader::Impl {
  std::string path;
  std::unique_ptr<ByteStream> stream;
  std::vector<char> buffer = std::vector<char>(kChunk);  // never empty: memmove and memchr take no null pointer
  std::size_t begin = 0, end = 0;
  bool at_end = false;
  std::int64_t lines = 0;

  // Moves what is left to the front and reads more behind it.
  core::Result<void> read_more() {
    std::memmove(buffer.data(), buffer.data() + begin, end - begin);
    end -= begin;
    begin = 0;
    if (buffer.size() < end + kChunk) buffer.resize(end + kChunk);
    auto got = stream->read(buffer.data() + end, buffer.size() - end);
    if (!got) return got.error();
    at_end = *got == 0;
    end += *got;
    return {};
  }
};

LogReader::LogReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogReader::~LogReader() = default;

core::Result<std::unique_ptr<LogReader>> LogReader::open(const std::string& path) {
  auto stream = ByteStream::open(path);
  if (!stream) return stream.error();
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  impl->stream = *std::move(stream);
  return std::unique_ptr<LogReader>(new LogReader(std::move(impl)));
}

core::Result<std::optional<std::string_view>> LogReader::next() {
  Impl& r = *impl_;
  std::size_t searched = 0;
  for (;;) {
    const char* from = r.buffer.data() + r.begin + searched;
    const auto* newline = r.end > r.begin + searched
                              ? static_cast<const char*>(std::memchr(from, '\n', r.end - r.begin - searched))
                              : nullptr;
    if (newline != nullptr || (r.at_end && r.end > r.begin)) {
      const char* start = r.buffer.data() + r.begin;
      const std::size_t length = newline != nullptr ? static_cast<std::size_t>(newline - start) : r.end - r.begin;
      r.begin += length + (newline != nullptr ? 1 : 0);
      ++r.lines;
      std::string_view line(start, length);
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      return std::optional(line);
    }
    if (r.at_end) return std::optional<std::string_view>();
    searched = r.end - r.begin;
    if (searched > kMaxLine) {
      return core::fail(core::ErrorCode::bad_data, "reading " + r.path + ":" + std::to_string(r.lines + 1) +
                                                       ": a line of more than 64 MiB; is this a JSONL file?");
    }
    if (auto more = r.read_more(); !more) return more.error();
  }
}

std::int64_t LogReader::lines() const { return impl_->lines; }
std::int64_t LogReader::bytes_read() const { return impl_->stream->bytes_read(); }
std::int64_t LogReader::bytes_total() const { return impl_->stream->bytes_total(); }

}  // namespace costdrift::replay
