// EventFiles: which files hold the events, and how they are read.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "replay/csv_events.h"
#include "replay/record_reader.h"

namespace costdrift::replay {

struct EventFiles {
  std::vector<std::string> paths;  // files, "-" for standard input
  bool csv = false;                // all of them, whatever their names; otherwise those whose name says so
  ColumnMap columns;               // of CSV files
};

// Replaces every directory among `paths` by the event files in it (not in its subdirectories), in the order of their
// names, numbers in names by value (p2 before p10): *.jsonl, *.ndjson, *.json, *.csv, each also .gz and .zst. Hidden
// files and others are left out. Errors (bad_data): a directory without any; (io): one that cannot be read.
core::Result<std::vector<std::string>> expand_directories(const std::vector<std::string>& paths);

// Opens one of the files. Errors as LogReader and CsvEvents.
core::Result<std::unique_ptr<RecordReader>> open_records(const std::string& path, const EventFiles& files);

}  // namespace costdrift::replay
