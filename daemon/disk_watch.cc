#include "daemon/disk_watch.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <utility>

namespace costdrift::daemon {
namespace {

namespace fs = std::filesystem;

DiskWatchOptions with_free_space(DiskWatchOptions options) {
  if (!options.free_mib) options.free_mib = free_mib_of;
  return options;
}

// False: there is no room, or the file system cannot reserve any.
bool reserve(const std::string& path, std::int64_t mib) {
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool reserved = ::posix_fallocate(file, 0, mib << 20) == 0;
  (void)::close(file);
  return reserved;
}

std::string why_full(std::int64_t free_mib, const DiskWatchOptions& options) {
  return "reading has stopped: " + std::to_string(free_mib) + " MiB are free at " + options.path +
         ", and state.min_free_mib asks for " + std::to_string(options.min_free_mib) +
         "; free some space, and it goes on by itself";
}

}  // namespace

std::optional<std::int64_t> free_mib_of(const std::string& path) {
  std::error_code failed;
  const auto space = fs::space(path, failed);
  if (failed) return std::nullopt;
  return static_cast<std::int64_t>(space.available >> 20);
}

DiskWatch::DiskWatch(DiskWatchOptions options)
    : options_(with_free_space(std::move(options))), ballast_path_(options_.path + "/BALLAST") {
  std::error_code none;
  const auto size = fs::file_size(ballast_path_, none);
  ballast_laid_ = !none && size == static_cast<std::uintmax_t>(options_.ballast_mib) << 20;
  if (!ballast_laid_) fs::remove(ballast_path_, none);  // of another size: laid anew when there is room
}

void DiskWatch::give_up_ballast() {
  std::error_code failed;
  ballast_laid_ = !fs::remove(ballast_path_, failed);
  ballast_given_up_ = !ballast_laid_;
}

void DiskWatch::lay_ballast() {
  std::error_code ignored;
  ballast_laid_ = reserve(ballast_path_, options_.ballast_mib);
  ballast_given_up_ = false;
  if (!ballast_laid_) fs::remove(ballast_path_, ignored);
}

DiskChange DiskWatch::look() {
  const auto available = options_.free_mib(options_.path);
  if (!available) return DiskChange::none;
  const bool was_full = full_, room_for_both = *available >= options_.min_free_mib + options_.ballast_mib;
  full_ = ballast_given_up_ ? !room_for_both : *available < options_.min_free_mib;
  if (full_ && ballast_laid_ && *available < options_.ballast_mib) give_up_ballast();
  if (room_for_both && !ballast_laid_ && options_.ballast_mib > 0) lay_ballast();
  if (full_ == was_full) return DiskChange::none;
  problem_ = full_ ? why_full(*available, options_) : std::string();
  return full_ ? DiskChange::filled : DiskChange::freed;
}

}  // namespace costdrift::daemon
