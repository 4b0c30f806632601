#include "replay/miss_watch.h"

#include <cmath>
#include <cstdio>
#include <tuple>

#include "core/finding_record.h"
#include "core/text.h"
#include "replay/gathered.h"

namespace costdrift::replay {
namespace {

constexpr std::string_view kLabelRows = "label";

std::string one_decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

// How near to an alarm; evidence for a shape that is known is as far as none.
double nearness(const detectors::Standing& standing) {
  if (standing.learning) return -1;
  return standing.log10_needed > 0 ? standing.log10_evidence / standing.log10_needed : 0;
}

std::string immaterial_reason(const core::Finding& finding, const config::PageSettings& pages) {
  const std::string least = core::describe_percent(pages.min_effect).substr(1);
  if (std::abs(finding.effect) < pages.min_effect) {
    return "effect " + core::describe_percent(finding.effect) + " is under min_effect " + least;
  }
  return "effect " + core::describe_percent(finding.effect) + " may be only " +
         core::describe_percent(finding.harm_low).substr(finding.harm_low > 0 ? 1 : 0) + ", under half of min_effect " +
         least;
}

std::string withheld_reason(const core::Finding& finding, daemon::Withheld why, const config::PageSettings& pages) {
  const std::string who = " (" + finding.detector + ", " + core::escape_for_log(finding.series.display(), 100) + ")";
  switch (why) {
    case daemon::Withheld::immaterial:
      return immaterial_reason(finding, pages) + who;
    case daemon::Withheld::echo:
      return "taken for the echo of an incident that had just ended" + who;
    case daemon::Withheld::explained:
      return "explained by incidents of its parts" + who;
  }
  core::bug("unknown reason to withhold a finding");
}

bool is_of_kind(const IncidentLabel& label, const core::Finding& finding) {
  return label.kind.empty() || label.kind == finding.detector;
}

// Of what the label is about, then of what began in its time, then the larger one.
bool says_more(const IncidentLabel& label, const core::Finding& one, const core::Finding& other) {
  const auto rank = [&](const core::Finding& finding) {
    return std::tuple(is_of_kind(label, finding), finding.onset >= label.from - kLabelSlack, std::abs(finding.effect));
  };
  return rank(one) > rank(other);
}

}  // namespace

const std::vector<std::size_t>& MissWatch::labels_of(const core::SeriesKey& series) {
  const auto known = by_series_.find(series.text());
  if (known != by_series_.end()) return known->second;
  std::vector<std::size_t>& labels = by_series_[series.text()];
  const bool of_an_app = series.kind() == core::SeriesKind::app_model || series.kind() == core::SeriesKind::app;
  if (!of_an_app) return labels;
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    if (concerns(labels_[i], series)) labels.push_back(i);
  }
  return labels;
}

void MissWatch::on_bucket(const core::SeriesKey& series, const core::ClosedBucket& bucket,
                          std::span<const daemon::JudgeStanding> standings) {
  for (const std::size_t i : labels_of(series)) {
    const IncidentLabel& label = labels_[i];
    if (bucket.end <= label.from || bucket.start >= label.to) continue;
    Seen& seen = seen_[i];
    if (series.kind() == core::SeriesKind::app_model) {  // those of the app are the same calls once more
      seen.calls += bucket.summary->totals.calls;
      seen.spent += bucket.summary->totals.cost;
    }
    for (const auto& judge : standings) weigh(seen, label, series, judge);
  }
}

void MissWatch::weigh(Seen& seen, const IncidentLabel& label, const core::SeriesKey& series,
                      const daemon::JudgeStanding& judge) const {
  if (!label.kind.empty() && label.kind != judge.detector) return;
  ++seen.judged;
  if (judge.standing.learning) {
    ++seen.learning;
    return;
  }
  if (seen.evidence && nearness(judge.standing) <= nearness(seen.evidence->standing)) return;
  seen.evidence = {std::string(judge.detector), series.display(), judge.standing};
}

void MissWatch::on_withheld(const core::Finding& finding, daemon::Withheld why) {
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    const IncidentLabel& label = labels_[i];
    if (finding.evaluated_at < label.from || finding.evaluated_at > label.to + kLabelSlack) continue;
    if (!concerns(label, finding.series)) continue;
    auto& most = seen_[i].withheld;
    if (!most || says_more(label, finding, most->finding)) most = {finding, why};
  }
}

void MissWatch::on_muted(const core::AlertEvent& event, daemon::Muted why) {
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    if (means(labels_[i], event)) seen_[i].muted = why;
  }
}

void MissWatch::write(core::ByteWriter& out, const Seen& seen) {
  for (const std::int64_t number : {seen.calls, seen.judged, seen.learning, seen.spent.nano}) out.i64(number);
  out.u64(seen.muted ? 1 + static_cast<std::uint64_t>(*seen.muted) : 0);
  out.u64(seen.withheld ? 1 + static_cast<std::uint64_t>(seen.withheld->why) : 0);
  if (seen.withheld) core::save_finding(out, seen.withheld->finding);
  out.boolean(seen.evidence.has_value());
  if (!seen.evidence) return;
  const auto& [detector, series, standing] = *seen.evidence;
  out.text(detector);
  out.text(series);
  for (const bool flag : {standing.learning, standing.drifting, standing.seen_before}) out.boolean(flag);
  out.f64(standing.log10_evidence);
  out.f64(standing.log10_needed);
}

MissWatch::Seen MissWatch::read(core::ByteReader& in) {
  Seen seen;
  for (std::int64_t* number : {&seen.calls, &seen.judged, &seen.learning, &seen.spent.nano}) *number = in.i64();
  if (const auto muted = in.u64(); muted > 0) seen.muted = static_cast<daemon::Muted>(muted - 1);
  if (const auto why = in.u64(); why > 0) {
    seen.withheld = {core::restore_finding(in), static_cast<daemon::Withheld>(why - 1)};
  }
  if (!in.boolean()) return seen;
  Evidence& evidence = seen.evidence.emplace();
  evidence.detector = in.text();
  evidence.series = in.text();
  for (bool* flag : {&evidence.standing.learning, &evidence.standing.drifting, &evidence.standing.seen_before}) {
    *flag = in.boolean();
  }
  evidence.standing.log10_evidence = in.f64();
  evidence.standing.log10_needed = in.f64();
  return seen;
}

void MissWatch::save(state::Store& store) const {
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    core::ByteWriter out = gathered_value();
    write(out, seen_[i]);
    store.put(state::KeySpace::report, gathered_key(kLabelRows).u64(i).take(), out.take());
  }
}

bool MissWatch::load(const state::Store& store) {
  return read_gathered(store, kLabelRows, [this](state::OrderedKeyReader& key, core::ByteReader& in) {
    const std::uint64_t label = key.u64();
    if (label >= seen_.size()) return false;
    seen_[label] = read(in);
    return true;
  });
}

std::string MissWatch::reason(std::size_t label, const config::PageSettings& pages) const {
  const Seen& seen = seen_[label];
  if (seen.muted) return *seen.muted == daemon::Muted::silenced ? "silenced" : "snoozed";
  if (seen.calls == 0) return "no calls of " + describe_match(labels_[label]) + " in this time";
  // What another detector withheld is the reason only where the one that is meant has nothing to say.
  if (seen.withheld && (is_of_kind(labels_[label], seen.withheld->finding) || !seen.evidence))
    return withheld_reason(seen.withheld->finding, seen.withheld->why, pages);
  if (!seen.evidence) {
    if (seen.learning > 0) return "quarantined: the series was still learning what is normal";
    return labels_[label].kind.empty()
               ? "no detector weighs these calls"
               : "no detector " + core::escape_for_log(labels_[label].kind, 64) + " weighs these calls";
  }
  const auto& [detector, series, standing] = *seen.evidence;
  const std::string reached = one_decimal(standing.log10_evidence) + " of " + one_decimal(standing.log10_needed) +
                              " (" + detector + ", " + core::escape_for_log(series, 100) + ")";
  if (standing.drifting) return "an earlier drift of the series was still open: evidence " + reached;
  if (standing.seen_before) return "the series has shown such calls before: evidence " + reached;
  return "evidence reached " + reached;
}

}  // namespace costdrift::replay
