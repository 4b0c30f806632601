// read_secret().
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "config/problems.h"
#include "config/settings.h"

namespace costdrift::config {
namespace {

constexpr std::size_t kMaxSecretBytes = 64 * 1024;
constexpr mode_t kOthers = 077;

core::Error refuse(const std::string& path, const std::string& why, const std::string& remedy) {
  return core::fail(core::ErrorCode::config, "reading the secret file " + in_quotes(path) + ": " + why + "; " + remedy);
}

struct Descriptor {
  int fd = -1;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

core::Result<void> check_file(const struct stat& status, const std::string& path) {
  if (!S_ISREG(status.st_mode)) return refuse(path, "it is not a file", "put the secret into a file");
  if ((status.st_mode & kOthers) != 0) {
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(status.st_mode & 07777));
    return refuse(path, std::string("others may read it (mode ") + mode.data() + ")", "run chmod 600 on it");
  }
  if (static_cast<std::size_t>(status.st_size) > kMaxSecretBytes) {
    return refuse(path, "it is larger than 64 KiB", "put nothing but the secret into it");
  }
  return {};
}

std::string trimmed(const std::string& text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  return last == std::string::npos ? "" : text.substr(0, last + 1);
}

}  // namespace

core::Result<std::string> read_secret(const std::string& path) {
  // Not blocking, so that a named pipe cannot hold up the start.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0)
    return refuse(path, std::strerror(errno), "create it with the secret in it, readable for costdrift alone");
  struct stat status {};
  if (::fstat(file.fd, &status) != 0) return refuse(path, std::strerror(errno), "check the path");
  if (auto checked = check_file(status, path); !checked) return checked.error();
  std::string content;
  std::array<char, 4096> part{};
  while (content.size() <= kMaxSecretBytes) {
    const ssize_t count = ::read(file.fd, part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return refuse(path, std::strerror(errno), "check the file");
    if (count == 0) break;
    content.append(part.data(), static_cast<std::size_t>(count));
  }
  std::string secret = trimmed(content);
  if (secret.empty()) return refuse(path, "it is empty", "put the secret into it");
  return secret;
}

}  // namespace costdrift::config
