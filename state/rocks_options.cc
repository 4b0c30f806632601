#include "state/rocks_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <algorithm>

#include "core/text.h"

namespace costdrift::state {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

// A reader of a live directory must not rotate the owner's LOG files; in tests and scratch stores nobody reads them.
class SilentLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

rocksdb::CompressionType compression() {
  const auto available = rocksdb::GetSupportedCompressions();
  const bool has_lz4 = std::find(available.begin(), available.end(), rocksdb::kLZ4Compression) != available.end();
  return has_lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
}

std::string advice(const rocksdb::Status& status, const std::string& text) {
  if (text.find("lock") != std::string::npos && status.IsIOError())
    return "another process has it open (or it may not be locked); stop the other costdrift or give this one a "
           "directory of its own";
  if (status.IsNoSpace() || text.find("No space left") != std::string::npos)
    return "the disk is full; free some space and start costdrift again, nothing that was committed is lost";
  if (status.IsCorruption())
    return "a file is damaged; restore the directory from a backup, or move it away to start again from Kafka";
  if (text.find("Read-only file system") != std::string::npos || text.find("Permission denied") != std::string::npos)
    return "it cannot be written; check its owner, its permissions and the mount";
  return "check the disk and the kernel's log, then start costdrift again";
}

}  // namespace

rocksdb::DBOptions database_options(const StoreOptions& options, rocksdb::Env* env) {
  rocksdb::DBOptions result;
  result.create_if_missing = options.create && !options.read_only;
  result.env = env;
  // The offsets are in the same batches as the state, so that losing the damaged end of the log loses nothing: Kafka
  // still has the events. A stricter mode would refuse to start after every power cut.
  result.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  result.max_total_wal_size = 256 * kMiB;
  result.db_write_buffer_size = 96 * kMiB;
  result.max_open_files = 512;
  result.max_background_jobs = 2;
  result.keep_log_file_num = 4;
  result.max_log_file_size = 8 * kMiB;
  result.max_manifest_file_size = 64 * kMiB;
  result.stats_dump_period_sec = 0;
  result.stats_persist_period_sec = 0;
  // A failed write ends the process; a recovery thread beside it would only race with the exit.
  result.max_bgerror_resume_count = 0;
  if (options.read_only || options.in_memory || options.env) result.info_log = std::make_shared<SilentLogger>();
  return result;
}

rocksdb::ColumnFamilyOptions family_options(const StoreOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_size = 16 << 10;
  table.block_cache = rocksdb::NewLRUCache(64 * kMiB);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  rocksdb::ColumnFamilyOptions result;
  result.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  result.write_buffer_size = 32 * kMiB;
  result.compression = options.in_memory ? rocksdb::kNoCompression : compression();
  result.level_compaction_dynamic_level_bytes = true;
  return result;
}

core::Error database_error(const std::string& doing, const std::string& path, const rocksdb::Status& status) {
  const std::string text = status.ToString();
  const bool locked = text.find("lock") != std::string::npos && status.IsIOError();
  return core::fail(locked ? core::ErrorCode::try_again : core::ErrorCode::io,
                    "cannot " + doing + " the state directory " + path + ": " + advice(status, text) + " [" +
                        core::escape_for_log(text, 400) + "]");
}

}  // namespace costdrift::state
