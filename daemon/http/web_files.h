// The page's files (web/), as they were when the program was built.
#pragma once

#include <string_view>

namespace costdrift::daemon::embedded {

extern const std::string_view page_html;
extern const std::string_view page_js;
extern const std::string_view page_css;

}  // namespace costdrift::daemon::embedded
