#include "config/problems.h"

#include <algorithm>

#include "core/text.h"

namespace costdrift::config {

void Problems::add(int line, std::string_view what, std::string_view remedy) {
  found_.push_back({line, std::string(what) + "; " + std::string(remedy)});
}

core::Error Problems::error() const {
  std::vector<Found> sorted = found_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Found& a, const Found& b) { return a.line < b.line; });
  const std::size_t shown = std::min(sorted.size(), kMaxProblemsShown);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += '\n';
    text += file_ + ":" + std::to_string(std::max(1, sorted[i].line)) + ": " + sorted[i].text;
  }
  if (shown < sorted.size()) text += "\n" + file_ + ": and " + std::to_string(sorted.size() - shown) + " more problems";
  return core::fail(core::ErrorCode::config, std::move(text));
}

std::string in_quotes(std::string_view text) { return "\"" + core::escape_for_log(text, 60) + "\""; }

}  // namespace costdrift::config
