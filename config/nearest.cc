#include "config/nearest.h"

#include <algorithm>
#include <numeric>

#include "core/text.h"

namespace costdrift::config {
namespace {

constexpr std::size_t kMaxShown = 60;

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, replaced});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string> nearest(std::string_view given, const std::vector<std::string>& known) {
  constexpr std::size_t kLongestName = 64;
  if (given.size() > kLongestName) return std::nullopt;
  std::size_t best = std::max<std::size_t>(2, given.size() / 3) + 1;
  std::optional<std::string> found;
  for (const std::string& name : known) {
    const std::size_t distance = edit_distance(given, name);
    if (distance >= best || distance >= name.size()) continue;
    best = distance;
    found = name;
  }
  if (found || given.size() < 3) return found;
  for (const std::string& name : known) {
    if (name.starts_with(given)) return name;
  }
  return std::nullopt;
}

std::string spelling_remedy(std::string_view given, const std::vector<std::string>& known) {
  if (const auto name = nearest(given, known)) {
    return "did you mean \"" + core::escape_for_log(*name, kMaxShown) + "\"?";
  }
  std::vector<std::string> shown;
  for (const std::string& name : known) shown.push_back(core::escape_for_log(name, kMaxShown));
  return known.empty() ? "none is known here" : "known are " + joined(shown);
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::vector<std::string> split_choices(std::string_view choices) {
  std::vector<std::string> names;
  while (!choices.empty()) {
    const std::size_t bar = choices.find('|');
    names.emplace_back(choices.substr(0, bar));
    choices = bar == std::string_view::npos ? std::string_view() : choices.substr(bar + 1);
  }
  return names;
}

}  // namespace costdrift::config
