#include "tests/support/simulated_disk.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace costdrift::tests {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr std::int64_t kNever = -1;

// What all files of one disk share.
struct DiskState {
  std::mutex mutex;
  std::thread::id owner = std::this_thread::get_id();
  std::int64_t calls = 0;  // of the owner's thread
  std::int64_t kill_at = kNever, fail_at = kNever;
  bool dead = false;
  std::map<std::string, std::uint64_t> size, synced;  // by path

  IOStatus call() {
    const std::scoped_lock lock(mutex);
    if (std::this_thread::get_id() == owner) {
      ++calls;
      if (kill_at != kNever && calls >= kill_at) dead = true;
      if (fail_at != kNever && calls == fail_at) return IOStatus::IOError("a simulated error of the device");
    }
    return dead ? IOStatus::IOError("the simulated process is dead") : IOStatus::OK();
  }
};

class TrackedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  TrackedFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path, std::shared_ptr<DiskState> disk)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), disk_(std::move(disk)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    if (auto alive = disk_->call(); !alive.ok()) return alive;
    grow(data.size());
    return FSWritableFileOwnerWrapper::Append(data, options, context);
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& verification,
                  IODebugContext* context) override {
    if (auto alive = disk_->call(); !alive.ok()) return alive;
    grow(data.size());
    return FSWritableFileOwnerWrapper::Append(data, options, verification, context);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    if (auto alive = disk_->call(); !alive.ok()) return alive;
    sync();
    return FSWritableFileOwnerWrapper::Sync(options, context);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    if (auto alive = disk_->call(); !alive.ok()) return alive;
    sync();
    return FSWritableFileOwnerWrapper::Fsync(options, context);
  }

 private:
  void grow(std::size_t bytes) {
    const std::scoped_lock lock(disk_->mutex);
    disk_->size[path_] += bytes;
  }
  void sync() {
    const std::scoped_lock lock(disk_->mutex);
    disk_->synced[path_] = disk_->size[path_];
  }

  const std::string path_;
  const std::shared_ptr<DiskState> disk_;
};

class TrackedFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  TrackedFileSystem(const std::shared_ptr<rocksdb::FileSystem>& base, std::shared_ptr<DiskState> disk)
      : FileSystemWrapper(base), disk_(std::move(disk)) {}
  const char* Name() const override { return "SimulatedDisk"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* context) override {
    // RocksDB writes all options down at every start and compares them, which takes longer than all else here, and goes
    // on without when it cannot.
    if (path.find("/OPTIONS-") != std::string::npos) return IOStatus::IOError("no options files on this disk");
    if (auto alive = disk_->call(); !alive.ok()) return alive;
    std::unique_ptr<rocksdb::FSWritableFile> file;
    auto made = target()->NewWritableFile(path, options, &file, context);
    if (!made.ok()) return made;
    {
      const std::scoped_lock lock(disk_->mutex);
      disk_->size[path] = disk_->synced[path] = 0;
    }
    *result = std::make_unique<TrackedFile>(std::move(file), path, disk_);
    return made;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* context) override {
    if (auto alive = disk_->call(); !alive.ok()) return alive;
    auto renamed = target()->RenameFile(from, to, options, context);
    if (!renamed.ok()) return renamed;
    const std::scoped_lock lock(disk_->mutex);
    move(disk_->size, from, to);
    move(disk_->synced, from, to);
    return renamed;
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* context) override {
    if (auto alive = disk_->call(); !alive.ok()) return alive;
    const std::scoped_lock lock(disk_->mutex);
    disk_->size.erase(path);
    disk_->synced.erase(path);
    return target()->DeleteFile(path, options, context);
  }

 private:
  static void move(std::map<std::string, std::uint64_t>& sizes, const std::string& from, const std::string& to) {
    const auto found = sizes.find(from);
    if (found == sizes.end()) return;
    sizes[to] = found->second;
    sizes.erase(from);
  }

  const std::shared_ptr<DiskState> disk_;
};

}  // namespace

struct SimulatedDisk::Impl {
  std::shared_ptr<DiskState> state = std::make_shared<DiskState>();
  std::unique_ptr<rocksdb::Env> memory{rocksdb::NewMemEnv(rocksdb::Env::Default())};
  std::shared_ptr<TrackedFileSystem> files = std::make_shared<TrackedFileSystem>(memory->GetFileSystem(), state);
  std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
};

SimulatedDisk::SimulatedDisk() : impl_(std::make_unique<Impl>()) {}
SimulatedDisk::~SimulatedDisk() = default;

rocksdb::Env* SimulatedDisk::env() { return impl_->env.get(); }

void SimulatedDisk::kill_after(std::int64_t calls) {
  const std::scoped_lock lock(impl_->state->mutex);
  impl_->state->kill_at = impl_->state->calls + calls;
}

void SimulatedDisk::fail_once_after(std::int64_t calls) {
  const std::scoped_lock lock(impl_->state->mutex);
  impl_->state->fail_at = impl_->state->calls + calls;
}

bool SimulatedDisk::dead() const {
  const std::scoped_lock lock(impl_->state->mutex);
  return impl_->state->dead;
}

std::int64_t SimulatedDisk::calls() const {
  const std::scoped_lock lock(impl_->state->mutex);
  return impl_->state->calls;
}

void SimulatedDisk::revive() {
  const std::scoped_lock lock(impl_->state->mutex);
  impl_->state->dead = false;
  impl_->state->kill_at = impl_->state->fail_at = kNever;
}

void SimulatedDisk::lose_power() {
  std::map<std::string, std::uint64_t> synced, size;
  {
    const std::scoped_lock lock(impl_->state->mutex);
    synced = impl_->state->synced;
    size = impl_->state->size;
  }
  for (const auto& [path, bytes] : size) {
    if (synced[path] < bytes) write(path, read(path).substr(0, synced[path]));
  }
}

std::string SimulatedDisk::read(const std::string& path) const {
  std::string bytes;
  rocksdb::ReadFileToString(impl_->memory.get(), path, &bytes);
  return bytes;
}

void SimulatedDisk::write(const std::string& path, const std::string& bytes) {
  rocksdb::WriteStringToFile(impl_->memory.get(), bytes, path, true);
  const std::scoped_lock lock(impl_->state->mutex);
  impl_->state->size[path] = impl_->state->synced[path] = bytes.size();
}

std::string SimulatedDisk::newest_log(const std::string& directory) const {
  std::vector<std::string> names;
  impl_->memory->GetChildren(directory, &names);
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(".log"); });
  if (names.empty()) return {};
  return directory + "/" + *std::max_element(names.begin(), names.end());
}

}  // namespace costdrift::tests
