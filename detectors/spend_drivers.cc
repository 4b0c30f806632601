#include "detectors/spend_drivers.h"

#include "detectors/drivers.h"

namespace costdrift::detectors {
namespace {

constexpr core::Duration kBack = core::days(7);

struct Span {
  core::EventTime from, to;
  core::Duration length() const { return to - from; }
};

// Hours are what is left of last week.
Span week_before(const Span& span) {
  const core::EventTime last = core::floor_to(span.to - kBack, core::hours(1));
  const bool whole = last == span.to - kBack;
  return {core::floor_to(span.from - kBack, core::hours(1)), whole ? last : last + core::hours(1)};
}

AttributeMap by_app(const core::SeriesHistory& history, const Span& span) {
  AttributeMap cells;
  for (auto& [app, totals] : history.by_app(span.from, span.to)) cells[{{core::Dimension::app, app}}] = totals;
  return cells;
}

}  // namespace

std::vector<core::Driver> spend_drivers(const core::SeriesHistory& history, core::EventTime onset,
                                        core::EventTime now) {
  const Span after{onset, now}, before = week_before(after);
  const double ratio = core::to_hours(after.length()) / core::to_hours(before.length());
  const auto ask = [&](const AttributeMap& was, const AttributeMap& is) {
    if (was.empty() || is.empty()) return std::vector<core::Driver>();
    return find_drivers(
        {.before = was, .after = is, .part = core::CostPart::volume, .calls_ratio = ratio, .dispersion = std::nullopt});
  };
  auto apps = ask(by_app(history, before), by_app(history, after));
  if (!apps.empty()) return apps;
  return ask(history.sum(before.from, before.to).attributes, history.sum(after.from, after.to).attributes);
}

}  // namespace costdrift::detectors
