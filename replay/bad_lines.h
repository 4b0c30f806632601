// BadLines: what a replay could not use, with file and line: the first few in words at the end, all of them in a file if
// asked.
#pragma once

#include <fstream>
#include <functional>
#include <ostream>
#include <string>

#include "core/result.h"
#include "daemon/pipeline_listener.h"

namespace costdrift::replay {

// Where a record stands, for people: "p0.jsonl:17", or "llm.usage partition 3 offset 991".
using PlaceOf = std::function<std::string(const daemon::TopicPartition& partition, std::int64_t offset)>;

class BadLines final : public daemon::PipelineListener {
 public:
  static constexpr std::int64_t kShown = 10;
  // `path` empty: no file; otherwise one JSON object a line: {"place":"p0.jsonl:17","reason":"bad_tokens",
  // "detail":"..."}. Error (io): the file cannot be written.
  static core::Result<BadLines> open(const std::string& path);
  void set_places(PlaceOf place_of) { place_of_ = std::move(place_of); }

  void on_rejected(const daemon::TopicPartition& partition, std::int64_t offset, daemon::RejectReason reason,
                   std::string_view detail) override;
  std::int64_t count() const { return count_; }
  // Tells the first kShown, how many more there were, and where all of them are. Error (io): the file could not be
  // written.
  core::Result<void> finish(std::ostream& out);

 private:
  BadLines() = default;
  std::string path_;
  std::ofstream file_;
  PlaceOf place_of_;
  std::string first_;
  std::int64_t count_ = 0;
};

}  // namespace costdrift::replay
