#include "sinks/message.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/notification.h"
#include "core/text.h"
#include "core/unit_text.h"

namespace costdrift::sinks {
namespace {

using core::AlertEvent;
using core::AlertStatus;

constexpr std::size_t kMaxSummary = 700;
constexpr std::size_t kMaxReplay = 600;
constexpr std::size_t kShortId = 8;  // digits that `costdrift alerts` takes for an id
constexpr std::size_t kMaxListed = 5;
constexpr std::size_t kMaxSamples = 2;

bool is_over(const AlertEvent& event) {
  return event.status == AlertStatus::resolved || event.status == AlertStatus::retracted;
}

std::string status_word(AlertStatus status) {
  switch (status) {
    case AlertStatus::firing:
      return "FIRING";
    case AlertStatus::updated:
      return "UPDATED";
    case AlertStatus::resolved:
      return "RESOLVED";
    case AlertStatus::retracted:
      return "RETRACTED";
  }
  core::bug("alert status out of range");
}

std::string in_words(std::string_view name) {
  std::string words(name);
  std::replace(words.begin(), words.end(), '_', ' ');
  return one_line(words, 80);
}

std::string status_of(const AlertEvent& event) {
  const std::string word = status_word(event.status);
  return is_over(event) ? word : word + " " + std::string(core::severity_name(event.severity));
}

std::string quantity(double value, const std::string& unit) {
  if (unit.starts_with("USD")) return core::format_usd(value) + one_line(unit.substr(3), 40);
  if (core::is_share(unit)) return core::describe_value(value, unit);
  return core::describe_number(value) + (unit.empty() ? "" : " " + one_line(unit, 40));
}

std::string observed(const AlertEvent& event) {
  std::string text = quantity(event.observed, event.unit);
  if (event.expected == 0 || !std::isfinite(event.effect)) return text;
  text += " (" + core::describe_percent(event.effect);
  const std::string low = core::describe_percent(event.effect_low), high = core::describe_percent(event.effect_high);
  if (event.effect_low < event.effect_high && low != high) text += ", likely " + low + " to " + high;
  return text + ")";
}

std::string since(const AlertEvent& event) {
  std::string text = core::format_clock(event.onset, true);
  if (is_over(event) && event.resolved_at) {
    return text + " to " + core::format_clock(*event.resolved_at, true) + " (" +
           core::describe_duration(*event.resolved_at - event.onset) + ")";
  }
  if (event.onset_earliest < event.onset_latest) {
    text += " (between " + core::format_clock(event.onset_earliest) + " and " + core::format_clock(event.onset_latest) +
            ")";
  }
  return text + ", alerted " + core::format_clock(event.detected_at);
}

std::string money(const AlertEvent& event) {
  if (!event.usd_per_hour && !event.usd_so_far) return "unknown: these calls have no price";
  std::string text;
  if (event.usd_so_far) text = core::format_usd(*event.usd_so_far) + " more than expected";
  if (is_over(event)) return text.empty() ? "unknown" : text + " in all";
  if (!text.empty()) text += " so far";
  if (event.usd_per_hour && event.usd_per_month) {
    text += (text.empty() ? "" : "; ") + core::format_rate(*event.usd_per_hour, *event.usd_per_month);
  }
  return text;
}

// "input $36, volume $2 an hour"; empty when one part is nearly all of it, which the summary already says.
std::string money_split(const AlertEvent& event) {
  if (!event.usd_per_hour) return {};
  std::string text;
  int parts = 0;
  for (int i = 0; i < core::kCostParts; ++i) {
    const double usd = event.usd_split[i];
    if (std::abs(usd) < 0.05 * std::abs(*event.usd_per_hour) || usd == 0) continue;
    text += (parts++ == 0 ? "" : ", ") + std::string(core::cost_part_name(static_cast<core::CostPart>(i))) + " " +
            core::format_usd(usd);
  }
  return parts < 2 ? std::string() : text + " an hour";
}

std::string owner(const AlertEvent& event) {
  std::string text;
  const auto add = [&text](const char* what, const std::string& value) {
    if (!value.empty()) text += (text.empty() ? "" : ", ") + std::string(what) + one_line(value, 100);
  };
  add("team ", event.owner_team);
  add("", event.owner);
  add("cost centre ", event.cost_center);
  return text.empty() ? "nobody is named in these events" : text;
}

std::string why(const AlertEvent& event) {
  if (event.drivers.empty()) return "no single value of any dimension explains it";
  std::string text;
  const std::size_t shown = std::min(event.drivers.size(), kMaxListed);
  for (std::size_t i = 0; i < shown; ++i) {
    const core::Driver& driver = event.drivers[i];
    text += (i == 0 ? "" : "; ") + std::to_string(std::lround(driver.share * 100)) + " % of it is " +
            in_words(core::dimension_name(driver.dimension)) + " " + one_line(driver.value, 120);
  }
  return text;
}

std::string told_by(const core::IncidentRef& page) {
  return "incident " + one_line(page.id.substr(0, kShortId)) + " on " + one_line(page.series.display(), 200);
}

// "search / gpt-4o +31 %, $14 an hour; docs / gpt-4o +29 %, $3 an hour; and 4 more"
std::string elsewhere(const core::Elsewhere& elsewhere) {
  std::string text;
  const std::size_t listed = std::min(elsewhere.largest.size(), kMaxListed);
  for (std::size_t i = 0; i < listed; ++i) {
    const core::Elsewhere::Other& other = elsewhere.largest[i];
    text += (i == 0 ? "" : "; ") + std::string(other.inside ? "of it " : "") +
            one_line(other.incident.series.display(), 120) + " " + core::describe_percent(other.effect);
    if (other.usd_per_hour) text += ", " + core::format_usd(*other.usd_per_hour) + " an hour";
  }
  const auto more = elsewhere.incidents - static_cast<std::int64_t>(listed);
  return more > 0 ? text + "; and " + core::group_digits(more) + " more" : text;
}

std::string declared(const core::DeclaredChange& change) {
  std::string text(core::change_kind_name(change.kind));
  if (!change.note.empty()) text += " \"" + one_line(change.note, 150) + "\"";
  if (!change.by.empty()) text += " by " + one_line(change.by, 80);
  return text + ", " + core::format_clock(change.at, true);
}

std::string calls(const AlertEvent& event) {
  std::string text = core::group_digits(event.calls) + " since then";
  for (std::size_t i = 0; i < std::min(event.samples.size(), kMaxSamples); ++i) {
    const core::Sample& sample = event.samples[i];
    text += i == 0 ? "; for example " : ", ";
    if (!sample.trace_id.empty()) text += "trace " + one_line(sample.trace_id, 80) + " ";
    if (!sample.run_id.empty()) text += "run " + one_line(sample.run_id, 80) + " ";
    text += "(" + one_line(sample.topic, 80) + " partition " + std::to_string(sample.partition) + " offset " +
            std::to_string(sample.offset) + ")";
  }
  return text;
}

// Messages of costdrift about itself have no calls, owner or expectation.
bool is_about_itself(const AlertEvent& event) {
  return event.detector == core::kStormDetector || event.detector == core::kSinkProblemDetector ||
         event.detector == core::kSeriesLimitDetector || event.detector == core::kDiskFullDetector;
}

std::vector<Fact> facts_of(const AlertEvent& event) {
  if (event.detector == core::kStormDetector) return {{"Observed", observed(event)}, {"Money", money(event)}};
  if (is_about_itself(event)) return {{"Since", since(event)}};
  std::vector<Fact> facts = {
      {"Observed", observed(event)}, {"Expected", quantity(event.expected, event.unit)},
      {"Since", since(event)},       {"Money", money(event)},
      {"Owner", owner(event)},       {"Why", why(event)},
      {"Calls", calls(event)},
  };
  if (event.told_by) facts.push_back({"Told by", told_by(*event.told_by)});
  if (event.elsewhere.incidents > 0) facts.push_back({"Elsewhere", elsewhere(event.elsewhere)});
  if (event.declared_change) facts.push_back({"Declared change", declared(*event.declared_change)});
  if (event.status != AlertStatus::firing && !event.reason.empty()) {
    facts.push_back({"Reason", one_line(event.reason)});
  }
  const std::string split = money_split(event);
  if (!split.empty() && !is_over(event)) facts.push_back({"Money by cause", split});
  return facts;
}

std::vector<std::string> also_of(const AlertEvent& event) {
  std::vector<std::string> lines;
  for (const core::Contribution& part : event.also) {
    if (lines.size() == kMaxListed) {
      lines.push_back("and " + std::to_string(event.also.size() - kMaxListed) + " more");
      break;
    }
    std::string line = in_words(part.detector) + ": " + one_line(part.quantity, 80) + " " +
                       core::describe_number(part.observed) + ", expected " + core::describe_number(part.expected);
    if (part.expected != 0 && std::isfinite(part.effect)) line += " (" + core::describe_percent(part.effect) + ")";
    lines.push_back(line);
  }
  return lines;
}

std::string next_of(const AlertEvent& event) {
  if (is_over(event) && event.elsewhere.incidents > event.elsewhere.inside)
    return "Nothing to do: what goes on elsewhere for another hour is paged.";
  if (is_over(event)) return "Nothing to do.";
  if (event.detector == core::kStormDetector) return "Look at the page or at `costdrift alerts list`.";
  if (event.detector == core::kSinkProblemDetector) {
    return "Mend that sink, and try it with `costdrift send-test`; its incidents are on the page meanwhile.";
  }
  if (event.detector == core::kDiskFullDetector)
    return "Free some space where the state lies; reading goes on by itself.";
  if (event.detector == core::kSeriesLimitDetector) {
    return "Look for ids in the fields app and model of the events; if all these applications are real, raise "
           "limits.max_series.";
  }
  if (event.told_by) return "Answer " + told_by(*event.told_by) + ", whose page tells of this one too.";
  const std::string id = one_line(event.incident_id, 64);
  std::string text = "Find what the owner changed at that time. If it was meant, run `costdrift alerts expected " + id +
                     "`; if you are on it, `costdrift alerts ack " + id + "`.";
  if (event.elsewhere.incidents > 0) text += " That it was meant is taken for those elsewhere too.";
  if (!event.quiet_if.empty()) text += " It ends by itself once: " + one_line(event.quiet_if) + ".";
  return text;
}

// Links come from the configuration, but a wrong one must not become markup or another scheme.
std::string safe_url(const std::string& url) {
  const bool web = url.starts_with("https://") || url.starts_with("http://");
  const auto is_odd = [](unsigned char c) {
    return c <= ' ' || c == '<' || c == '>' || c == '|' || c == '"' || c == 0x7f;
  };
  return web && std::none_of(url.begin(), url.end(), is_odd) && url.size() <= 2000 ? one_line(url, 2000) : "";
}

}  // namespace

std::string one_line(std::string_view text, std::size_t max_bytes) { return core::escape_for_log(text, max_bytes); }

std::string label_of(const AlertEvent& event, core::Dimension dimension) {
  for (const auto& [name, value] : event.labels) {
    if (name == dimension) return one_line(value);
  }
  return {};
}

Message describe(const AlertEvent& event) {
  Message message;
  message.status = status_of(event);
  message.headline = message.status + ": " + in_words(event.detector);
  if (!is_about_itself(event)) message.headline += " on " + one_line(event.series.display(), 200);
  message.summary = one_line(event.summary, kMaxSummary);
  message.facts = facts_of(event);
  message.also = also_of(event);
  message.next = next_of(event);
  message.identity = "incident " + one_line(event.incident_id, 64) + " version " + std::to_string(event.version);
  message.replay = one_line(event.replay_command, kMaxReplay);
  message.incident_url = safe_url(event.incident_url);
  message.runbook_url = safe_url(event.runbook_url);
  return message;
}

std::string to_text(const Message& message) {
  std::string text = message.headline + "\n  " + message.summary + "\n";
  const auto add = [&text](const std::string& name, const std::string& value) {
    if (!value.empty()) text += "  " + name + ": " + value + "\n";
  };
  for (const Fact& fact : message.facts) add(fact.name, fact.value);
  for (const std::string& line : message.also) add("Also seen by", line);
  add("Next", message.next);
  add("Incident page", message.incident_url);
  add("Runbook", message.runbook_url);
  add("Replay", message.replay);
  return text + "  " + message.identity + "\n";
}

}  // namespace costdrift::sinks
