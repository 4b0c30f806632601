// The report as one HTML file: data, styles, uPlot with its licence and the code that draws, and nothing from outside.
//
// What producers wrote reaches the document through textContent alone. Under 2 MB for 200 incidents.
#pragma once

#include <string>

#include "replay/report.h"
#include "replay/series_curves.h"

namespace costdrift::replay {

std::string to_html(const ReplayReport& report, const SeriesCurves& curves);
// The same page with other data, a JSON object (replay/tune_command.h).
std::string page_with(const std::string& json);

}  // namespace costdrift::replay
