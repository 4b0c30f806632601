#include "replay/markdown.h"

#include <string_view>

#include "core/text.h"

namespace costdrift::replay {

std::string cell(const std::string& text) {
  static constexpr std::string_view kMarkup = "|`*_<[\\~", kZeroWidthSpace = "\u200b";
  const std::string plain = core::escape_for_log(text, 600);
  std::string escaped;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    if (kMarkup.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
    if (c == '&') escaped += "amp;";
    if (c == '@' || (c == ':' && plain.compare(i + 1, 2, "//") == 0)) escaped += kZeroWidthSpace;
  }
  return escaped;
}

}  // namespace costdrift::replay
