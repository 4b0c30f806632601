// to_text() of scoreboard.h: the table that ends the demo.
#include <algorithm>

#include "daemon/demo/scoreboard.h"

namespace costdrift::daemon::demo {

namespace {

constexpr std::size_t kTitleWidth = 80;

std::string left(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string right(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

std::string row(const std::string& at, const std::string& title, const std::string& alert, const std::string& delay,
                const std::string& stated, const std::string& truth) {
  return left(at, 12) + left(title, kTitleWidth) + left(alert, 10) + right(delay, 9) + right(stated, 12) +
         right(truth, 12) + "\n";
}

std::string row_of(const IncidentScore& incident) {
  return row(core::format_clock(incident.played->from), incident.played->incident.title,
             incident.alerted ? incident.severity : "NO ALERT",
             incident.alerted ? core::describe_duration(incident.delay) : "",
             incident.stated_usd_per_hour ? core::format_usd(*incident.stated_usd_per_hour) : "",
             core::format_usd(incident.true_usd_per_hour));
}

std::string count_of(std::size_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

std::string closing_line(const Score& score) {
  core::Duration slowest;
  double stated = 0, truth = 0;
  for (const IncidentScore& incident : score.incidents) {
    if (incident.alerted) slowest = std::max(slowest, incident.delay);
    stated += incident.stated_usd_per_hour.value_or(0);
    truth += incident.true_usd_per_hour;
  }
  std::string line = std::to_string(score.alerted()) + " of " + count_of(score.incidents.size(), "incident") +
                     " alerted, " + count_of(score.false_pages.size(), "false page");
  if (!score.further_pages.empty()) line += ", " + count_of(score.further_pages.size(), "further page");
  if (score.alerted() > 0) line += ", slowest " + core::describe_duration(slowest) + " of event time";
  line += ", " + core::format_usd(stated) + " an hour stated where " + core::format_usd(truth) + " was lost";
  return line + ", " + count_of(static_cast<std::size_t>(score.tickets), "ticket") + "\n";
}

}  // namespace

std::string to_text(const Score& score) {
  std::string text = row("from", "incident", "alert", "delay", "$/h stated", "$/h true");
  for (const IncidentScore& incident : score.incidents) text += row_of(incident);
  for (const std::string& summary : score.false_pages) text += "false page:   " + summary + "\n";
  for (const std::string& summary : score.further_pages) text += "further page: " + summary + "\n";
  return text + closing_line(score);
}

}  // namespace costdrift::daemon::demo
