// SimulatedDisk: a file system in memory that dies on command and forgets what was not synced.
//
// Operation  kill_after(n) lets the n-th write-like call of the thread that owns the disk fail, and every call after
//            it: what a process that was killed there would have written. lose_power() cuts every file to what was
//            synced; revive() makes the disk whole again. Counted are calls of the owner's thread only, so that
//            RocksDB's background threads do not move the moment.
// Threads    constructed, killed and revived by one thread; RocksDB may call from others.
// Limits     names of files are durable at once (directories are not modelled).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace rocksdb {
class Env;
}

namespace costdrift::tests {

class SimulatedDisk {
 public:
  SimulatedDisk();
  ~SimulatedDisk();
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  rocksdb::Env* env();

  void kill_after(std::int64_t calls);
  // One call fails, those after it succeed: an IO error of the device.
  void fail_once_after(std::int64_t calls);
  bool dead() const;
  std::int64_t calls() const;
  // No database may be open on the disk.
  void lose_power();
  void revive();

  // For damage done by hand: the paths of the files, and their bytes.
  std::string read(const std::string& path) const;
  void write(const std::string& path, const std::string& bytes);
  // Newest write-ahead log of the database in `directory`; empty: none.
  std::string newest_log(const std::string& directory) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::tests
