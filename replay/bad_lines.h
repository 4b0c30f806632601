// BadLines: what a replay could not use, with file and line: the first few in words at the end, all of them in a file
// if asked.
//
// Resume  with a state directory every bad line is kept in the state (KeySpace::report) and durable with the position
//         behind it, so that what was read before an interruption is in the file too, each line once. While the replay
//         runs, the file tells what this run finds, as it finds it; at the end it is written anew, with everything, by
//         file (or partition) and line. So which file is named, and what became of it, may change from run to run.
#pragma once

#include <fstream>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "daemon/pipeline_listener.h"
#include "state/store.h"

namespace costdrift::replay {

// Where a record stands, for people: "p0.jsonl:17", or "llm.usage partition 3 offset 991".
using PlaceOf = std::function<std::string(const daemon::TopicPartition& partition, std::int64_t offset)>;

class BadLines final : public daemon::PipelineListener {
 public:
  static constexpr std::int64_t kShown = 10;
  // `path` empty: no file; otherwise one JSON object a line: {"place":"p0.jsonl:17","reason":"bad_tokens",
  // "detail":"..."}. What the file holds stays until begin(). Error (io): the file cannot be written.
  static core::Result<BadLines> open(const std::string& path);
  void set_places(PlaceOf place_of) { place_of_ = std::move(place_of); }

  // Before anything is read: empties the file, and keeps what is found in the state if that is `durable`. What is not a
  // regular file (/dev/stderr) gets what this run finds, and nothing is kept for it. Errors: usage, the state holds a
  // replay whose bad lines were not kept from its beginning on (the file is left as it was); io.
  [[nodiscard]] core::Result<void> begin(state::Store& store, bool durable);
  // After everything is in the state: what is kept there becomes the file. Errors: io; bad_data, a row of another
  // version.
  [[nodiscard]] core::Result<void> tell_kept(const state::Store& store);

  void on_rejected(const daemon::TopicPartition& partition, std::int64_t offset, daemon::RejectReason reason,
                   std::string_view detail) override;
  void on_commit(state::Store& store) override;
  // Of tell_kept() if anything is kept, otherwise of this run.
  std::int64_t count() const { return count_; }
  // Tells the first kShown, how many more there were, and where all of them are. Error (io): the file could not be
  // written.
  core::Result<void> finish(std::ostream& out);

 private:
  struct BadLine {
    std::string place, reason, detail;
  };
  BadLines() = default;
  core::Result<void> empty_file();
  void tell(const BadLine& line);
  void keep(const daemon::TopicPartition& partition, std::int64_t offset, const BadLine& line);

  std::string path_;
  std::ofstream file_;
  PlaceOf place_of_;
  std::string first_;
  std::int64_t count_ = 0;
  bool keeps_ = false;
  std::vector<std::pair<std::string, std::string>> unsaved_;  // rows
  std::string record_;                                        // key of the record of the newest of them
  std::uint32_t of_record_ = 0;                               // how many of it there are
};

// A replay without the file goes on there: what is kept is no longer everything.
void forget_bad_lines(state::Store& store);

}  // namespace costdrift::replay
