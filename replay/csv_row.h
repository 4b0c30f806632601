// One row of CSV by RFC 4180: cells apart by commas, in double quotes when they hold a comma, a quote (written twice)
// or a line break. Lines are added one by one, so that each byte is looked at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace costdrift::replay {

class CsvRow {
 public:
  enum class State : std::uint8_t {
    whole,  // every quote is closed
    open,   // a quote is open: the row goes on with the next line
    stray,  // the quote of an earlier line meets another in the middle of a word: it opened no cell. Add no more lines
  };
  // Forgets everything and takes the first line.
  State begin(std::string_view line);
  // The next line, while the row is open.
  State add(std::string_view line);
  // When whole. An open cell holds what there is of it.
  const std::vector<std::string>& cells() const { return cells_; }

 private:
  State take(std::string_view line, bool first);
  std::vector<std::string> cells_;
  bool quoted_ = false;
};

}  // namespace costdrift::replay
