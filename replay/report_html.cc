#include "replay/report_html.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace costdrift::daemon::embedded {

extern const std::string_view report_html;
extern const std::string_view report_css;
extern const std::string_view report_js;
extern const std::string_view uplot_js;
extern const std::string_view uplot_css;
extern const std::string_view uplot_licence;

}  // namespace costdrift::daemon::embedded

namespace costdrift::replay {
namespace {

using Json = nlohmann::ordered_json;
namespace embedded = daemon::embedded;

// Four significant digits are more than a chart shows.
Json rounded(const std::optional<double>& value) {
  if (!value) return nullptr;
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", *value);
  return Json::parse(text, nullptr, false);
}

Json curve_json(const std::optional<Curve>& curve) {
  if (!curve) return nullptr;
  Json values = Json::array();
  for (const auto& value : curve->values) values.push_back(rounded(value));
  return {{"quantity", curve->quantity},
          {"begin", curve->begin.us / 1'000'000},
          {"step", curve->step.us / 1'000'000},
          {"usual_low", rounded(curve->usual_low)},
          {"usual_high", rounded(curve->usual_high)},
          {"expected", rounded(curve->expected)},
          {"values", std::move(values)}};
}

Json curves_of(const ReplayOutcome& outcome, const SeriesCurves& curves) {
  Json list = Json::array();
  for (const auto& incident : outcome.incidents) list.push_back(curve_json(curves.of_incident(incident.last)));
  return list;
}

// Inside <script> the parser looks for "</script" and "<!--" whatever the script's type.
std::string for_script(const std::string& json) {
  std::string safe;
  for (const char c : json) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

void fill(std::string& page, const std::string& place, std::string_view with) {
  const auto at = page.find(place);
  if (at == std::string::npos) core::bug("the report's page has no place for a part of it");
  page.replace(at, place.size(), with);
}

}  // namespace

std::string to_html(const ReplayReport& report, const SeriesCurves& curves) {
  Json data = Json::parse(to_json(report));
  data["curves"] = curves_of(report.a, curves);
  return page_with(data.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string page_with(const std::string& json) {
  std::string page(embedded::report_html);
  fill(page, "/*uplot.css*/", embedded::uplot_css);
  fill(page, "/*report.css*/", embedded::report_css);
  fill(page, "/*licence*/", embedded::uplot_licence);
  fill(page, "/*uplot.js*/", embedded::uplot_js);
  fill(page, "/*report.js*/", embedded::report_js);
  // Last: nothing in it is taken for a place.
  fill(page, "/*data*/", for_script(json));
  return page;
}

}  // namespace costdrift::replay
