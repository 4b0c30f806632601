// FileSource: log files behind LogSource. One file is one partition (0, 1, ... in the order given); a record's offset
// is its line number counted from 0, so that files cut from a topic's partitions replay under the topic's own offsets.
//
// Reads the file whose events are oldest first, so that few buckets are open at a time. A file is closed at its end.
// Threads  one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/log_source.h"
#include "replay/event_files.h"
#include "replay/record_reader.h"

namespace costdrift::replay {

class FileSource final : public daemon::LogSource {
 public:
  // `lines_per_poll` > 0: how many lines one poll hands over at most.
  static core::Result<std::unique_ptr<FileSource>> open(const std::string& topic, const EventFiles& files,
                                                        int lines_per_poll = 1024);
  core::Result<void> poll(core::Duration timeout, daemon::LogHandler& handler) override;
  Health health() const override { return {.connected = true}; }
  void close(daemon::LogHandler&) override {}

  // Every file is read to its end.
  bool finished() const;
  std::int64_t lines() const;
  // The file of a partition, for messages.
  const std::string& path(std::size_t partition) const { return files_[partition].path; }
  // 0..1 of all bytes; negative when unknown (standard input).
  double progress() const;

 private:
  struct File {
    std::string path;
    std::unique_ptr<RecordReader> reader;  // null: read to its end
    std::int64_t lines = 0, bytes_read = 0, bytes_total = 0;
    std::size_t index = 0;
    std::int64_t skip_until = 0;  // next offset in the state
  };
  FileSource(std::string topic, int lines_per_poll) : topic_(std::move(topic)), lines_per_poll_(lines_per_poll) {}
  void assign(daemon::LogHandler& handler);
  core::Result<void> read(File& file, daemon::LogHandler& handler);

  std::string topic_;
  int lines_per_poll_;
  std::vector<File> files_;
  bool assigned_ = false;
};

}  // namespace costdrift::replay
