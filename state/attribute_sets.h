// AttributeSets: numbers for the tuples of dimension values that events carry, so that an open bucket keeps a number
// where a summary keeps texts. Numbers mean nothing outside of this object.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "core/bucket_summary.h"
#include "core/usage_event.h"
#include "state/flat_index.h"

namespace costdrift::state {

class AttributeSets {
 public:
  static constexpr std::uint32_t kEmpty = 0;

  AttributeSets();
  // The number of the event's own tuple; one hash and one comparison when it was seen before.
  std::uint32_t intern(const core::UsageEvent& event);
  std::uint32_t intern(const core::AttributeSet& set);
  const core::AttributeSet& at(std::uint32_t number) const { return entries_[number].set; }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string packed;
    core::AttributeSet set;
  };
  std::uint32_t intern_packed();

  std::deque<Entry> entries_;
  FlatIndex index_;
  std::string packed_;  // scratch
};

}  // namespace costdrift::state
