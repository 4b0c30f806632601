// DiskWatch: notices when the disk of the state directory fills up, and keeps a ballast there: a file that is given up
// when almost nothing is left, so that what is decided can still be told and written down while reading stands still.
//
// Operation  full: less than `min_free_mib` is free. The ballast goes once less than its own size is free; the disk
//            then stays full until there is room for both, so that reading does not use up what the ballast left.
// Threads    one.
// Errors     none: a ballast that cannot be laid, or free space that nobody can tell, is no reason to stop.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace costdrift::daemon {

// Free MiB on the disk that holds a directory, nullopt: unknown.
using FreeSpace = std::function<std::optional<std::int64_t>(const std::string& path)>;
std::optional<std::int64_t> free_mib_of(const std::string& path);

struct DiskWatchOptions {
  std::string path;  // the state directory, which exists
  std::int64_t min_free_mib = 0;
  std::int64_t ballast_mib = 0;  // 0: none
  FreeSpace free_mib;            // null: free_mib_of()
};

enum class DiskChange : std::uint8_t { none, filled, freed };

class DiskWatch {
 public:
  explicit DiskWatch(DiskWatchOptions options);

  // Looks at the disk; lays or gives up the ballast. What has changed since the last look.
  DiskChange look();
  bool is_full() const { return full_; }
  // Why reading stands still, as of the look that found it so; empty: it does not.
  const std::string& problem() const { return problem_; }

 private:
  void give_up_ballast();
  void lay_ballast();

  const DiskWatchOptions options_;
  const std::string ballast_path_;
  bool ballast_laid_ = false, ballast_given_up_ = false, full_ = false;
  std::string problem_;
};

}  // namespace costdrift::daemon
