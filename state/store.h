// Store: the only door to RocksDB. Writes gather in an overlay and become durable together, in ONE synced WriteBatch.
//
// Operation  put() and erase() change the overlay; get() and scan() see overlay over database; commit() writes the
//            overlay atomically and syncs. A crash loses the overlay whole, never a part of it.
// Threads    all calls from the stream thread, but for put_now(), put_all_now() and get_now(), which are safe from
//            every thread and bypass the overlay: they are for KeySpace::deliveries only, which the stream thread never
//            writes.
// Errors     a failed commit is final (RocksDB errors are sticky): exit (with _exit: RocksDB may still be trying to
//            recover) and reopen. Reads of a corrupt block or of an unreadable row are reported by failed().
// Limits     one process at a time (RocksDB's LOCK file). WAL recovery is point-in-time: a damaged tail rolls back to a
//            consistent prefix, and the offsets in it roll back with it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "state/key_space.h"

namespace rocksdb {
class Env;
}

namespace costdrift::state {

struct StoreOptions {
  bool create = true;  // false: a missing directory is an error (state dump)
  bool read_only = false;
  bool sync = true;               // false for scratch stores of replay
  bool in_memory = false;         // on a memory file system; `path` is then only a name
  rocksdb::Env* env = nullptr;    // borrowed; overrides in_memory (fault tests)
  std::int64_t min_free_mib = 0;  // refuse to open below this much free disk
};

class Store {
 public:
  // Creates the directory (mode 0700) and the column families; refuses a directory of another owner, of a newer format,
  // of something that is not costdrift's, or one that another process has open. Each message says what to do.
  static core::Result<std::unique_ptr<Store>> open(const std::string& path, const StoreOptions& options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  std::optional<std::string> get(KeySpace space, std::string_view key) const;
  void put(KeySpace space, std::string key, std::string value);
  void erase(KeySpace space, std::string_view key);

  // Calls visit(key, value) for every key in [from, to) in byte order until it returns false. An empty `to` means "to
  // the end". The visitor must not write to the store.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  void scan(KeySpace space, std::string_view from, std::string_view to, const Visit& visit) const;

  core::Result<void> commit();
  bool dirty() const;

  core::Result<void> put_now(KeySpace space, std::string_view key, std::string_view value);
  // Rows (key, value), all of them or none.
  core::Result<void> put_all_now(KeySpace space, const std::vector<std::pair<std::string, std::string>>& rows);
  std::optional<std::string> get_now(KeySpace space, std::string_view key) const;

  // True after a failed commit, put_now() or read; failure() says what happened, for a person. Safe from every thread.
  bool failed() const;
  std::string failure() const;
  // For the typed views of this folder: a row is not what its version says. Makes failed() true.
  void report_unreadable(KeySpace space, std::string_view key) const;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::state
