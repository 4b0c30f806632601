// FileSource: log files behind LogSource. One file is one partition (0, 1, ... in the order given); a record's offset
// is its line number counted from 0, so that files cut from a topic's partitions replay under the topic's own offsets.
//
// Reads the file whose events are oldest first, so that few buckets are open at a time.
// Threads  one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/log_source.h"
#include "replay/log_reader.h"

namespace costdrift::replay {

class FileSource final : public daemon::LogSource {
 public:
  // `lines_per_poll` > 0: how many lines one poll hands over at most.
  static core::Result<std::unique_ptr<FileSource>> open(const std::string& topic, const std::vector<std::string>& paths,
                                                        int lines_per_poll = 1024);
  core::Result<void> poll(core::Duration timeout, daemon::LogHandler& handler) override;
  Health health() const override { return {.connected = true}; }
  void close(daemon::LogHandler&) override {}

  // Every file is read to its end.
  bool finished() const;
  std::int64_t lines() const;
  // 0..1 of all bytes; negative when unknown (standard input).
  double progress() const;

 private:
  struct File {
    std::unique_ptr<LogReader> reader;
    std::size_t index = 0;
    std::int64_t skip_until = 0;  // next offset in the state
    bool ended = false;
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
