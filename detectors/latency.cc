#include "detectors/latency.h"

#include <algorithm>
#include <cmath>

#include "core/log_bins.h"
#include "core/text.h"
#include "detectors/drift_detector.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kMetric = "latency_ms";
constexpr double kSlow = 0.95, kSlowest = 0.99;
constexpr double kCallsForSlowest = 400;

// How long a call took that failed or was given up says nothing about the calls that answer.
core::Observations observe(const core::UsageEvent& event) {
  core::Observations observations;
  if (event.status == core::CallStatus::ok && event.latency_ms && *event.latency_ms > 0) {
    observations.add(static_cast<std::int16_t>(core::log_bin(std::llround(*event.latency_ms))));
  }
  return observations;
}

std::string milliseconds(double value) { return core::describe_number(std::round(value)) + " ms"; }

Measured measure(const Baseline& baseline, const core::BucketSummary& since, double inflation) {
  const core::Counts& counts = since.counts(kMetric);
  Measured measured;
  measured.effect = stats::fit_quantile(baseline.counts(), counts, kSlow, inflation);
  measured.harm_low = measured.effect.low;
  measured.money_known = false;
  if (core::total_calls(counts) >= kCallsForSlowest) {
    const stats::Effect slowest = stats::fit_quantile(baseline.counts(), counts, kSlowest, inflation);
    measured.harm_low = std::max(measured.harm_low, slowest.low);
    measured.note = "P99 " + milliseconds(slowest.observed) + ", expected " + milliseconds(slowest.expected);
  }
  return measured;
}

const config::FieldSpec kFields[] = {
    {.name = "page",
     .type = config::FieldType::boolean,
     .default_value = "false",
     .doc = "Whether a change is a page (warning). Latency has no dollars: without this it is a ticket (info)."},
};

core::Result<std::unique_ptr<Detector>> make(const config::Values& values) {
  DriftModel model{.detector = "latency",
                   .metric = kMetric,
                   .quantity = "P95 of latency per call",
                   .unit = "ms",
                   .symptom = true,
                   .monetary = false,
                   .page_without_money = values.boolean("page"),
                   .family = {.lanes = {{stats::LaneKind::exceed, 3, .95},
                                        {stats::LaneKind::exceed, 6, .95},
                                        {stats::LaneKind::exceed, 4, .99},
                                        {stats::LaneKind::exceed, 8, .99},
                                        {stats::LaneKind::scale, 1.25},
                                        {stats::LaneKind::scale, 1.5},
                                        {stats::LaneKind::scale, 2},
                                        {stats::LaneKind::scale, 3}}},
                   .measure = measure};
  std::vector<core::MetricSpec> metrics{
      {.name = kMetric, .unit = "ms", .run_weighting = core::RunWeighting::information, .observe_call = observe}};
  return std::unique_ptr<Detector>(std::make_unique<DriftDetector>(std::move(model), std::move(metrics)));
}

}  // namespace

const DetectorSpec latency_spec{
    .title = "Latency",
    .measures = "P95 and P99 of latency_ms of calls that succeeded",
    .needs = "latency_ms",
    .blind_to = "calls that fail or are cancelled; time outside of the call; growth below about a fifth",
    .fields = kFields,
    .make = make};

}  // namespace costdrift::detectors
