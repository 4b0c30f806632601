// The sentences of budget findings.
#pragma once

#include <optional>
#include <string>

#include "detectors/budget_judge.h"

namespace costdrift::detectors {

// Findings of this form tell of budgets: each is an incident of its own (daemon/incidents/lifecycle.h).
std::string budget_aspect(const BudgetSpec& spec, const std::string& what);

std::string describe_scope(const BudgetSpec& spec);  // "spend of team cx"
std::string threshold_note(const BudgetSpec& spec, std::int64_t percent, const std::optional<BudgetForecast>& forecast);
std::string burn_note(const BudgetSpec& spec, std::int64_t hours, double rate,
                      const std::optional<BudgetForecast>& forecast);
std::string forecast_note(const BudgetSpec& spec, const BudgetForecast& forecast);

}  // namespace costdrift::detectors
