// The report as Markdown.
#include <cstdio>

#include "core/text.h"
#include "replay/markdown.h"
#include "replay/report.h"

namespace costdrift::replay {
namespace {

std::string one_decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string dollars(const std::optional<double>& usd) { return usd ? core::format_usd(*usd) : "unknown"; }

std::string numbers(const Scorecard& card) {
  std::string text = std::to_string(card.pages) + " pages (" + one_decimal(card.pages_per_week()) + " a week), " +
                     std::to_string(card.tickets) + " tickets";
  if (card.real_labels == 0) return text;
  text += "; " + std::to_string(card.found) + " of " + std::to_string(card.real_labels) + " known incidents found, " +
          std::to_string(card.missed) + " missed, " + std::to_string(card.false_pages) + " false pages, " +
          std::to_string(card.duplicates) + " duplicates";
  if (card.median_delay)
    text += "; paged " + core::describe_duration(*card.median_delay) + " after the beginning (median)";
  return text + "; " + core::format_usd(card.usd_before) + " burned before the page, " +
         core::format_usd(card.usd_after) + " after it (what a page can catch)";
}

std::string label_table(const ReplayReport& report) {
  if (report.labels.empty()) return {};
  std::string text =
      "\n## Known incidents\n\n| from | to | calls | result | delay | burned before the page | after it | why missed "
      "|\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (std::size_t i = 0; i < report.labels.size(); ++i) {
    const IncidentLabel& label = report.labels[i];
    if (!label.real) continue;
    const LabelScore& result = report.a.card.labels[i];
    text += "| " + core::format_rfc3339(label.from) + " | " + core::format_rfc3339(label.to) + " | " +
            cell(describe_match(label)) + " | ";
    if (result.incident) {
      text += "found by " + report.a.incidents[*result.incident].told().detector + " | " +
              core::describe_duration(result.delay) + " | " + dollars(result.usd_before) + " | " +
              dollars(result.usd_after) + " | |\n";
    } else {
      text += "missed | | | | " + cell(result.reason) + " |\n";
    }
  }
  return text;
}

std::string incident_table(const ReplayReport& report) {
  std::string text =
      "\n## Incidents\n\n| told | severity | verdict | route | lost | what |\n|---|---|---|---|---|---|\n";
  for (std::size_t i = 0; i < report.a.incidents.size(); ++i) {
    const ToldIncident& incident = report.a.incidents[i];
    const IncidentScore& result = report.a.card.incidents[i];
    text += "| " + core::format_rfc3339(incident.told().updated_at) + " | " +
            std::string(core::severity_name(incident.last.severity)) + " | " +
            std::string(verdict_name(result.verdict)) + " | " + cell(result.route) + " | " +
            dollars(incident.last.usd_so_far) + " | " + cell(incident.told().summary) + " |\n";
  }
  return report.a.incidents.empty() ? "\nNothing was told.\n" : text;
}

std::string page_tables(const Scorecard& card) {
  if (card.pages == 0) return {};
  std::string text = "\n## Pages\n\n| route | pages | a week |\n|---|---|---|\n";
  for (const auto& [route, pages] : card.pages_by_route) {
    text += "| " + cell(route) + " | " + std::to_string(pages) + " | " +
            one_decimal(card.weeks > 0 ? static_cast<double>(pages) / card.weeks : 0) + " |\n";
  }
  text += "\n| hour of day (UTC) | pages |\n|---|---|\n";
  for (std::size_t hour = 0; hour < card.pages_by_hour.size(); ++hour) {
    if (card.pages_by_hour[hour] == 0) continue;
    text += "| " + std::string(hour < 10 ? "0" : "") + std::to_string(hour) + " | " +
            std::to_string(card.pages_by_hour[hour]) + " |\n";
  }
  return text;
}

std::string comparison_table(const ReplayReport& report) {
  if (!report.comparison) return {};
  std::string text = "\n## Comparison\n\n" + report.comparison->verdict + "\n\nA: " + cell(report.a.config) +
                     "  \nB: " + cell(report.b->config) +
                     "\n\n| change | told by A | told by B | what |\n|---|---|---|---|\n";
  for (const auto& item : report.comparison->incidents) {
    if (item.change == Change::same) continue;
    const ToldIncident& shown = item.a ? report.a.incidents[*item.a] : report.b->incidents[*item.b];
    const auto told = [](const ToldIncident& incident) {
      return core::format_rfc3339(incident.told().updated_at) + (incident.page ? "" : " (ticket)");
    };
    text += "| " + std::string(change_name(item.change)) + " | " + (item.a ? told(report.a.incidents[*item.a]) : "") +
            " | " + (item.b ? told(report.b->incidents[*item.b]) : "") + " | " + cell(shown.told().summary) + " |\n";
  }
  return text;
}

}  // namespace

std::string to_markdown(const ReplayReport& report) {
  const state::Accounting& a = report.result.accounting;
  return "# costdrift replay\n\n" + numbers(report.a.card) + ".\n\nRead " + core::group_digits(a.consumed) +
         " events, " + core::group_digits(a.accepted) + " of them accepted, " +
         core::format_rfc3339(report.spend.begin()) + " to " + core::format_rfc3339(report.spend.end()) + ".\n" +
         comparison_table(report) + label_table(report) + incident_table(report) + page_tables(report.a.card);
}

}  // namespace costdrift::replay
