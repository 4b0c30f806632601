#include "replay/tuner.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "config/sections.h"

namespace costdrift::replay {
namespace {

constexpr core::Duration kWeek = core::days(7);

std::string plain(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::size_t week_of(core::EventTime at, core::EventTime begin, std::size_t weeks) {
  const auto week = static_cast<std::size_t>(std::max<std::int64_t>((at - begin).us, 0) / kWeek.us);
  return std::min(week, weeks - 1);
}

// A last piece shorter than half a week belongs to the week before.
std::size_t weeks_of(core::EventTime begin, core::EventTime end) {
  return static_cast<std::size_t>(std::max<std::int64_t>(1, (end - begin + core::hours(84)).us / kWeek.us));
}

// The kind of a change: what stands before the colon.
std::string kind_of(const std::string& change) { return change.substr(0, change.find(':')); }

void apply_change(const Candidate& from, const std::string& kind, config::Settings& to) {
  if (kind == "pages.false_pages_per_week") {
    to.pages.false_pages_per_week = from.settings.pages.false_pages_per_week;
  } else if (kind == "pages.min_effect") {
    to.pages.min_effect = from.settings.pages.min_effect;
  } else if (kind == "pages.min_usd_per_hour") {
    to.pages.min_usd_per_hour = from.settings.pages.min_usd_per_hour;
  } else if (kind == "pages.group_within") {
    to.pages.group_within = from.settings.pages.group_within;
  } else {
    for (std::size_t i = 0; i < to.detectors.size(); ++i) {
      to.detectors[i].enabled = to.detectors[i].enabled && from.settings.detectors[i].enabled;
    }
  }
}

// Whether every number under `pages` lies in the range that the configuration file may give it.
bool is_allowed(const config::Settings& settings) {
  const auto sections = config::sections();
  const auto pages =
      std::find_if(sections.begin(), sections.end(), [](const auto& section) { return section.name == "pages"; });
  if (pages == sections.end()) core::bug("no section of pages");
  return std::all_of(pages->fields.begin(), pages->fields.end(), [&](const config::SectionField& field) {
    const auto value = field.get(settings);
    const core::Duration* length = std::get_if<core::Duration>(&value);
    const double seconds = length == nullptr ? 0 : static_cast<double>(length->us) / 1e6;
    const double* number = length == nullptr ? std::get_if<double>(&value) : &seconds;
    return number == nullptr || field.spec.min == field.spec.max ||
           (*number >= field.spec.min && *number <= field.spec.max);
  });
}

std::size_t least(const std::vector<double>& losses) {
  return static_cast<std::size_t>(std::min_element(losses.begin(), losses.end()) - losses.begin());
}

}  // namespace

std::vector<Candidate> candidates_of(const config::Settings& settings, const std::vector<std::string>& told_by) {
  std::vector<Candidate> all = {{"", settings}};
  const auto add = [&](const std::string& change, const auto& alter) {
    Candidate candidate{change, settings};
    alter(candidate.settings);
    if (is_allowed(candidate.settings)) all.push_back(std::move(candidate));
  };
  for (const double factor : {0.25, 4.0}) {
    const double value = settings.pages.false_pages_per_week * factor;
    add("pages.false_pages_per_week: " + plain(value), [&](auto& s) { s.pages.false_pages_per_week = value; });
  }
  for (const double factor : {0.5, 2.0}) {
    const double value = settings.pages.min_effect * factor;
    add("pages.min_effect: " + plain(value * 100) + "%", [&](auto& s) { s.pages.min_effect = value; });
  }
  for (const double factor : {0.2, 4.0}) {
    const double value = settings.pages.min_usd_per_hour * factor;
    if (value > settings.pages.critical_usd_per_hour || value == settings.pages.min_usd_per_hour) continue;
    add("pages.min_usd_per_hour: " + plain(value), [&](auto& s) { s.pages.min_usd_per_hour = value; });
  }
  const std::int64_t apart = settings.pages.group_within.us / core::minutes(1).us;
  for (const core::Duration value : {core::minutes(apart / 3), core::minutes(apart * 4)}) {
    if (value == settings.pages.group_within) continue;
    add("pages.group_within: " + core::format_duration(value), [&](auto& s) { s.pages.group_within = value; });
  }
  for (const auto& name : told_by) {
    add("detectors." + name + ".enabled: false", [&](auto& s) {
      for (auto& detector : s.detectors) detector.enabled = detector.enabled && detector.name != name;
    });
  }
  return all;
}

std::optional<Candidate> combined(const config::Settings& settings, const std::vector<Candidate>& candidates,
                                  const std::vector<double>& losses) {
  std::map<std::string, std::size_t> best;  // by kind
  for (std::size_t i = 1; i < candidates.size(); ++i) {
    if (losses[i] >= losses[0]) continue;
    const auto [known, is_new] = best.emplace(kind_of(candidates[i].change), i);
    if (!is_new && losses[i] < losses[known->second]) known->second = i;
  }
  if (best.size() < 2) return std::nullopt;
  Candidate together{"", settings};
  for (const auto& [kind, i] : best) {
    apply_change(candidates[i], kind, together.settings);
    together.change += (together.change.empty() ? "" : ", ") + candidates[i].change;
  }
  return together;
}

CandidateResult result_of(const std::string& change, const std::vector<Trial>& trials, const Scorecard& card,
                          const std::vector<core::EventTime>& alarms, const TuneCosts& costs, core::EventTime begin,
                          core::EventTime end) {
  CandidateResult result{.change = change, .pages_per_week = card.pages_per_week()};
  const std::size_t weeks = weeks_of(begin, end);
  std::vector<double> burned(weeks, 0), pages(weeks, 0);
  std::vector<int> tried(weeks, 0);
  int count = 0, caught = 0;
  double in_all = 0;
  for (const Trial& trial : trials) {
    if (!trial.counts()) continue;
    const std::size_t week = week_of(trial.injection.from, begin, weeks);
    burned[week] += trial.usd_burned;
    ++tried[week];
    in_all += trial.usd_burned;
    ++count;
    caught += trial.delay ? 1 : 0;
  }
  for (const auto at : alarms) ++pages[week_of(at, begin, weeks)];
  const double length = std::max(core::to_hours(end - begin) / (7 * 24), 1e-9);
  result.usd_a_drift = in_all / std::max(count, 1);
  result.caught = static_cast<double>(caught) / std::max(count, 1);
  result.false_pages_per_week = static_cast<double>(alarms.size()) / length;
  result.loss = costs.drifts_per_week * result.usd_a_drift + costs.page * result.false_pages_per_week;
  const double weeks_a_week =
      static_cast<double>(weeks) / length;  // "weeks" of the history may be longer than seven days
  for (std::size_t w = 0; w < weeks; ++w) {
    const double a_drift = tried[w] > 0 ? burned[w] / tried[w] : result.usd_a_drift;
    result.weekly_loss.push_back(costs.drifts_per_week * a_drift + costs.page * pages[w] * weeks_a_week);
  }
  return result;
}

Choice choose(std::vector<CandidateResult>& results) {
  Choice choice;
  std::vector<double> losses;
  for (auto& result : results) {
    losses.push_back(result.loss);
    result.on_the_curve = std::none_of(results.begin(), results.end(), [&](const CandidateResult& other) {
      return other.false_pages_per_week <= result.false_pages_per_week && other.usd_a_drift <= result.usd_a_drift &&
             (other.false_pages_per_week < result.false_pages_per_week || other.usd_a_drift < result.usd_a_drift);
    });
  }
  choice.best = least(losses);
  const std::size_t weeks = results.front().weekly_loss.size();
  if (weeks < 2) return choice;
  double held_out = 0, current = 0;
  for (std::size_t held = 0; held < weeks; ++held) {
    std::vector<double> others;
    for (const auto& result : results) {
      others.push_back(std::accumulate(result.weekly_loss.begin(), result.weekly_loss.end(), 0.0) -
                       result.weekly_loss[held]);
    }
    const std::size_t chosen = least(others);
    choice.best_without.push_back(chosen);
    held_out += results[chosen].weekly_loss[held];
    current += results.front().weekly_loss[held];
  }
  choice.held_out_loss = held_out / static_cast<double>(weeks);
  choice.current_loss = current / static_cast<double>(weeks);
  return choice;
}

}  // namespace costdrift::replay
