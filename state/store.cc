#include "state/store.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <vector>

#include "core/kill_point.h"
#include "core/text.h"
#include "state/rocks_options.h"
#include "state/state_directory.h"

namespace costdrift::state {
namespace {

using core::ErrorCode;
using core::fail;
using Overlay = std::map<std::string, std::optional<std::string>, std::less<>>;

constexpr std::string_view kFormatKey = "format";
constexpr std::string_view kFormat = "1";
constexpr int kReadOnlyAttempts = 20;

std::size_t index_of(KeySpace space) { return static_cast<std::size_t>(space); }

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const rocksdb::Slice& text) { return {text.data(), text.size()}; }

std::string family_name(std::size_t index) { return std::string(key_space_name(static_cast<KeySpace>(index))); }

bool is_among(const std::vector<std::string>& names, std::size_t index) {
  return std::find(names.begin(), names.end(), family_name(index)) != names.end();
}

}  // namespace

struct Store::Impl {
  std::string path;
  StoreOptions options;
  std::unique_ptr<rocksdb::Env> memory_env;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;                // every open family, to be released
  std::array<rocksdb::ColumnFamilyHandle*, kKeySpaces> families{};  // nullptr: not in this (read-only) directory
  std::array<Overlay, kKeySpaces> overlay;

  mutable std::mutex failure_mutex;
  mutable std::string failure;

  ~Impl() {
    if (!db) return;
    for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  }

  rocksdb::Env* env() const {
    if (options.env) return options.env;
    return memory_env ? memory_env.get() : rocksdb::Env::Default();
  }

  core::Error report(const std::string& doing, const rocksdb::Status& status) const {
    core::Error error = database_error(doing, path, status);
    const std::lock_guard lock(failure_mutex);
    if (failure.empty()) failure = error.message;
    return error;
  }

  std::optional<std::string> read(KeySpace space, std::string_view key) const {
    rocksdb::ColumnFamilyHandle* family = families[index_of(space)];
    if (!family) return std::nullopt;
    std::string value;
    const rocksdb::Status status = db->Get(rocksdb::ReadOptions(), family, slice(key), &value);
    if (status.ok()) return value;
    if (!status.IsNotFound()) (void)report("read", status);
    return std::nullopt;
  }

  rocksdb::WriteOptions write_options() const {
    rocksdb::WriteOptions result;
    result.sync = options.sync;
    return result;
  }

  core::Result<std::vector<std::string>> stored_families() const;
  core::Result<void> open_database();
  core::Result<void> open_families(const std::vector<rocksdb::ColumnFamilyDescriptor>& present);
  core::Result<void> check_format();
};

namespace {

// A database that has families, but not ours, belongs to another program; one with families that we do not know was
// written by a newer costdrift. A crash inside the very first opening leaves only some of ours, or none.
core::Result<void> check_families(const std::string& path, const std::vector<std::string>& stored) {
  bool has_ours = false;
  std::string unknown;
  for (const std::string& name : stored) {
    if (name == rocksdb::kDefaultColumnFamilyName) continue;
    bool ours = false;
    for (std::size_t i = 0; i < std::size_t{kKeySpaces}; ++i) ours = ours || family_name(i) == name;
    has_ours = has_ours || ours;
    if (!ours) unknown = name;
  }
  if (unknown.empty()) return {};
  const std::string what = has_ours ? "it was written by a newer costdrift (it has the table "
                                    : "it is a database of another program (it has the table ";
  const std::string remedy = has_ours ? "); install that version or a newer one" : "); choose another state.path";
  return fail(ErrorCode::config, "cannot use the state directory " + path + ": " + what + unknown + remedy);
}

}  // namespace

core::Result<std::vector<std::string>> Store::Impl::stored_families() const {
  std::vector<std::string> stored;
  rocksdb::DBOptions list_options = database_options(options, env());
  const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(list_options, path, &stored);
  if (status.ok()) {
    if (auto checked = check_families(path, stored); !checked) return checked.error();
    return stored;
  }
  if (env()->FileExists(path + "/CURRENT").ok()) return database_error("open", path, status);
  if (!options.create || options.read_only)
    return fail(ErrorCode::io, "cannot use the state directory " + path + ": it holds no state; check the path");
  return std::vector<std::string>{};
}

core::Result<void> Store::Impl::open_database() {
  auto stored = stored_families();
  if (!stored) return stored.error();
  const rocksdb::ColumnFamilyOptions family = family_options(options);
  std::vector<rocksdb::ColumnFamilyDescriptor> present{{rocksdb::kDefaultColumnFamilyName, family}}, missing;
  std::vector<std::size_t> order;  // of our families: those present, then those missing
  for (std::size_t i = 0; i < std::size_t{kKeySpaces}; ++i)
    if (is_among(*stored, i)) order.push_back(i), present.emplace_back(family_name(i), family);
  for (std::size_t i = 0; i < std::size_t{kKeySpaces} && !options.read_only; ++i)
    if (!is_among(*stored, i)) order.push_back(i), missing.emplace_back(family_name(i), family);
  if (auto opened = open_families(present); !opened) return opened;
  if (!missing.empty()) {
    // In one call: RocksDB rewrites its options file, slowly, after each.
    std::vector<rocksdb::ColumnFamilyHandle*> created;
    const rocksdb::Status status = db->CreateColumnFamilies(missing, &created);
    handles.insert(handles.end(), created.begin(), created.end());
    if (!status.ok()) return database_error("create", path, status);
  }
  for (std::size_t i = 0; i < order.size(); ++i) families[order[i]] = handles[i + 1];
  return {};
}

core::Result<void> Store::Impl::open_families(const std::vector<rocksdb::ColumnFamilyDescriptor>& present) {
  rocksdb::DB* opened = nullptr;
  const rocksdb::DBOptions db_options = database_options(options, env());
  rocksdb::Status status;
  // The owner of a live directory may delete a file between our listing and our opening of it; then look again.
  for (int attempt = 0; attempt < (options.read_only ? kReadOnlyAttempts : 1); ++attempt) {
    status = options.read_only ? rocksdb::DB::OpenForReadOnly(db_options, path, present, &handles, &opened)
                               : rocksdb::DB::Open(db_options, path, present, &handles, &opened);
    if (status.ok() || status.IsCorruption()) break;
  }
  if (!status.ok()) return database_error("open", path, status);
  db.reset(opened);
  return {};
}

core::Result<void> Store::Impl::check_format() {
  const auto format = read(KeySpace::meta, kFormatKey);
  if (!failure.empty()) return fail(ErrorCode::io, failure);
  if (format == kFormat) return {};
  if (format)
    return fail(ErrorCode::config, "cannot use the state directory " + path + ": it has format " +
                                       core::escape_for_log(*format, 20) + " and this costdrift knows format " +
                                       std::string(kFormat) + "; install the version that wrote it or a newer one");
  if (options.read_only)
    return fail(ErrorCode::io, "cannot use the state directory " + path + ": it holds no state; check the path");
  const rocksdb::Status status =
      db->Put(write_options(), families[index_of(KeySpace::meta)], slice(kFormatKey), slice(kFormat));
  if (!status.ok()) return report("write to", status);
  return {};
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

core::Result<std::unique_ptr<Store>> Store::open(const std::string& path, const StoreOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  impl->options = options;
  if (options.env || options.in_memory) {
    if (!options.env) impl->memory_env.reset(rocksdb::NewMemEnv(rocksdb::Env::Default()));
    if (options.create) (void)impl->env()->CreateDirIfMissing(path);
  } else if (auto prepared = prepare_directory(path, {options.create, options.read_only, options.min_free_mib});
             !prepared) {
    return prepared.error();
  }
  if (auto opened = impl->open_database(); !opened) return opened.error();
  if (auto checked = impl->check_format(); !checked) return checked.error();
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

std::optional<std::string> Store::get(KeySpace space, std::string_view key) const {
  const Overlay& overlay = impl_->overlay[index_of(space)];
  if (const auto found = overlay.find(key); found != overlay.end()) return found->second;
  return impl_->read(space, key);
}

void Store::put(KeySpace space, std::string key, std::string value) {
  impl_->overlay[index_of(space)].insert_or_assign(std::move(key), std::move(value));
}

void Store::erase(KeySpace space, std::string_view key) {
  impl_->overlay[index_of(space)].insert_or_assign(std::string(key), std::nullopt);
}

void Store::scan(KeySpace space, std::string_view from, std::string_view to, const Visit& visit) const {
  const Overlay& overlay = impl_->overlay[index_of(space)];
  auto fresh = overlay.lower_bound(from);
  const auto fresh_end = to.empty() ? overlay.end() : overlay.lower_bound(to);
  std::unique_ptr<rocksdb::Iterator> stored;
  const rocksdb::Slice upper = slice(to);
  if (rocksdb::ColumnFamilyHandle* family = impl_->families[index_of(space)]) {
    rocksdb::ReadOptions read_options;
    if (!to.empty()) read_options.iterate_upper_bound = &upper;
    stored.reset(impl_->db->NewIterator(read_options, family));
    stored->Seek(slice(from));
  }
  bool go_on = true;
  while (go_on) {
    const bool has_fresh = fresh != fresh_end;
    const bool has_stored = stored && stored->Valid();
    if (!has_fresh && !has_stored) break;
    const int order = !has_fresh ? 1 : !has_stored ? -1 : std::string_view(fresh->first).compare(view(stored->key()));
    if (order > 0) {
      go_on = visit(view(stored->key()), view(stored->value()));
      stored->Next();
      continue;
    }
    if (fresh->second) go_on = visit(fresh->first, *fresh->second);
    ++fresh;
    if (order == 0) stored->Next();
  }
  if (stored && !stored->status().ok()) (void)impl_->report("read", stored->status());
}

core::Result<void> Store::commit() {
  if (failed()) return fail(ErrorCode::io, failure());
  if (!dirty()) return {};
  rocksdb::WriteBatch batch;
  for (std::size_t i = 0; i < impl_->overlay.size(); ++i) {
    for (const auto& [key, value] : impl_->overlay[i]) {
      const rocksdb::Status status =
          value ? batch.Put(impl_->families[i], key, *value) : batch.Delete(impl_->families[i], key);
      if (!status.ok()) return impl_->report("commit to", status);
    }
  }
  COSTDRIFT_KILL_POINT("commit.before_write");
  const rocksdb::Status status = impl_->db->Write(impl_->write_options(), &batch);
  COSTDRIFT_KILL_POINT("commit.after_write");
  if (!status.ok()) return impl_->report("commit to", status);
  for (Overlay& overlay : impl_->overlay) overlay.clear();
  return {};
}

bool Store::dirty() const {
  return std::any_of(impl_->overlay.begin(), impl_->overlay.end(), [](const Overlay& o) { return !o.empty(); });
}

core::Result<void> Store::put_now(KeySpace space, std::string_view key, std::string_view value) {
  COSTDRIFT_KILL_POINT("mark.before_write");
  const rocksdb::Status status =
      impl_->db->Put(impl_->write_options(), impl_->families[index_of(space)], slice(key), slice(value));
  COSTDRIFT_KILL_POINT("mark.after_write");
  if (!status.ok()) return impl_->report("write to", status);
  return {};
}

core::Result<void> Store::put_all_now(KeySpace space, const std::vector<std::pair<std::string, std::string>>& rows) {
  rocksdb::WriteBatch batch;
  for (const auto& [key, value] : rows) {
    const rocksdb::Status status = batch.Put(impl_->families[index_of(space)], key, value);
    if (!status.ok()) return impl_->report("write to", status);
  }
  const rocksdb::Status status = impl_->db->Write(impl_->write_options(), &batch);
  if (!status.ok()) return impl_->report("write to", status);
  return {};
}

std::optional<std::string> Store::get_now(KeySpace space, std::string_view key) const {
  return impl_->read(space, key);
}

bool Store::failed() const {
  const std::lock_guard lock(impl_->failure_mutex);
  return !impl_->failure.empty();
}

std::string Store::failure() const {
  const std::lock_guard lock(impl_->failure_mutex);
  return impl_->failure;
}

void Store::report_unreadable(KeySpace space, std::string_view key) const {
  const std::string what = "cannot read the state directory " + impl_->path + ": a row of " +
                           std::string(key_space_name(space)) + " (key " + core::escape_for_log(key, 120) +
                           ") is not of a known version; restore the directory from a backup, or move it away to "
                           "start again from Kafka";
  const std::lock_guard lock(impl_->failure_mutex);
  if (impl_->failure.empty()) impl_->failure = what;
}

}  // namespace costdrift::state
