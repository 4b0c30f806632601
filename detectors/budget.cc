#include "detectors/budget.h"

#include <algorithm>
#include <set>
#include <vector>

#include "core/money.h"
#include "detectors/budget_judge.h"

namespace costdrift::detectors {
namespace {

using config::FieldSpec;
using config::FieldType;

constexpr FieldSpec kBudgetFields[] = {
    {.name = "name", .type = FieldType::text, .doc = "Names the budget in alerts; unique.", .required = true},
    {.name = "scope",
     .type = FieldType::choice,
     .default_value = "org",
     .doc = "What the budget is for.",
     .choices = "org|team|app|use_case"},
    {.name = "value", .type = FieldType::text, .doc = "Which team, app or use case; not for org."},
    {.name = "usd",
     .type = FieldType::number,
     .doc = "The limit in dollars; either this or tokens.",
     .unit = "USD",
     .min = 0,
     .max = 1e9},
    {.name = "tokens",
     .type = FieldType::integer,
     .doc = "The limit in tokens, input and output.",
     .unit = "tokens",
     .min = 0,
     .max = 1e15},
    {.name = "period",
     .type = FieldType::choice,
     .default_value = "month",
     .doc = "When the budget begins anew; weeks begin on Monday.",
     .choices = "day|week|month"},
    {.name = "time_zone",
     .type = FieldType::text,
     .default_value = "UTC",
     .doc = "Whose midnight begins a period, e.g. Europe/Berlin."},
    {.name = "thresholds",
     .type = FieldType::integer_list,
     .default_value = "[50, 80, 100]",
     .doc = "Parts of the limit, each told once a period; from 100 on it is a page, below a ticket.",
     .unit = "%",
     .min = 1,
     .max = 1000},
};
constexpr config::RecordSpec kBudgetRecord{.fields = kBudgetFields};

constexpr FieldSpec kFields[] = {
    {.name = "budgets",
     .type = FieldType::record_list,
     .doc = "The budgets; without any the detector does nothing.",
     .record = &kBudgetRecord},
};

class BudgetDetector final : public Detector {
 public:
  explicit BudgetDetector(std::vector<BudgetSpec> budgets) : budgets_(std::move(budgets)) {}
  std::span<const core::MetricSpec> metrics() const override { return {}; }
  core::SeriesKinds kinds() const override { return {core::SeriesKind::all}; }
  bool shares_page_budget() const override { return false; }
  bool concerns(const core::BucketSummary&) const override { return !budgets_.empty(); }
  std::unique_ptr<SeriesJudge> judge(const core::SeriesKey&) const override {
    return std::make_unique<BudgetJudge>(budgets_);
  }

 private:
  std::vector<BudgetSpec> budgets_;
};

std::optional<core::Dimension> dimension_of(const std::string& scope) {
  return scope == "org" ? std::nullopt : core::dimension_from_name(scope);
}

Period period_of(const std::string& text) {
  return text == "day" ? Period::day : text == "week" ? Period::week : Period::month;
}

// What is wrong, a line each.
class Problems {
 public:
  void add(const config::Values& budget, const std::string& why) {
    lines_ += (lines_.empty() ? "" : "\n") + std::to_string(budget.line()) + ": detectors.budget.budgets: budget \"" +
              budget.text("name") + "\": " + why;
  }
  bool none() const { return lines_.empty(); }
  core::Error error() const { return core::fail(core::ErrorCode::config, lines_); }

 private:
  std::string lines_;
};

// nullopt: the problems say why.
std::optional<BudgetSpec> read(const config::Values& values, Problems& problems) {
  const std::string& name = values.text("name");
  const auto dimension = dimension_of(values.text("scope"));
  const double usd = values.number("usd");
  const std::int64_t tokens = values.integer("tokens");
  const bool one_limit = (usd > 0) != (tokens > 0), named = dimension.has_value() != values.text("value").empty();
  if (!one_limit) problems.add(values, "give one limit, usd or tokens, above 0");
  if (!named)
    problems.add(values, dimension ? "say which " + values.text("scope") + " in value" : "scope org takes no value");
  auto calendar = Calendar::of(values.text("time_zone"));
  if (!calendar) problems.add(values, calendar.error().message);
  if (!one_limit || !named || !calendar) return std::nullopt;
  std::vector<std::int64_t> thresholds = values.integers("thresholds");
  std::sort(thresholds.begin(), thresholds.end());
  thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
  return BudgetSpec{.name = name,
                    .dimension = dimension,
                    .value = values.text("value"),
                    .tokens = tokens > 0,
                    .limit = tokens > 0 ? tokens : core::from_usd(usd).nano,
                    .period = period_of(values.text("period")),
                    .calendar = *std::move(calendar),
                    .thresholds = std::move(thresholds)};
}

core::Result<std::unique_ptr<Detector>> make(const config::Values& values) {
  std::vector<BudgetSpec> budgets;
  std::set<std::string> names;
  Problems problems;
  for (const config::Values& record : values.records("budgets")) {
    if (!names.insert(record.text("name")).second) problems.add(record, "two budgets have this name");
    if (auto budget = read(record, problems)) budgets.push_back(*std::move(budget));
  }
  if (!problems.none()) return problems.error();
  return std::unique_ptr<Detector>(std::make_unique<BudgetDetector>(std::move(budgets)));
}

}  // namespace

const DetectorSpec budget_spec{
    .title = "Budget",
    .measures = "dollars or tokens used in a day, week or month, against a limit; where the use leads",
    .needs = "a known cost (for dollars); team, app or use_case where the budget is for one",
    .blind_to = "what was used before the budget was configured; calls that come after their period has ended",
    .fields = kFields,
    .make = make};

}  // namespace costdrift::detectors
