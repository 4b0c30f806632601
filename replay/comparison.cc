#include "replay/comparison.h"

#include <algorithm>
#include <cstdio>

#include "core/money.h"
#include "core/text.h"

namespace costdrift::replay {
namespace {

constexpr core::Duration kSameOnset = core::hours(1);
constexpr core::Duration kNoticeable = core::minutes(1);

core::Duration distance(core::EventTime a, core::EventTime b) { return a < b ? b - a : a - b; }

bool is_same(const ToldIncident& a, const ToldIncident& b) {
  return a.first.incident_id == b.first.incident_id ||
         (a.first.series == b.first.series && distance(a.first.onset, b.first.onset) <= kSameOnset);
}

// B's partner of every incident of A, identical ids first.
std::vector<std::optional<std::size_t>> partners(const std::vector<ToldIncident>& a,
                                                 const std::vector<ToldIncident>& b) {
  std::vector<std::optional<std::size_t>> found(a.size());
  std::vector<bool> taken(b.size(), false);
  for (const bool by_id : {true, false}) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t j = 0; j < b.size() && !found[i]; ++j) {
        if (taken[j] || (by_id && a[i].first.incident_id != b[j].first.incident_id) || !is_same(a[i], b[j])) continue;
        found[i] = j;
        taken[j] = true;
      }
    }
  }
  return found;
}

Change change_of(const ToldIncident& a, const ToldIncident& b, core::Duration shift) {
  if (!a.page && b.page) return Change::worse;
  if (a.page && !b.page) return Change::milder;
  if (shift <= kNoticeable * -1) return Change::earlier;
  return shift >= kNoticeable ? Change::later : Change::same;
}

double lost(const ToldIncident& incident) { return incident.last.usd_so_far.value_or(0); }

void add_dollars(Comparison& comparison, const ToldIncident* a, const ToldIncident* b) {
  const bool in_a = a != nullptr && a->page, in_b = b != nullptr && b->page;
  comparison.pages_a += in_a ? 1 : 0;
  comparison.pages_b += in_b ? 1 : 0;
  if (in_a && !in_b) comparison.usd_only_a += lost(*a);
  if (in_b && !in_a) comparison.usd_only_b += lost(*b);
  if (in_a && in_b) comparison.usd_later += b->page->usd_so_far.value_or(0) - a->page->usd_so_far.value_or(0);
}

std::string times(std::int64_t n) { return n == 1 ? "once" : core::group_digits(n) + " times"; }

std::string per_week(double n) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", n);
  return text;
}

std::string verdict_of(const Comparison& comparison, const ReplayOutcome& a, const ReplayOutcome& b) {
  const bool same_pages = std::all_of(comparison.incidents.begin(), comparison.incidents.end(),
                                      [](const ComparedIncident& item) { return item.change == Change::same; });
  if (same_pages) return "B tells exactly what A tells: " + times(comparison.pages_a) + " paged.";
  std::string text = "B pages " + times(comparison.pages_b) + " where A pages " + times(comparison.pages_a) + " (" +
                     per_week(b.card.pages_per_week()) + " instead of " + per_week(a.card.pages_per_week()) +
                     " a week)";
  if (a.card.real_labels > 0) {
    text += "; it finds " + std::to_string(b.card.found) + " of " + std::to_string(b.card.real_labels) +
            " known incidents where A finds " + std::to_string(a.card.found) + ", and pages falsely " +
            times(b.card.false_pages) + " instead of " + times(a.card.false_pages);
  }
  if (comparison.usd_only_a > 0)
    text += "; it does not page for " + core::format_usd(comparison.usd_only_a) + " that A pages for";
  if (comparison.usd_only_b > 0)
    text += "; it pages for " + core::format_usd(comparison.usd_only_b) + " that A does not page for";
  if (comparison.usd_later >= 0.01) {
    text += "; where both page, " + core::format_usd(comparison.usd_later) + " more is lost before B's page";
  } else if (comparison.usd_later <= -0.01) {
    text += "; where both page, " + core::format_usd(-comparison.usd_later) + " less is lost before B's page";
  }
  return text + ".";
}

}  // namespace

std::string_view change_name(Change change) {
  switch (change) {
    case Change::only_a:
      return "only in A";
    case Change::only_b:
      return "only in B";
    case Change::same:
      return "the same";
    case Change::earlier:
      return "earlier in B";
    case Change::later:
      return "later in B";
    case Change::worse:
      return "a page in B only";
    case Change::milder:
      return "a page in A only";
  }
  core::bug("unknown change");
}

Comparison compare(const ReplayOutcome& a, const ReplayOutcome& b) {
  Comparison comparison;
  const auto partner = partners(a.incidents, b.incidents);
  std::vector<bool> taken(b.incidents.size(), false);
  for (std::size_t i = 0; i < a.incidents.size(); ++i) {
    const ToldIncident& in_a = a.incidents[i];
    if (!partner[i]) {
      comparison.incidents.push_back({.change = Change::only_a, .a = i, .b = std::nullopt, .shift = {}});
      add_dollars(comparison, &in_a, nullptr);
      continue;
    }
    const ToldIncident& in_b = b.incidents[*partner[i]];
    taken[*partner[i]] = true;
    const core::Duration shift = in_b.told().updated_at - in_a.told().updated_at;
    comparison.incidents.push_back({change_of(in_a, in_b, shift), i, partner[i], shift});
    add_dollars(comparison, &in_a, &in_b);
  }
  for (std::size_t j = 0; j < b.incidents.size(); ++j) {
    if (taken[j]) continue;
    comparison.incidents.push_back({.change = Change::only_b, .a = std::nullopt, .b = j, .shift = {}});
    add_dollars(comparison, nullptr, &b.incidents[j]);
  }
  const auto told_at = [&](const ComparedIncident& item) {
    return item.a ? a.incidents[*item.a].told().updated_at : b.incidents[*item.b].told().updated_at;
  };
  std::stable_sort(comparison.incidents.begin(), comparison.incidents.end(),
                   [&](const auto& x, const auto& y) { return told_at(x) < told_at(y); });
  comparison.verdict = verdict_of(comparison, a, b);
  return comparison;
}

}  // namespace costdrift::replay
