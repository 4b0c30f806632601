#include "replay/csv_events.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <iterator>

#include "core/text.h"
#include "daemon/decode/decode_fields.h"
#include "replay/log_reader.h"

namespace costdrift::replay {
namespace {

using daemon::FieldKind;

constexpr std::size_t kMaxRowBytes = 64 << 10;
constexpr std::size_t kMaxRowLines = 1000;

bool is_absent_number(std::string_view cell) {
  constexpr std::array<std::string_view, 5> kAbsent = {"null", "NULL", "NaN", "nan", "\\N"};
  return std::find(kAbsent.begin(), kAbsent.end(), cell) != kAbsent.end();
}

// A number as JSON writes it; what JSON would refuse (a leading zero, "+", "inf") is none.
bool is_json_number(std::string_view cell) {
  const std::string_view digits = cell.starts_with('-') ? cell.substr(1) : cell;
  if (digits.empty() || digits.front() < '0' || digits.front() > '9') return false;
  if (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') return false;
  if (digits.back() == '.' || digits.find(".e") != std::string_view::npos) return false;
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return error == std::errc() && end == cell.data() + cell.size();
}

std::string_view without_zero_fraction(std::string_view cell) {
  const auto point = cell.find('.');
  if (point == std::string_view::npos || cell.find_first_not_of('0', point + 1) != std::string_view::npos) return cell;
  return cell.substr(0, point);
}

std::string_view flag_word(std::string_view cell) {
  constexpr std::array<std::string_view, 6> kTrue = {"true", "True", "TRUE", "1", "yes", "t"};
  constexpr std::array<std::string_view, 6> kFalse = {"false", "False", "FALSE", "0", "no", "f"};
  if (std::find(kTrue.begin(), kTrue.end(), cell) != kTrue.end()) return "true";
  if (std::find(kFalse.begin(), kFalse.end(), cell) != kFalse.end()) return "false";
  return {};
}

void append_text(std::string& json, std::string_view text) {
  json += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(c));
      json += escaped.data();
    } else {
      json += c;
    }
  }
  json += '"';
}

void append_number(std::string& json, std::string_view cell, bool whole) {
  const std::string_view number = whole ? without_zero_fraction(cell) : cell;
  if (is_json_number(number)) {
    json += number;
  } else {
    append_text(json, cell);
  }
}

enum class CellKind : std::uint8_t { text, number, whole_number, flag };

CellKind cell_kind(FieldKind kind) {
  switch (kind) {
    case FieldKind::schema_version:
    case FieldKind::text:
    case FieldKind::status:
    case FieldKind::tags:
      return CellKind::text;
    case FieldKind::time:
    case FieldKind::cost:
    case FieldKind::milliseconds:
      return CellKind::number;
    case FieldKind::integer:
    case FieldKind::http_status:
    case FieldKind::attempt:
    case FieldKind::retry_count:
      return CellKind::whole_number;
    case FieldKind::flag:
    case FieldKind::stream:
      return CellKind::flag;
  }
  core::bug("field kind out of range");
}

// False: the cell is absent.
bool append_value(std::string& json, std::string_view cell, CellKind kind) {
  switch (kind) {
    case CellKind::text:
      append_text(json, cell);
      return true;
    case CellKind::number:
    case CellKind::whole_number:
      if (is_absent_number(cell)) return false;
      append_number(json, cell, kind == CellKind::whole_number);
      return true;
    case CellKind::flag:
      if (const auto word = flag_word(cell); !word.empty()) {
        json += word;
      } else {
        append_text(json, cell);
      }
      return true;
  }
  core::bug("cell kind out of range");
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + core::escape_for_log(name, 40);
  return text;
}

}  // namespace

core::Result<ColumnMap> parse_columns(const std::vector<std::string>& items) {
  ColumnMap columns;
  for (const auto& item : items) {
    const auto equals = item.find('=');
    std::string field = item.substr(0, equals);
    std::string problem;
    const int known = daemon::find_field(field);
    if (known != daemon::kUnknownField) field = daemon::event_fields()[static_cast<std::size_t>(known)].name;
    if (equals == std::string::npos || equals + 1 == item.size()) {
      problem = "say FIELD=COLUMN, such as ts=created_at";
    } else if (known == daemon::kUnknownField || field == "tags") {
      problem =
          "\"" + core::escape_for_log(field, 40) + "\" is no field that a column can hold; docs/EVENTS.md lists them";
    } else if (!columns.emplace(field, item.substr(equals + 1)).second) {
      problem = "the field is given twice";
    }
    if (!problem.empty()) {
      return core::fail(core::ErrorCode::usage, "reading --columns " + core::escape_for_log(item, 80) + ": " + problem);
    }
  }
  return columns;
}

bool is_csv(const std::string& path) {
  return path.ends_with(".csv") || path.ends_with(".csv.gz") || path.ends_with(".csv.zst");
}

core::Result<std::unique_ptr<CsvEvents>> CsvEvents::open(const std::string& path, const ColumnMap& columns) {
  auto reader = LogReader::open(path);
  if (!reader) return reader.error();
  std::unique_ptr<CsvEvents> events(new CsvEvents(*std::move(reader)));
  auto header = events->read_row();
  if (!header) return header.error();
  if (auto bound = events->bind(path, columns); !bound) return bound.error();
  return events;
}

core::Result<void> CsvEvents::bind(const std::string& path, const ColumnMap& columns) {
  std::vector<std::string> names = row_.cells();
  if (!names.empty() && names[0].starts_with("\xEF\xBB\xBF")) names[0].erase(0, 3);
  width_ = names.size();
  const auto bad = [&](const std::string& what) {
    return core::fail(core::ErrorCode::bad_data,
                      "reading " + path + ":1: " + what + "; the columns are: " + listed(names));
  };
  for (std::size_t i = 0; i < width_; ++i) {
    const int field = daemon::find_field(names[i]);
    if (field == daemon::kUnknownField) continue;
    const auto& spec = daemon::event_fields()[static_cast<std::size_t>(field)];
    if (spec.kind == FieldKind::tags || columns.contains(std::string(spec.name))) continue;
    bindings_.push_back({i, field});
  }
  for (const auto& [field, column] : columns) {
    const auto found = std::find(names.begin(), names.end(), column);
    if (found == names.end()) return bad("no column \"" + core::escape_for_log(column, 40) + "\" for " + field);
    bindings_.push_back({static_cast<std::size_t>(found - names.begin()), daemon::find_field(field)});
  }
  for (const char* needed : {"ts", "model"}) {
    const int field = daemon::find_field(needed);
    if (std::none_of(bindings_.begin(), bindings_.end(), [&](const Binding& b) { return b.field == field; })) {
      return bad("no column is \"" + std::string(needed) + "\"; say which with --columns " + needed + "=COLUMN");
    }
  }
  return {};
}

core::Result<std::optional<std::string_view>> CsvEvents::next_line() {
  if (ahead_.empty()) return lines_->next();
  line_ = std::move(ahead_.front());
  ahead_.pop_front();
  return std::optional<std::string_view>(line_);
}

core::Result<bool> CsvEvents::read_row() {
  const auto line = next_line();
  if (!line) return line.error();
  if (!line->has_value()) return false;
  first_line_ = **line;
  if (row_.begin(first_line_) == CsvRow::State::whole) {
    usable_ = has_wanted_width();
    return true;
  }
  auto rest = read_rest_of_row();
  if (!rest) return rest;
  usable_ = *rest;
  return true;
}

core::Result<bool> CsvEvents::read_rest_of_row() {
  std::vector<std::string> taken;
  std::size_t bytes = first_line_.size();
  for (auto state = CsvRow::State::open; state == CsvRow::State::open;) {
    const auto line = next_line();
    if (!line) return line.error();
    if (!line->has_value()) break;
    taken.emplace_back(**line);
    bytes += taken.back().size() + 1;
    state = row_.add(taken.back());
    if (state == CsvRow::State::whole && has_wanted_width()) return true;
    if (bytes > kMaxRowBytes || taken.size() >= kMaxRowLines) break;
  }
  ahead_.insert(ahead_.begin(), std::make_move_iterator(taken.begin()), std::make_move_iterator(taken.end()));
  return false;
}

core::Result<std::optional<std::string_view>> CsvEvents::next() {
  auto got = read_row();
  if (!got) return got.error();
  if (!*got) return std::optional<std::string_view>();
  if (!usable_) return std::optional<std::string_view>(first_line_);
  write_json();
  return std::optional<std::string_view>(json_);
}

void CsvEvents::write_json() {
  json_ = "{";
  for (const auto& [column, index] : bindings_) {
    const std::string& cell = row_.cells()[column];
    if (cell.empty()) continue;
    const auto& field = daemon::event_fields()[static_cast<std::size_t>(index)];
    const std::size_t before = json_.size();
    if (json_.size() > 1) json_ += ',';
    append_text(json_, field.name);
    json_ += ':';
    if (!append_value(json_, cell, cell_kind(field.kind))) json_.resize(before);
  }
  json_ += '}';
}

}  // namespace costdrift::replay
