// ReplayReport: everything that a report shows, whatever its form: Markdown, JSON, HTML.
//
// The same log, labels and configurations give the same bytes: no clock, no host in it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "replay/comparison.h"
#include "replay/runner.h"
#include "replay/spend_curve.h"

namespace costdrift::replay {

struct ReplayReport {
  config::PageSettings pages;  // of A
  ReplayResult result;
  std::vector<IncidentLabel> labels;
  ReplayOutcome a;
  SpendCurve spend;
  std::optional<ReplayOutcome> b;
  std::optional<Comparison> comparison;
};

// For a pull request or a terminal.
std::string to_markdown(const ReplayReport& report);
// One object; docs in replay/README.md "Reports".
std::string to_json(const ReplayReport& report);

}  // namespace costdrift::replay
