#include "replay/tune_plan.h"

#include <algorithm>
#include <charconv>

#include "core/hash.h"
#include "core/text.h"

namespace costdrift::replay {
namespace {

constexpr core::Duration kLeastHistory = core::days(3);
constexpr double kHistoryShare = 0.3;
constexpr double kCachedShare = 0.05;
constexpr double kRunShare = 0.5;

double usd_per_token(const core::Totals& totals) {
  const auto tokens = static_cast<double>(totals.input_tokens + totals.output_tokens);
  return tokens > 0 ? core::to_usd(totals.cost) / tokens : 0;
}

double share(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

bool makes_sense(const PlannedDrift& drift, const HistoryProfile::App& app, const std::string& dearest) {
  switch (drift.drift) {
    case InjectedDrift::prompt:
      return app.totals.input_tokens > 0;
    case InjectedDrift::retries:
      return true;
    case InjectedDrift::cache_loss:
      return share(app.totals.cache_read_tokens, app.totals.input_tokens) >= kCachedShare;
    case InjectedDrift::loops:
      return share(app.totals.run_calls, app.totals.calls) >= kRunShare;
    case InjectedDrift::price:
      return app.totals.compared_cost.nano > 0;
    case InjectedDrift::mix:
      return app.dearest_model != dearest;
  }
  core::bug("unknown drift");
}

// Drawn evenly from [first, last], on a whole minute.
core::EventTime draw_time(core::EventTime first, core::EventTime last, const std::string& name, std::uint64_t seed) {
  const std::uint64_t mixed = core::hash64(std::to_string(seed) + "/" + name);
  const auto minutes = static_cast<std::uint64_t>((last - first).us / core::minutes(1).us) + 1;
  return core::floor_to(first, core::minutes(1)) + core::minutes(static_cast<std::int64_t>(mixed % minutes));
}

}  // namespace

void HistoryProfile::on_bucket(const core::SeriesKey& series, const core::ClosedBucket& bucket,
                               std::span<const daemon::JudgeStanding>) {
  if (series.kind() != core::SeriesKind::app_model) return;
  apps_[series.label(core::Dimension::app)][series.label(core::Dimension::model)].add(bucket.summary->totals);
  begin_ = std::min(begin_, bucket.start);
  end_ = std::max(end_, bucket.end);
}

std::vector<std::pair<std::string, HistoryProfile::App>> HistoryProfile::dearest_apps(std::size_t count) const {
  std::vector<std::pair<std::string, App>> apps;
  for (const auto& [name, models] : apps_) {
    if (name.empty()) continue;
    App app;
    double dearest = -1;
    for (const auto& [model, totals] : models) {
      app.totals.add(totals);
      if (usd_per_token(totals) <= dearest) continue;
      dearest = usd_per_token(totals);
      app.dearest_model = model;
    }
    apps.emplace_back(name, std::move(app));
  }
  std::stable_sort(apps.begin(), apps.end(),
                   [](const auto& a, const auto& b) { return a.second.totals.cost > b.second.totals.cost; });
  if (apps.size() > count) apps.resize(count);
  return apps;
}

std::string HistoryProfile::dearest_model() const {
  std::map<std::string, core::Totals> models;
  for (const auto& [app, of_app] : apps_) {
    for (const auto& [model, totals] : of_app) models[model].add(totals);
  }
  std::string dearest;
  double most = -1;
  for (const auto& [model, totals] : models) {
    if (usd_per_token(totals) <= most) continue;
    most = usd_per_token(totals);
    dearest = model;
  }
  return dearest;
}

core::Result<PlannedDrift> parse_drift(const std::string& text) {
  const auto equals = text.find('=');
  std::string number = equals == std::string::npos ? "" : text.substr(equals + 1);
  const bool percent = number.ends_with('%');
  if (percent) number.pop_back();
  double size = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), size);
  if (percent) size /= 100;
  if (error == std::errc() && end == number.data() + number.size() && size > 0 && size <= 10) {
    for (int i = 0; i < kInjectedDrifts; ++i) {
      const auto drift = static_cast<InjectedDrift>(i);
      if (text.substr(0, equals) == drift_name(drift)) return PlannedDrift{drift, size};
    }
  }
  return core::fail(core::ErrorCode::usage,
                    "reading --drifts " + core::escape_for_log(text, 60) +
                        ": say NAME=SIZE, such as prompt=10%; the names are prompt, retries, cache_loss, loops, price, "
                        "mix, a size is more than 0 and at most 1000%");
}

std::string describe_drift(const PlannedDrift& drift) {
  const std::string more = core::describe_percent(drift.size), part = more.substr(1);
  switch (drift.drift) {
    case InjectedDrift::prompt:
      return "prompts " + more;
    case InjectedDrift::retries:
      return part + " of calls retried";
    case InjectedDrift::cache_loss:
      return part + " of calls lose the cache";
    case InjectedDrift::loops:
      return part + " of runs loop twice as deep";
    case InjectedDrift::price:
      return "price " + more;
    case InjectedDrift::mix:
      return part + " of calls move to the dearest model";
  }
  core::bug("unknown drift");
}

core::Result<std::vector<std::vector<Injection>>> plan_injections(const HistoryProfile& history,
                                                                  const PlanOptions& options) {
  const core::Duration span = history.end() > history.begin() ? history.end() - history.begin() : core::Duration{};
  const core::Duration needed = std::max(
      kLeastHistory, core::microseconds(static_cast<std::int64_t>(static_cast<double>(span.us) * kHistoryShare)));
  if (span < needed + options.lasts) {
    return core::fail(core::ErrorCode::bad_data, "planning drifts: the history is " + core::describe_duration(span) +
                                                     " long; " + core::describe_duration(kLeastHistory) +
                                                     " are needed to learn what is normal, and then " +
                                                     core::describe_duration(options.lasts) + " for a drift (--lasts)");
  }
  const std::string dearest = history.dearest_model();
  const core::EventTime first = history.begin() + needed, last = history.end() - options.lasts;
  std::vector<std::vector<Injection>> plans;
  std::size_t place = 0;
  for (const auto& [name, app] : history.dearest_apps(options.apps)) {
    std::vector<Injection> of_app;
    for (int trial = 0; trial < options.trials; ++trial) {
      for (const auto& drift : options.drifts) {
        if (!makes_sense(drift, app, dearest)) continue;
        const std::string id = name + "/" + std::string(drift_name(drift.drift)) + "/" + std::to_string(drift.size) +
                               "/" + std::to_string(trial);
        const core::EventTime from = draw_time(first, last, id, options.seed);
        of_app.push_back(
            {name, drift.drift, drift.size, from, from + options.lasts, dearest, core::hash64(id) ^ options.seed});
      }
    }
    // Neighbours begin with different drifts, so that one plan holds several kinds.
    if (plans.size() < of_app.size()) plans.resize(of_app.size());
    for (std::size_t i = 0; i < of_app.size(); ++i) {
      plans[(i + place) % of_app.size()].push_back(std::move(of_app[i]));
    }
    ++place;
  }
  return plans;
}

}  // namespace costdrift::replay
