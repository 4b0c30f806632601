// The one place where RocksDB 7.8.3 is configured, and where its errors get words.
#pragma once

#include <string>

#include "core/result.h"
#include "state/store.h"

namespace rocksdb {
struct ColumnFamilyOptions;
struct DBOptions;
class Status;
}  // namespace rocksdb

namespace costdrift::state {

rocksdb::DBOptions database_options(const StoreOptions& options, rocksdb::Env* env);
rocksdb::ColumnFamilyOptions family_options(const StoreOptions& options);

// What RocksDB reported while `doing` ("open", "commit to", "read"), as an error with advice for a person.
core::Error database_error(const std::string& doing, const std::string& path, const rocksdb::Status& status);

}  // namespace costdrift::state
