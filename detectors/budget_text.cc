#include "detectors/budget_text.h"

#include <cmath>

#include "core/money.h"
#include "core/text.h"

namespace costdrift::detectors {
namespace {

std::string amount(const BudgetSpec& spec, double value) {
  if (!spec.tokens) return core::format_usd(value * 1e-9);
  return core::group_digits(std::llround(value)) + " tokens";
}

std::string limit_of(const BudgetSpec& spec) {
  return amount(spec, static_cast<double>(spec.limit)) + " a " + std::string(period_name(spec.period));
}

std::string outlook(const BudgetSpec& spec, const std::optional<BudgetForecast>& forecast) {
  if (!forecast) return "";
  std::string text = " Forecast for the end of the " + std::string(period_name(spec.period)) + ": " +
                     amount(spec, forecast->at_end) + " (" + amount(spec, forecast->low) + " to " +
                     amount(spec, forecast->high) + ")";
  const auto minute = [](core::EventTime time) { return core::format_rfc3339(core::floor_to(time, core::minutes(1))); };
  if (forecast->exhausted) text += "; exhausted at " + minute(*forecast->exhausted);
  if (forecast->exhausted && forecast->earliest)
    text += " (" + minute(*forecast->earliest) + " to " +
            (forecast->latest ? minute(*forecast->latest) : "after its end") + ")";
  return text + ".";
}

}  // namespace

std::string budget_aspect(const BudgetSpec& spec, const std::string& what) {
  return "budget " + spec.name + ": " + what;
}

std::string describe_scope(const BudgetSpec& spec) {
  const std::string what = spec.tokens ? "tokens of " : "spend of ";
  if (!spec.dimension) return what + "everything";
  std::string name(core::dimension_name(*spec.dimension));
  for (char& c : name)
    if (c == '_') c = ' ';
  return what + name + " " + spec.value;
}

std::string threshold_note(const BudgetSpec& spec, std::int64_t percent,
                           const std::optional<BudgetForecast>& forecast) {
  return "Budget " + spec.name + ": " + std::to_string(percent) + " % of " + limit_of(spec) + " is used." +
         (percent < 100 ? outlook(spec, forecast) : "");
}

std::string burn_note(const BudgetSpec& spec, std::int64_t hours, double rate,
                      const std::optional<BudgetForecast>& forecast) {
  return "Budget " + spec.name + " (" + limit_of(spec) + ") burns at " + core::describe_number(rate) +
         " times its expected path over the last " + (hours == 1 ? "hour" : std::to_string(hours) + " hours") + "." +
         outlook(spec, forecast);
}

std::string forecast_note(const BudgetSpec& spec, const BudgetForecast& forecast) {
  return "Budget " + spec.name + " (" + limit_of(spec) + ") will not last." + outlook(spec, forecast);
}

}  // namespace costdrift::detectors
