// Windows over an in-memory store, with everything that was closed written down.
#pragma once

#include "core/text.h"
#include "tests/state/state_fixture.h"

namespace costdrift::state::testing {

struct Harness {
  std::unique_ptr<Store> store = memory_store();
  WindowOptions options;
  std::unique_ptr<Windows> windows;
  std::string closed;
  std::vector<core::BucketSummary> summaries;  // of (app, model) series

  explicit Harness(WindowOptions the_options = {}) : options(the_options) { reload(); }

  void reload() {
    windows = std::make_unique<Windows>(*store, test_metrics(), options);
    const auto loaded = windows->load();
    EXPECT_TRUE(loaded) << loaded.error().message;
  }
  void restart() {
    windows->save();
    EXPECT_TRUE(store->commit());
    reload();
  }
  void add(const OwnedEvent& event) { windows->add(event.view(), event.position()); }
  void close(core::EventTime watermark) {
    windows->close_until(
        watermark, [&](const core::SeriesKey& key, const core::ClosedBucket& bucket) { write_down(key, bucket); },
        [&](core::EventTime end) { closed += "after " + core::format_rfc3339(end) + "\n"; });
  }
  core::BucketSummary sum(const std::string& app, core::EventTime from, core::EventTime to) const {
    return windows->history(series(app))->sum(from, to);
  }

 private:
  void write_down(const core::SeriesKey& key, const core::ClosedBucket& bucket) {
    const core::BucketSummary& summary = *bucket.summary;
    if (key.kind() == core::SeriesKind::app_model) summaries.push_back(summary);
    closed += core::format_rfc3339(bucket.start) + " " + key.text() + " " + std::to_string(summary.totals.calls) + " " +
              core::format_exact(summary.totals.cost);
    for (const auto& [name, counts] : summary.metrics)
      for (const core::BinCount& count : counts)
        closed += " " + name + "/" + std::to_string(count.bin) + "=" + std::to_string(count.weight);
    for (const auto& [run, delta] : summary.runs)
      closed += " " + delta.run_id + "*" + std::to_string(delta.calls) + (delta.ended ? "!" : "");
    for (const auto& [set, totals] : summary.attributes)
      closed += " " + core::SeriesKey::of(set).text() + "*" + std::to_string(totals.calls);
    for (const core::Sample& sample : summary.samples)
      closed += " " + sample.topic + "@" + std::to_string(sample.offset);
    closed += "\n";
  }
};

}  // namespace costdrift::state::testing
