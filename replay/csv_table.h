// CsvTable: a small CSV file (no quoted line breaks) in memory, columns by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace costdrift::replay {

class CsvTable {
 public:
  // Error (bad_data): a wanted column is missing, or a row has another number of fields; names file and line.
  static core::Result<CsvTable> read(const std::string& path, const std::vector<std::string>& wanted_columns);
  std::size_t rows() const { return cells_.size(); }
  // The cell of the wanted column `column` (its index in wanted_columns).
  const std::string& cell(std::size_t row, std::size_t column) const { return cells_[row][column]; }
  core::Result<double> number(std::size_t row, std::size_t column) const;

 private:
  std::string path_;
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> cells_;
};

}  // namespace costdrift::replay
