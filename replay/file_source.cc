#include "replay/file_source.h"

#include <algorithm>

namespace costdrift::replay {

core::Result<std::unique_ptr<FileSource>> FileSource::open(const std::string& topic,
                                                           const std::vector<std::string>& paths, int lines_per_poll) {
  std::unique_ptr<FileSource> source(new FileSource(topic, lines_per_poll));
  for (const auto& path : paths) {
    auto reader = LogReader::open(path);
    if (!reader) return reader.error();
    source->files_.push_back({.reader = *std::move(reader)});
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
    if (file.ended) {
      handler.on_caught_up(file.index);
    } else if (oldest == nullptr || handler.newest_event(file.index) < handler.newest_event(oldest->index)) {
      oldest = &file;
    }
  }
  return oldest == nullptr ? core::Result<void>() : read(*oldest, handler);
}

core::Result<void> FileSource::read(File& file, daemon::LogHandler& handler) {
  for (int i = 0; i < lines_per_poll_; ++i) {
    auto line = file.reader->next();
    if (!line) return line.error();
    if (!line->has_value()) {
      file.ended = true;
      handler.on_caught_up(file.index);
      break;
    }
    const std::int64_t offset = file.reader->lines() - 1;
    if (offset < file.skip_until) continue;
    handler.on_record({.partition = file.index, .offset = offset, .value = **line, .appended_at = std::nullopt});
  }
  return {};
}

bool FileSource::finished() const {
  return std::all_of(files_.begin(), files_.end(), [](const File& file) { return file.ended; });
}

std::int64_t FileSource::lines() const {
  std::int64_t sum = 0;
  for (const auto& file : files_) sum += file.reader->lines();
  return sum;
}

double FileSource::progress() const {
  std::int64_t read = 0, total = 0;
  for (const auto& file : files_) {
    if (file.reader->bytes_total() == 0 && !file.ended) return -1;
    read += file.reader->bytes_read();
    total += file.reader->bytes_total();
  }
  return total == 0 ? 1 : static_cast<double>(read) / static_cast<double>(total);
}

}  // namespace costdrift::replay
