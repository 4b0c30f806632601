#include "core/finding_record.h"

#include <algorithm>

namespace costdrift::core {
namespace {

// Beside the phase, so that findings that were stored without a month are read as what they are.
constexpr std::uint64_t kHasMonth = 16;

void save_samples(ByteWriter& out, const std::vector<Sample>& samples) {
  out.u64(samples.size());
  for (const auto& sample : samples) {
    out.i64(sample.cost.nano);
    out.text(sample.topic);
    out.i64(sample.partition);
    out.i64(sample.offset);
    out.text(sample.trace_id);
    out.text(sample.run_id);
  }
}

std::vector<Sample> restore_samples(ByteReader& in) {
  std::vector<Sample> samples(in.count(6));
  for (auto& sample : samples) {
    sample.cost = {in.i64()};
    sample.topic = in.text();
    sample.partition = static_cast<std::int32_t>(in.i64());
    sample.offset = in.i64();
    sample.trace_id = in.text();
    sample.run_id = in.text();
  }
  return samples;
}

// A damaged record must not become a dimension that has no name.
Dimension restore_dimension(ByteReader& in) {
  const std::uint64_t number = in.u64();
  for (const Dimension dimension : kDimensions) {
    if (static_cast<std::uint64_t>(dimension) == number) return dimension;
  }
  return Dimension::app;
}

DriverKind restore_driver_kind(ByteReader& in) {
  switch (in.u64()) {
    case static_cast<std::uint64_t>(DriverKind::mix):
      return DriverKind::mix;
    case static_cast<std::uint64_t>(DriverKind::volume):
      return DriverKind::volume;
    default:
      return DriverKind::rate;
  }
}

void save_drivers(ByteWriter& out, const std::vector<Driver>& drivers) {
  out.u64(drivers.size());
  for (const auto& driver : drivers) {
    out.u64(static_cast<std::uint64_t>(driver.dimension));
    out.text(driver.value);
    out.f64(driver.share);
    out.u64(static_cast<std::uint64_t>(driver.kind));
  }
}

std::vector<Driver> restore_drivers(ByteReader& in) {
  std::vector<Driver> drivers(in.count(11));
  for (auto& driver : drivers) {
    driver.dimension = restore_dimension(in);
    driver.value = in.text();
    driver.share = in.f64();
    driver.kind = restore_driver_kind(in);
  }
  return drivers;
}

}  // namespace

void save_finding(ByteWriter& out, const Finding& f) {
  for (const std::string* text :
       {&f.detector, &f.series.text(), &f.aspect, &f.unit, &f.quantity, &f.note, &f.quiet_if}) {
    out.text(*text);
  }
  for (const EventTime time : {f.evaluated_at, f.onset, f.onset_earliest, f.onset_latest}) out.i64(time.us);
  for (const double value : {f.expected, f.observed, f.effect, f.effect_low, f.effect_high, f.harm_low,
                             f.log10_evidence, f.excess_usd_per_hour, f.moved_usd_per_hour}) {
    out.f64(value);
  }
  out.u64(static_cast<std::uint64_t>(f.phase) + (f.excess_usd_per_month ? kHasMonth : 0));
  if (f.excess_usd_per_month) out.f64(*f.excess_usd_per_month);
  out.boolean(f.symptom);
  out.boolean(f.hard_limit);
  out.i64(f.calls);
  out.i64(f.excess_so_far.nano);
  out.boolean(f.money_known);
  out.boolean(f.monetary);
  out.boolean(f.page_without_money);
  out.boolean(f.specific);
  out.boolean(f.exact);
  out.boolean(f.told_alone);
  out.boolean(f.below_money_gate);
  out.u64(static_cast<std::uint64_t>(f.cost_part));
  for (const NanoUsd part : f.split) out.i64(part.nano);
  save_drivers(out, f.drivers);
  save_samples(out, f.samples);
  out.u64(f.attributes.size());
  for (const auto& [dimension, value] : f.attributes) {
    out.u64(static_cast<std::uint64_t>(dimension));
    out.text(value);
  }
}

Finding restore_finding(ByteReader& in) {
  Finding f;
  f.detector = in.text();
  f.series = SeriesKey::from_text(in.text());
  for (std::string* text : {&f.aspect, &f.unit, &f.quantity, &f.note, &f.quiet_if}) *text = in.text();
  for (EventTime* time : {&f.evaluated_at, &f.onset, &f.onset_earliest, &f.onset_latest}) *time = {in.i64()};
  for (double* value : {&f.expected, &f.observed, &f.effect, &f.effect_low, &f.effect_high, &f.harm_low,
                        &f.log10_evidence, &f.excess_usd_per_hour, &f.moved_usd_per_hour}) {
    *value = in.f64();
  }
  const std::uint64_t phase = in.u64();
  if ((phase & kHasMonth) != 0) f.excess_usd_per_month = in.f64();
  f.phase = static_cast<FindingPhase>(std::min<std::uint64_t>(phase % kHasMonth, 2));
  f.symptom = in.boolean();
  f.hard_limit = in.boolean();
  f.calls = in.i64();
  f.excess_so_far = {in.i64()};
  f.money_known = in.boolean();
  f.monetary = in.boolean();
  f.page_without_money = in.boolean();
  f.specific = in.boolean();
  f.exact = in.boolean();
  f.told_alone = in.boolean();
  f.below_money_gate = in.boolean();
  f.cost_part = static_cast<CostPart>(std::min<std::uint64_t>(in.u64(), kCostParts - 1));
  for (NanoUsd& part : f.split) part = {in.i64()};
  f.drivers = restore_drivers(in);
  f.samples = restore_samples(in);
  f.attributes.resize(in.count(2));
  for (auto& [dimension, value] : f.attributes) {
    dimension = restore_dimension(in);
    value = in.text();
  }
  return f;
}

}  // namespace costdrift::core
