#include "detectors/unattributed_spend.h"

#include "core/money.h"
#include "detectors/unattributed_judge.h"

namespace costdrift::detectors {
namespace {

using config::FieldSpec;
using config::FieldType;

constexpr FieldSpec kFields[] = {
    {.name = "watch",
     .type = FieldType::text_list,
     .default_value = "[app, api_key_id]",
     .doc = "The event fields whose values together are a source of spend, such as app, api_key_id, model, region."},
    {.name = "owned_by",
     .type = FieldType::text_list,
     .default_value = "[team, owner, technical_owner, cost_center]",
     .doc = "A call that gives one of these event fields has an owner."},
    {.name = "min_usd",
     .type = FieldType::number,
     .default_value = "1",
     .doc = "What new sources must have spent before anybody is told.",
     .unit = "USD",
     .min = 0,
     .max = 1e6},
};

class UnattributedDetector final : public Detector {
 public:
  explicit UnattributedDetector(UnattributedOptions options) : options_(std::move(options)) {}
  std::span<const core::MetricSpec> metrics() const override { return {}; }
  core::SeriesKinds kinds() const override { return {core::SeriesKind::all}; }
  bool shares_page_budget() const override { return false; }
  bool concerns(const core::BucketSummary& summary) const override { return summary.totals.calls > 0; }
  std::unique_ptr<SeriesJudge> judge(const core::SeriesKey&) const override {
    return std::make_unique<UnattributedJudge>(options_);
  }

 private:
  UnattributedOptions options_;
};

core::Error refused(const config::Values& values, std::string_view field, const std::string& why) {
  return core::fail(core::ErrorCode::config,
                    std::to_string(values.line()) + ": detectors.unattributed_spend." + std::string(field) + why);
}

core::Result<std::vector<core::Dimension>> dimensions(const config::Values& values, std::string_view field) {
  std::vector<core::Dimension> result;
  if (values.list(field).empty()) return refused(values, field, " is empty: name at least one event field");
  for (const std::string& name : values.list(field)) {
    const auto dimension = core::dimension_from_name(name);
    if (!dimension) {
      return refused(values, field,
                     ": \"" + name +
                         "\" is no field that calls are told apart by; use for example app, "
                         "api_key_id, model, team, owner, env");
    }
    result.push_back(*dimension);
  }
  return result;
}

core::Result<std::unique_ptr<Detector>> make(const config::Values& values) {
  auto watch = dimensions(values, "watch");
  if (!watch) return watch.error();
  auto owned_by = dimensions(values, "owned_by");
  if (!owned_by) return owned_by.error();
  UnattributedOptions options{
      .watch = *std::move(watch), .owned_by = *std::move(owned_by), .least = core::from_usd(values.number("min_usd"))};
  return std::unique_ptr<Detector>(std::make_unique<UnattributedDetector>(std::move(options)));
}

}  // namespace

const DetectorSpec unattributed_spend_spec{
    .title = "Unattributed spend",
    .measures = "dollars of apps and API keys that were never seen before and name no owner, dearest first",
    .needs = "a known cost; app, api_key_id; team, owner or cost_center of the calls that have one",
    .blind_to =
        "the first day; what is new but names an owner; sources without an owner that were there on the first "
        "day",
    .fields = kFields,
    .make = make};

}  // namespace costdrift::detectors
