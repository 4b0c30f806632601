#include "replay/event_files.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "replay/log_reader.h"

namespace costdrift::replay {
namespace {

namespace fs = std::filesystem;

bool holds_events(const std::string& name) {
  if (name.starts_with('.')) return false;
  for (const char* kind : {".jsonl", ".ndjson", ".json", ".csv"}) {
    for (const char* packed : {"", ".gz", ".zst"}) {
      if (name.ends_with(std::string(kind) + packed)) return true;
    }
  }
  return false;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The run of digits, or the one other character, at `at`.
std::string_view piece(std::string_view name, std::size_t at) {
  std::size_t end = at + 1;
  while (is_digit(name[at]) && end < name.size() && is_digit(name[end])) ++end;
  return name.substr(at, end - at);
}

// Numbers by value, everything else by character; equal names by their bytes.
bool in_order(const std::string& left, const std::string& right) {
  std::size_t i = 0, j = 0;
  while (i < left.size() && j < right.size()) {
    const std::string_view a = piece(left, i), b = piece(right, j);
    i += a.size();
    j += b.size();
    if (a == b) continue;
    if (!is_digit(a[0]) || !is_digit(b[0])) return a < b;
    const auto digits_of = [](std::string_view text) {
      return text.substr(std::min(text.find_first_not_of('0'), text.size()));
    };
    const std::string_view x = digits_of(a), y = digits_of(b);
    if (x.size() != y.size()) return x.size() < y.size();
    if (x != y) return x < y;
  }
  return left.size() - i != right.size() - j ? left.size() - i < right.size() - j : left < right;
}

core::Result<std::vector<std::string>> files_in(const std::string& directory) {
  std::error_code failed;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(directory, failed), end; !failed && entry != end; entry.increment(failed)) {
    const std::string name = entry->path().filename();
    std::error_code ignored;
    if (holds_events(name) && !entry->is_directory(ignored)) names.push_back(name);
  }
  if (failed) return core::fail(core::ErrorCode::io, "reading directory " + directory + ": " + failed.message());
  if (names.empty()) {
    return core::fail(core::ErrorCode::bad_data,
                      "reading directory " + directory +
                          ": it holds no events (*.jsonl, *.ndjson, *.json, *.csv, each also "
                          ".gz or .zst); name the files");
  }
  std::sort(names.begin(), names.end(), in_order);
  for (auto& name : names) name = (fs::path(directory) / name).string();
  return names;
}

template <class Reader>
core::Result<std::unique_ptr<RecordReader>> as_records(core::Result<std::unique_ptr<Reader>> opened) {
  if (!opened) return opened.error();
  return std::unique_ptr<RecordReader>(*std::move(opened));
}

}  // namespace

core::Result<std::vector<std::string>> expand_directories(const std::vector<std::string>& paths) {
  std::vector<std::string> expanded;
  for (const auto& path : paths) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) {
      expanded.push_back(path);
      continue;
    }
    auto files = files_in(path);
    if (!files) return files.error();
    expanded.insert(expanded.end(), files->begin(), files->end());
  }
  return expanded;
}

core::Result<std::unique_ptr<RecordReader>> open_records(const std::string& path, const EventFiles& files) {
  if (files.csv || is_csv(path)) return as_records(CsvEvents::open(path, files.columns));
  return as_records(LogReader::open(path));
}

}  // namespace costdrift::replay
