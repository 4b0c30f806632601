// The one place where RocksDB 7.8.3 is configured. Included by store.cc only.
#pragma once

#include <rocksdb/options.h>

#include "core/result.h"
#include "state/store.h"

namespace costdrift::state {

rocksdb::DBOptions database_options(const StoreOptions& options, rocksdb::Env* env);
rocksdb::ColumnFamilyOptions family_options(const StoreOptions& options);

// What RocksDB reported while `doing` ("open", "commit to", "read"), as an error with advice for a person.
core::Error database_error(const std::string& doing, const std::string& path, const rocksdb::Status& status);

}  // namespace costdrift::state
