#include "replay/file_source.h"

#include <algorithm>

namespace costdrift::replay {
namespace {

constexpr int kFirstLines = 16;

}  // namespace

core::Result<std::unique_ptr<FileSource>> FileSource::open(const std::string& topic, const EventFiles& files,
                                                           int lines_per_poll) {
  std::unique_ptr<FileSource> source(new FileSource(topic, lines_per_poll));
  for (const auto& path : files.paths) {
    auto reader = open_records(path, files);
    if (!reader) return reader.error();
    const std::int64_t size = (*reader)->bytes_total();
    source->files_.push_back({.path = path, .reader = *std::move(reader), .bytes_total = size});
  }
  return source;
}

void FileSource::assign(daemon::LogHandler& handler) {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const auto start = handler.on_assigned({topic_, static_cast<std::int32_t>(i)});
    files_[i].index = start.index;
    files_[i].skip_until = start.next_offset.value_or(0);
  }
  assigned_ = true;
}

core::Result<void> FileSource::poll(core::Duration, daemon::LogHandler& handler) {
  if (!assigned_) assign(handler);
  File* oldest = nullptr;
  for (auto& file : files_) {
    if (file.reader == nullptr) {
      handler.on_caught_up(file.index);
    } else if (oldest == nullptr || handler.newest_event(file.index) < handler.newest_event(oldest->index)) {
      oldest = &file;
    }
  }
  return oldest == nullptr ? core::Result<void>() : read(*oldest, handler);
}

core::Result<void> FileSource::read(File& file, daemon::LogHandler& handler) {
  // Of a file that nothing is known of, only as much as tells its time: it may belong to another week.
  const bool unknown = handler.newest_event(file.index) == core::EventTime::min();
  const int lines = unknown ? std::min(lines_per_poll_, kFirstLines) : lines_per_poll_;
  for (int i = 0; i < lines; ++i) {
    auto line = file.reader->next();
    if (!line) return line.error();
    file.lines = file.reader->lines();
    file.bytes_read = file.reader->bytes_read();
    if (!line->has_value()) {
      file.reader.reset();
      handler.on_caught_up(file.index);
      break;
    }
    const std::int64_t offset = file.lines - 1;
    if (offset < file.skip_until) continue;
    handler.on_record({.partition = file.index, .offset = offset, .value = **line, .appended_at = std::nullopt});
  }
  return {};
}

bool FileSource::finished() const {
  return std::all_of(files_.begin(), files_.end(), [](const File& file) { return file.reader == nullptr; });
}

std::int64_t FileSource::lines() const {
  std::int64_t sum = 0;
  for (const auto& file : files_) sum += file.lines;
  return sum;
}

double FileSource::progress() const {
  std::int64_t read = 0, total = 0;
  for (const auto& file : files_) {
    if (file.bytes_total == 0 && file.reader != nullptr) return -1;
    read += file.bytes_read;
    total += file.bytes_total;
  }
  return total == 0 ? 1 : static_cast<double>(read) / static_cast<double>(total);
}

}  // namespace costdrift::replay
