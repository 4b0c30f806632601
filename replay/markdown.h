// Text of producers inside of our Markdown.
#pragma once

#include <string>

namespace costdrift::replay {

// As it reads, in a table's cell or a list: nothing in it becomes markup, HTML, a link or a mention of somebody. A
// zero-width space breaks what Markdown has no escape for: `@` and `://`. At most 600 bytes of text (core/text.h
// escape_for_log()).
std::string cell(const std::string& text);

}  // namespace costdrift::replay
