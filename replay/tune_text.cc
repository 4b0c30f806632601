// What tune() found, for people and for programs.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/money.h"
#include "core/text.h"
#include "replay/markdown.h"
#include "replay/tune_command.h"

namespace costdrift::replay {
namespace {

using Json = nlohmann::ordered_json;

std::string one_decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string whole_percent(double share) { return std::to_string(static_cast<int>(share * 100 + 0.5)) + " %"; }

std::string held_out_text(const TuneResult& result) {
  if (!result.choice.held_out_loss)
    return "The history is shorter than two weeks: nothing could be held out to check the choice.";
  const double chosen = *result.choice.held_out_loss, current = *result.choice.current_loss;
  return "On weeks that the choice had not seen, what was chosen loses " + core::format_usd(chosen) +
         " a week, the configuration as it is " + core::format_usd(current) +
         (chosen < current ? "." : ": no change that was tried can be trusted to be better.");
}

bool trusted(const TuneResult& result) {
  return result.choice.best > 0 &&
         (!result.choice.held_out_loss || *result.choice.held_out_loss < *result.choice.current_loss);
}

std::string verdict_of(const TuneResult& result) {
  if (result.candidates.size() == 1) return "Measured the configuration as it is.";
  const CandidateResult &as_is = result.candidates.front(), &best = result.candidates[result.choice.best];
  if (result.choice.best == 0) return "Keep the configuration as it is: nothing that was tried loses less.";
  if (!trusted(result)) return "Keep the configuration as it is. " + held_out_text(result);
  return "Set " + best.change + ": " + core::format_usd(best.loss) + " a week instead of " +
         core::format_usd(as_is.loss) + " (" + one_decimal(best.false_pages_per_week) + " pages a week instead of " +
         one_decimal(as_is.false_pages_per_week) + ", " + whole_percent(best.caught) + " of drifts caught instead of " +
         whole_percent(as_is.caught) + "). " + held_out_text(result);
}

// Why no application could show a drift.
std::string_view needs_of(InjectedDrift drift) {
  switch (drift) {
    case InjectedDrift::prompt:
      return "no application has input_tokens";
    case InjectedDrift::retries:
      return "no calls in the time of the drifts";
    case InjectedDrift::cache_loss:
      return "no application reads from the cache";
    case InjectedDrift::loops:
      return "no application has mostly agent runs (run_id)";
    case InjectedDrift::price:
      return "no application reports cost_usd for a model of the price list";
    case InjectedDrift::mix:
      return "no application would become dearer by it";
  }
  core::bug("unknown drift");
}

std::string candidate_table(const TuneResult& result) {
  if (result.candidates.size() == 1) return {};
  std::string text =
      "\n## Settings tried\n\n| setting | pages a week | drifts caught | burned a drift | loss a week | "
      "|\n|---|---|---|---|---|---|\n";
  for (std::size_t i = 0; i < result.candidates.size(); ++i) {
    const CandidateResult& c = result.candidates[i];
    text += "| " + (c.change.empty() ? "as it is" : c.change) + " | " + one_decimal(c.false_pages_per_week) + " | " +
            whole_percent(c.caught) + " | " + core::format_usd(c.usd_a_drift) + " | " + core::format_usd(c.loss) +
            " | " +
            (i == result.choice.best ? "least loss"
             : c.on_the_curve        ? "on the curve"
                                     : "") +
            " |\n";
  }
  return text;
}

constexpr std::string_view kPowerColumns =
    " | caught | after (median) | lost by then | as a ticket only | costs if never told | when missed, why |\n";

std::string power_line(const std::string& what, const PowerRow& row) {
  const bool caught = row.caught > 0;
  return "| " + cell(what) + " | " + std::to_string(row.caught) + " of " + std::to_string(row.trials) + " | " +
         (row.median_delay ? core::describe_duration(*row.median_delay) : "") + " | " +
         (caught ? core::format_usd(row.usd_before_page) : "") + " | " +
         (row.tickets > 0 ? std::to_string(row.tickets) : "") + " | " + core::format_usd(row.usd_added) + " | " +
         cell(row.missed_because) + " |\n";
}

std::string power_text(const TuneResult& result) {
  std::string all, by_app;
  for (const auto& row : result.power) {
    const std::string drift = describe_drift(row.drift);
    (row.app.empty() ? all : by_app) +=
        power_line(row.app.empty() ? drift : drift + " in " + core::escape_for_log(row.app, 64), row);
  }
  const std::string rule = "|---|---|---|---|---|---|---|\n";
  std::string text = "\n## What this configuration would catch\n\nDollars are means of one drift.\n\n| drift" +
                     std::string(kPowerColumns) + rule + all;
  for (const auto& drift : result.not_tried) {
    text += "| " + describe_drift(drift) + " | not tried | | | | | " + std::string(needs_of(drift.drift)) + " |\n";
  }
  return text + "\n### By application\n\n| drift" + std::string(kPowerColumns) + rule + by_app;
}

}  // namespace

std::string to_markdown(const TuneResult& result, const TuneCosts& costs) {
  return "# costdrift tune\n\n" + verdict_of(result) + "\n\n" + core::format_rfc3339(result.begin) + " to " +
         core::format_rfc3339(result.end) + "; a page costs " + core::format_usd(costs.page) + ", " +
         one_decimal(costs.drifts_per_week) + " drifts a week are expected.\n" + candidate_table(result) +
         power_text(result);
}

std::string to_json(const TuneResult& result) {
  Json json = {{"from", core::format_rfc3339(result.begin)}, {"to", core::format_rfc3339(result.end)}};
  json["verdict"] = verdict_of(result);
  json["best"] = result.choice.best;
  json["trusted"] = trusted(result);
  json["held_out_loss"] = result.choice.held_out_loss ? Json(*result.choice.held_out_loss) : Json(nullptr);
  json["current_loss"] = result.choice.current_loss ? Json(*result.choice.current_loss) : Json(nullptr);
  json["candidates"] = Json::array();
  for (const auto& c : result.candidates) {
    json["candidates"].push_back({{"change", c.change},
                                  {"pages_per_week", c.pages_per_week},
                                  {"false_pages_per_week", c.false_pages_per_week},
                                  {"caught", c.caught},
                                  {"usd_a_drift", c.usd_a_drift},
                                  {"loss", c.loss},
                                  {"weekly_loss", c.weekly_loss},
                                  {"on_the_curve", c.on_the_curve}});
  }
  json["power"] = Json::array();
  for (const auto& row : result.power) {
    json["power"].push_back(
        {{"app", row.app},
         {"drift", describe_drift(row.drift)},
         {"kind", drift_name(row.drift.drift)},
         {"size", row.drift.size},
         {"trials", row.trials},
         {"caught", row.caught},
         {"tickets", row.tickets},
         {"median_delay_seconds", row.median_delay ? Json(core::to_seconds(*row.median_delay)) : Json(nullptr)},
         {"usd_before_page", row.usd_before_page},
         {"usd_burned", row.usd_burned},
         {"usd_added", row.usd_added},
         {"missed_because", row.missed_because}});
  }
  json["not_tried"] = Json::array();
  for (const auto& drift : result.not_tried) {
    json["not_tried"].push_back({{"drift", describe_drift(drift)}, {"why", needs_of(drift.drift)}});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace costdrift::replay
