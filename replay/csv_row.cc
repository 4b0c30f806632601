#include "replay/csv_row.h"

namespace costdrift::replay {

CsvRow::State CsvRow::begin(std::string_view line) {
  cells_.assign(1, "");
  quoted_ = false;
  return take(line, true);
}

CsvRow::State CsvRow::add(std::string_view line) {
  cells_.back() += '\n';
  return take(line, false);
}

CsvRow::State CsvRow::take(std::string_view line, bool first) {
  bool from_earlier_line = !first;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool last = i + 1 == line.size();
    if (quoted_ && c == '"' && !last && line[i + 1] == '"') {
      cells_.back() += line[++i];
    } else if (quoted_ && c == '"') {
      if (from_earlier_line && !last && line[i + 1] != ',') return State::stray;
      quoted_ = from_earlier_line = false;
    } else if (quoted_) {
      cells_.back() += c;
    } else if (c == ',') {
      cells_.emplace_back();
    } else if (c == '"' && cells_.back().empty()) {
      quoted_ = true;
    } else {
      cells_.back() += c;
    }
  }
  return quoted_ ? State::open : State::whole;
}

}  // namespace costdrift::replay
