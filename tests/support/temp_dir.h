// TempDir: a directory of the test's own, removed with everything in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace costdrift::tests {

class TempDir {
 public:
  TempDir() : path_((std::filesystem::temp_directory_path() / "costdrift-test-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  // Writes a file that only its owner may read (as secrets must be) and returns its path.
  std::string write(const std::string& name, const std::string& text) const {
    const std::string to = file(name);
    std::ofstream(to, std::ios::binary) << text;
    std::filesystem::permissions(to, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return to;
  }

 private:
  std::string path_;
};

}  // namespace costdrift::tests
