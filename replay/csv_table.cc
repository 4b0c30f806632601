#include "replay/csv_table.h"

#include <algorithm>
#include <charconv>

#include "replay/log_reader.h"

namespace costdrift::replay {
namespace {

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    const auto comma = line.find(',');
    fields.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return fields;
    line.remove_prefix(comma + 1);
  }
}

core::Error bad_line(const std::string& path, std::int64_t line, const std::string& what) {
  return core::fail(core::ErrorCode::bad_data, "reading " + path + ":" + std::to_string(line) + ": " + what);
}

}  // namespace

core::Result<CsvTable> CsvTable::read(const std::string& path, const std::vector<std::string>& wanted_columns) {
  auto reader = LogReader::open(path);
  if (!reader) return reader.error();
  CsvTable table;
  table.path_ = path;
  table.columns_ = wanted_columns;
  std::vector<std::size_t> places;
  std::size_t width = 0;
  for (;;) {
    auto line = (*reader)->next();
    if (!line) return line.error();
    if (!line->has_value()) break;
    const auto fields = split(**line);
    if (width == 0) {
      width = fields.size();
      for (const auto& wanted : wanted_columns) {
        const auto found = std::find(fields.begin(), fields.end(), wanted);
        if (found == fields.end()) return bad_line(path, 1, "no column \"" + wanted + "\" in the header");
        places.push_back(static_cast<std::size_t>(found - fields.begin()));
      }
      continue;
    }
    if (fields.size() != width) {
      return bad_line(path, (*reader)->lines(),
                      std::to_string(fields.size()) + " fields where the header has " + std::to_string(width));
    }
    auto& row = table.cells_.emplace_back();
    for (const std::size_t place : places) row.emplace_back(fields[place]);
  }
  if (width == 0) return bad_line(path, 1, "the file is empty; its first line must name the columns");
  return table;
}

core::Result<double> CsvTable::number(std::size_t row, std::size_t column) const {
  const std::string& text = cells_[row][column];
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return bad_line(path_, static_cast<std::int64_t>(row) + 2, columns_[column] + ": \"" + text + "\" is no number");
  }
  return value;
}

}  // namespace costdrift::replay
