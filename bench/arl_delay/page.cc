#include "bench/arl_delay/page.h"

#include <cmath>
#include <cstdio>
#include <map>

#include "bench/arl_delay/plot.h"
#include "bench/arl_delay/summary.h"
#include "bench/arl_delay/table.h"

namespace costdrift::bench {
namespace {

constexpr const char* kHead =
    "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><title>Delay at equal false-alarm rates</title>\n"
    "<style>body{font:15px/1.5 system-ui,sans-serif;max-width:960px;margin:2rem auto;padding:0 1rem;color:#222}\n"
    "svg{font:11px system-ui,sans-serif;max-width:100%}svg circle{stroke-width:1.5}table{border-collapse:collapse}\n"
    "td,th{padding:.15rem .6rem;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:"
    "left}\n.key span{display:inline-block;margin-right:1.2rem}.plots{display:flex;flex-wrap:wrap;gap:1rem}</style>"
    "</head><body>\n";

const std::map<std::string, Style>& styles() {
  static const std::map<std::string, Style> by_name{
      {"costdrift", {"#0b6e4f", 3}},
      {"oracle CUSUM", {"#222222", 2}},
      {"static threshold, 5-min mean", {"#e4572e", 1.5}},
      {"z-score, 5 min in 1 h", {"#f3a712", 1.5}},
      {"z-score, 5 min in 1 day", {"#a8763e", 1.5}},
      {"EWMA 0.01", {"#29335c", 1.5}},
      {"Page-Hinkley", {"#7b2d8b", 1.5}},
      {"ADWIN", {"#3a86ff", 1.5}},
      {"Holt-Winters, daily", {"#888888", 1.5}},
  };
  return by_name;
}

Style style_of(const std::string& name) {
  const auto found = styles().find(name);
  return found == styles().end() ? Style{"#888888", 1} : found->second;
}

std::string key() {
  std::string html = "<p class='key'>";
  for (const auto& [name, style] : styles()) {
    html += "<span><b style='color:" + style.color + "'>&#9679;</b> " + escaped(name) + "</span>";
  }
  return html + "</p>\n";
}

// The first row: every rule's delay over the oracle's.
std::string ratio_section(const std::vector<ScenarioResult>& results) {
  std::vector<std::string> labels;
  std::vector<double> goals;
  std::map<std::string, Curve> curves;
  for (const auto& result : results) {
    for (std::size_t change = 0; change < result.scenario->changes.size(); ++change) {
      if (oracle(result, change) == nullptr) continue;
      for (const auto& method : result.methods) {
        if (method.change >= 0 && method.change != static_cast<int>(change)) continue;
        Curve& curve = curves[method.name];
        curve.name = method.name;
        curve.style = style_of(method.name);
        curve.points.push_back({ratio(method, result, change), static_cast<double>(labels.size()),
                                method.delays[change][kFull].missed > 0});
      }
      labels.push_back(result.scenario->name + " " + result.scenario->changes[change].name);
      goals.push_back(result.scenario->changes[change].goal);
    }
  }
  if (labels.empty()) return {};
  std::vector<Curve> ordered;
  for (auto& [name, curve] : curves) {
    if (name != "costdrift") ordered.push_back(curve);
  }
  ordered.push_back(curves["costdrift"]);
  return "<h2>Delay over the optimum's, at one false alarm in a million</h2>\n"
         "<p>1 is the oracle CUSUM, which knows both laws. Red ticks are goals. Hollow: some trials ended without an "
         "alarm, or the ratio is beyond the edge.</p>\n" +
         row_plot(labels, ordered, goals, 70);
}

std::string trade_off(const ScenarioResult& result, std::size_t change) {
  const Scenario& scenario = *result.scenario;
  std::vector<Curve> curves;
  for (std::size_t m = result.methods.size(); m-- > 0;) {  // ours is drawn last
    const MethodResult& method = result.methods[m];
    if (method.change >= 0 && method.change != static_cast<int>(change)) continue;
    Curve curve{.name = method.name, .style = style_of(method.name), .points = {}};
    for (std::size_t part = 0; part < kArlParts.size(); ++part) {
      const Delay& delay = method.delays[change][part];
      if (delay.trials == 0) continue;
      curve.points.push_back({1e6 / (scenario.arl * kArlParts[part]), delay.mean, delay.missed > 0});
    }
    curves.push_back(std::move(curve));
  }
  return curve_plot(scenario.name + ": " + scenario.changes[change].name, "false alarms per million " + scenario.unit,
                    "mean delay, " + scenario.unit, curves);
}

std::string number(double value, const char* pattern) {
  if (std::isnan(value)) return "";
  char text[40];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

std::string our_rows(const ScenarioResult& result) {
  std::string html;
  for (std::size_t change = 0; change < result.scenario->changes.size(); ++change) {
    const MethodResult* best = oracle(result, change);
    html += "<tr><td>" + escaped(result.scenario->name + " " + result.scenario->changes[change].name) + "</td><td>" +
            number(result.limits[change], "%.0f") + "</td><td>" +
            (best == nullptr ? "" : delay_text(best->delays[change][kFull])) + "</td><td>" +
            delay_text(ours(result).delays[change][kFull]) + "</td><td>" +
            number(ratio(ours(result), result, change), "%.2f") + "</td><td>" +
            delay_text(ours(result).delays[change][kTheory]) + "</td><td>" +
            (change == 0 ? number(ours(result).false_alarms, "%.2f") : "") + "</td></tr>\n";
  }
  return html;
}

}  // namespace

std::string report_page(const std::vector<ScenarioResult>& results, const Effort& effort) {
  const Summary summary = summarise(results);
  std::string html = std::string(kHead) + "<h1>Delay to detection at equal false-alarm rates</h1>\n<p>" +
                     escaped(table_heading(effort)) + "</p>\n<p><b>" + escaped(closing_line(summary)) + "</b><br>" +
                     escaped(wider_goals_line(summary)) + "</p>\n" + key() + ratio_section(results);
  html +=
      "<h2>Delay against false alarms</h2>\n<p>Further left and lower is better. Each point is one threshold; a rule "
      "is "
      "as good as its whole curve.</p>\n<div class='plots'>\n";
  for (const auto& result : results) {
    for (std::size_t change = 0; change < result.scenario->changes.size(); ++change) html += trade_off(result, change);
  }
  html +=
      "</div>\n<h2>costdrift in numbers</h2>\n<table><tr><th>change</th><th>limit</th><th>oracle</th><th>costdrift</th>"
      "<th>ratio</th><th>at its own threshold</th><th>false alarms / budget</th></tr>\n";
  for (const auto& result : results) html += our_rows(result);
  return html + "</table>\n</body></html>\n";
}

}  // namespace costdrift::bench
