#include "state/metric_names.h"

#include <algorithm>

#include "core/bytes.h"

namespace costdrift::state {
namespace {

constexpr std::uint64_t kMetricNamesVersion = 1;

}  // namespace

core::Result<void> MetricNames::load() {
  const auto bytes = store_.get(KeySpace::meta, kMetricNamesKey);
  if (store_.failed()) return core::fail(core::ErrorCode::io, store_.failure());
  if (!bytes) return {};
  core::ByteReader in(*bytes);
  const bool known = in.u64() == kMetricNamesVersion;
  names_.clear();
  for (std::size_t left = in.count(); left > 0; --left) names_.push_back(in.text());
  if (known && in.finished()) return {};
  store_.report_unreadable(KeySpace::meta, kMetricNamesKey);
  return core::fail(core::ErrorCode::io, store_.failure());
}

std::uint64_t MetricNames::number(std::string_view name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  const auto number = static_cast<std::uint64_t>(found - names_.begin());
  if (found != names_.end()) return number;
  names_.emplace_back(name);
  core::ByteWriter out;
  out.u64(kMetricNamesVersion);
  out.u64(names_.size());
  for (const std::string& each : names_) out.text(each);
  store_.put(KeySpace::meta, std::string(kMetricNamesKey), out.take());
  return number;
}

const std::string* MetricNames::name(std::uint64_t number) const {
  return number < names_.size() ? &names_[number] : nullptr;
}

}  // namespace costdrift::state
