#include "detectors/blind_spot.h"

#include "detectors/blind_spot_judge.h"

namespace costdrift::detectors {
namespace {

constexpr config::FieldSpec kFields[] = {
    {.name = "page",
     .type = config::FieldType::boolean,
     .default_value = "false",
     .doc = "Whether a person is woken for it; otherwise it is a ticket. It has no dollars of its own."},
};

class BlindSpotDetector final : public Detector {
 public:
  explicit BlindSpotDetector(bool page) : page_(page) {}
  std::span<const core::MetricSpec> metrics() const override { return {&metric_, 1}; }
  core::SeriesKinds kinds() const override { return {core::SeriesKind::all}; }
  bool shares_page_budget() const override { return false; }
  bool concerns(const core::BucketSummary& summary) const override { return summary.totals.calls > 0; }
  std::unique_ptr<SeriesJudge> judge(const core::SeriesKey&) const override {
    return std::make_unique<BlindSpotJudge>(page_);
  }

 private:
  const bool page_;
  core::MetricSpec metric_ = field_presence_metric();
};

core::Result<std::unique_ptr<Detector>> make(const config::Values& values) {
  return std::unique_ptr<Detector>(std::make_unique<BlindSpotDetector>(values.boolean("page")));
}

}  // namespace

const DetectorSpec blind_spot_spec{
    .title = "Blind spot",
    .measures =
        "calls that lack a field they used to have; events that come twice, late or from the future; apps that "
        "fell silent",
    .needs = "event_id for events that come twice; otherwise whatever the producer used to send",
    .blind_to =
        "the first day; the same call under two event_ids; a silence of everything while it lasts (it is told "
        "when calls come again; meanwhile metrics and readiness tell), and of apps with fewer than a hundred "
        "calls a day",
    .fields = kFields,
    .make = make};

}  // namespace costdrift::detectors
