#include "detectors/price_change.h"

#include "detectors/price_judge.h"
#include "detectors/price_ratio.h"

namespace costdrift::detectors {
namespace {

class PriceDetector final : public Detector {
 public:
  std::span<const core::MetricSpec> metrics() const override { return {&metric_, 1}; }
  bool shares_page_budget() const override { return false; }
  bool concerns(const core::BucketSummary& summary) const override { return !summary.counts(kPriceRatio).empty(); }
  std::unique_ptr<SeriesJudge> judge(const core::SeriesKey& series) const override {
    return std::make_unique<PriceJudge>("price_change", series);
  }

 private:
  core::MetricSpec metric_ = price_ratio_metric();
};

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  return std::unique_ptr<Detector>(std::make_unique<PriceDetector>());
}

}  // namespace

const DetectorSpec price_change_spec{
    .title = "Price change",
    .measures = "reported cost / cost by the price list, call by call: arithmetic, so three calls in a row decide",
    .needs = "cost_usd, and a model with a listed price; service_tier and region where they change the price",
    .blind_to =
        "producers that report no cost; models that are not listed; calls below $0.0001; a difference that was "
        "there from the first day; whether the bill or the price list is wrong",
    .fields = {},
    .make = make};

}  // namespace costdrift::detectors
