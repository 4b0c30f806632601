// MetricNames: small stored numbers for the names of metrics, so that rows need not repeat them. A number is never
// given to another name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "state/store.h"

namespace costdrift::state {

class MetricNames {
 public:
  explicit MetricNames(Store& store) : store_(store) {}
  core::Result<void> load();
  // A new name gets the next number, which is put into the store's overlay at once.
  std::uint64_t number(std::string_view name);
  // nullptr: no such number.
  const std::string* name(std::uint64_t number) const;

 private:
  Store& store_;
  std::vector<std::string> names_;
};

// The row of KeySpace::meta that holds the names in the order of their numbers.
inline constexpr std::string_view kMetricNamesKey = "metrics";

}  // namespace costdrift::state
