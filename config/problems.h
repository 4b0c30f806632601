// Problems: everything that is wrong with one configuration file, collected, so that a person mends it in one go.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace costdrift::config {

// At most this many are shown; a last line counts the rest.
inline constexpr std::size_t kMaxProblemsShown = 100;

// What is wrong with a value, before it is known where it stands.
struct ValueProblem {
  std::string what;
  std::string remedy;
};

class Problems {
 public:
  // `file` stands before every line.
  explicit Problems(std::string file) : file_(std::move(file)) {}

  // line 0: the file as a whole, shown as line 1. Neither text may hold a secret or an unescaped byte of the file (use
  // in_quotes()).
  void add(int line, std::string_view what, std::string_view remedy);
  bool empty() const { return found_.empty(); }

  // "file:line: what; remedy", one a line, by rising line number. Code config.
  core::Error error() const;

 private:
  struct Found {
    int line;
    std::string text;
  };
  std::string file_;
  std::vector<Found> found_;
};

// `"text"`, harmless on one line and at most 60 bytes long.
std::string in_quotes(std::string_view text);

}  // namespace costdrift::config
