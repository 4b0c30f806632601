#include "state/state_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace costdrift::state {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;
using core::fail;

core::Error refuse(ErrorCode code, const std::string& path, const std::string& why) {
  return fail(code, "cannot use the state directory " + path + ": " + why);
}

core::Result<void> create_private(const std::string& path) {
  std::error_code error;
  const fs::path parent = fs::path(path).parent_path();
  if (!parent.empty()) fs::create_directories(parent, error);
  if (error)
    return refuse(ErrorCode::io, path,
                  "its parent cannot be created (" + error.message() + "); create it or change state.path");
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return refuse(ErrorCode::io, path,
                  "it cannot be created (" + std::string(std::strerror(errno)) +
                      "); create it for the user that runs costdrift or change state.path");
  return {};
}

// Files that RocksDB makes; a crash while a database is being created leaves some of them without the others.
bool is_database_file(const std::string& name) {
  for (const char* prefix : {"CURRENT", "IDENTITY", "LOCK", "LOG", "MANIFEST-", "OPTIONS-", "lost"})
    if (name.starts_with(prefix)) return true;
  for (const char* suffix : {".log", ".sst", ".dbtmp", ".blob"})
    if (name.ends_with(suffix)) return true;
  return false;
}

core::Result<void> check_contents(const std::string& path) {
  if (holds_database(path)) return {};
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    const std::string name = entry.path().filename().string();
    if (name == "lost+found" || is_database_file(name)) continue;
    return refuse(ErrorCode::config, path,
                  "it holds files that are not costdrift's (for example " + name +
                      "); give costdrift a directory of its own in state.path");
  }
  if (error) return refuse(ErrorCode::io, path, "it cannot be listed (" + error.message() + ")");
  return {};
}

core::Result<void> check_owner(const std::string& path, const struct stat& info) {
  const uid_t user = ::geteuid();
  // Also for root: files that root adds would lock the owner's daemon out.
  if (info.st_uid == user) return {};
  return refuse(ErrorCode::config, path,
                "it belongs to user id " + std::to_string(info.st_uid) + ", but costdrift runs as user id " +
                    std::to_string(user) + "; run it as the owner or chown the directory");
}

core::Result<void> check_free_space(const std::string& path, std::int64_t min_free_mib) {
  std::error_code error;
  const fs::space_info space = fs::space(path, error);
  if (error) return refuse(ErrorCode::io, path, "its free space is unknown (" + error.message() + ")");
  const auto free_mib = static_cast<std::int64_t>(space.available >> 20);
  if (free_mib >= min_free_mib) return {};
  return refuse(ErrorCode::try_again, path,
                "only " + std::to_string(free_mib) + " MiB of disk are free and at least " +
                    std::to_string(min_free_mib) + " MiB are needed; free some space");
}

}  // namespace

bool holds_database(const std::string& path) {
  std::error_code error;
  return fs::exists(fs::path(path) / "CURRENT", error);
}

core::Result<void> prepare_directory(const std::string& path, const DirectoryRules& rules) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno != ENOENT) return refuse(ErrorCode::io, path, std::strerror(errno));
    if (!rules.create || rules.read_only) return refuse(ErrorCode::io, path, "it does not exist; check the path");
    if (auto created = create_private(path); !created) return created;
    if (::stat(path.c_str(), &info) != 0) return refuse(ErrorCode::io, path, std::strerror(errno));
  }
  if (!S_ISDIR(info.st_mode))
    return refuse(ErrorCode::config, path, "it is not a directory; change state.path or move the file away");
  if (auto checked = check_contents(path); !checked) return checked;
  if (rules.read_only) return {};
  if (auto checked = check_owner(path, info); !checked) return checked;
  if (::access(path.c_str(), W_OK | X_OK) != 0)
    return refuse(ErrorCode::io, path,
                  "it cannot be written (" + std::string(std::strerror(errno)) +
                      "); check its permissions and whether the file system is mounted read-only");
  return check_free_space(path, rules.min_free_mib);
}

}  // namespace costdrift::state
