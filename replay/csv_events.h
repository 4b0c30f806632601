// CsvEvents: usage events from a CSV file, each row as one canonical JSON object (docs/EVENTS.md), so that the one
// decoder judges them as it judges everything else.
//
// Columns  the first row names them. A column whose name is a field of the canonical event (or its alias) is that
//          field; a ColumnMap says which column is a field whose column has another name. Other columns are ignored.
// Values   an empty cell is an absent field, and so is null, NULL, NaN, nan or \N where the field is a number. A whole
//          number may end in ".0", as tables of data frames do. Flags are true, false, 1, 0, yes, no. What is no value
//          of the field's type stays text, and the decoder rejects it by name.
// Errors   the file cannot be read; ts or model has no column; the map names a column that is not there. A row with
//          another number of cells than the header is handed on as it is, which the decoder rejects as malformed.
// Quotes   a row of several lines must have the header's number of cells, at most 64 KiB and at most 1,000 lines. If
//          not, its quote was a stray one: its first line is handed on as it is, and the others are rows of their own.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "replay/csv_row.h"
#include "replay/record_reader.h"

namespace costdrift::replay {

// Canonical field -> column of the file.
using ColumnMap = std::map<std::string, std::string>;
// "ts=created at", "model=model_id": one item each. Error (usage): not FIELD=COLUMN, no such field, one given twice.
core::Result<ColumnMap> parse_columns(const std::vector<std::string>& items);
// By its name: .csv, .csv.gz, .csv.zst.
bool is_csv(const std::string& path);

class CsvEvents final : public RecordReader {
 public:
  // Reads the header. Errors: see above; bad_data, io.
  static core::Result<std::unique_ptr<CsvEvents>> open(const std::string& path, const ColumnMap& columns);
  core::Result<std::optional<std::string_view>> next() override;
  std::int64_t lines() const override { return lines_->lines() - static_cast<std::int64_t>(ahead_.size()); }
  std::int64_t bytes_read() const override { return lines_->bytes_read(); }
  std::int64_t bytes_total() const override { return lines_->bytes_total(); }

 private:
  explicit CsvEvents(std::unique_ptr<RecordReader> lines) : lines_(std::move(lines)) {}
  // The next line, one read ahead first.
  core::Result<std::optional<std::string_view>> next_line();
  // False at the end of the file.
  core::Result<bool> read_row();
  // Reads on behind the first line, which leaves a quote open; false: the quote is a stray one.
  core::Result<bool> read_rest_of_row();
  bool has_wanted_width() const { return width_ == 0 || row_.cells().size() == width_; }
  core::Result<void> bind(const std::string& path, const ColumnMap& columns);
  void write_json();

  std::unique_ptr<RecordReader> lines_;
  struct Binding {
    std::size_t column;
    int field;  // index into daemon::event_fields()
  };
  std::vector<Binding> bindings_;
  std::size_t width_ = 0;  // columns of the header
  CsvRow row_;
  std::string first_line_, line_, json_;  // of the row; the newest that was read ahead
  std::deque<std::string> ahead_;         // lines behind a stray quote, to be read as rows
  bool usable_ = false;                   // row_ has the columns of the header
};

}  // namespace costdrift::replay
