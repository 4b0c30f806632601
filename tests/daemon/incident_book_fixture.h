// A book of incidents on a store in memory, and how tests ask it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "daemon/incidents/incident_book.h"
#include "tests/daemon/finding_support.h"

namespace costdrift::daemon {

class IncidentBookTest : public ::testing::Test {
 protected:
  IncidentBookTest() { restart(core::EventTime::min()); }

  // A new book on what the store holds; `closed_until` as the windows would say.
  void restart(core::EventTime closed_until) {
    book_ = std::make_unique<IncidentBook>(settings_, *store_);
    const auto loaded = book_->load(closed_until);
    ASSERT_TRUE(loaded) << loaded.error().message;
  }

  // The one event that a finding causes.
  core::AlertEvent only(const core::Finding& finding) {
    auto events = book_->apply(finding);
    EXPECT_EQ(events.size(), 1U) << finding.detector;
    return events.empty() ? core::AlertEvent() : events.front();
  }

  std::vector<core::AlertEvent> at(core::EventTime now) {
    return book_->advance_to(now, [this](const core::SeriesKey&) { return last_call_; });
  }

  config::Settings settings_ = test_support::page_settings();
  std::unique_ptr<state::Store> store_ = std::move(*state::Store::open("book", {.sync = false, .in_memory = true}));
  std::unique_ptr<IncidentBook> book_;
  core::EventTime last_call_ = test_support::kOnset;
};

}  // namespace costdrift::daemon
