#include "detectors/blind_spot_judge.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "detectors/finding_builder.h"

namespace costdrift::detectors {
namespace {

constexpr std::uint64_t kBlindSpotVersion = 3;
constexpr core::Duration kGoneAfter = core::days(14);
constexpr core::Duration kShortestPause = core::minutes(15);
constexpr double kFewestMissing = 100, kTimesWorst = 3;
constexpr ShareRule kDropped{.least = 0.05, .of_usual = 3, .of_rest = 0, .most_usual = 0.3, .fewest_calls = 30};

struct DropWords {
  std::string_view aspect, quantity, note, ends;
};
const DropWords& words_of(core::DroppedEvent why) {
  static constexpr DropWords kDuplicate{"duplicate", "events that come twice",
                                        "the same event_id again and again: each is counted once",
                                        "fewer events come twice"};
  static constexpr DropWords kLate{"late", "events that come too late",
                                   "they count in the ledger and in budgets, but are not judged",
                                   "events come in time again"};
  static constexpr DropWords kFuture{"future", "events with a time in the future",
                                     "a producer's clock is ahead: they count when the broker got them, and are not "
                                     "judged",
                                     "the producer's clock is right again"};
  switch (why) {
    case core::DroppedEvent::duplicate:
      return kDuplicate;
    case core::DroppedEvent::late:
      return kLate;
    case core::DroppedEvent::future:
      return kFuture;
  }
  core::bug("unknown reason of a dropped event");
}

core::SeriesKey app_key(const std::string& app) { return core::SeriesKey::of({{core::Dimension::app, app}}); }

core::FindingPhase phase_of(ShareWatch::Change change) {
  switch (change) {
    case ShareWatch::Change::none:
    case ShareWatch::Change::began:
      return core::FindingPhase::drifting;
    case ShareWatch::Change::ended:
      return core::FindingPhase::recovered;
    case ShareWatch::Change::learned:
      return core::FindingPhase::absorbed;
  }
  core::bug("unknown change");
}

void set_values(core::Finding& finding, double expected, double observed) {
  finding.expected = expected;
  finding.observed = observed;
  finding.effect = expected > 0 ? observed / expected - 1 : 0;
  finding.effect_low = finding.effect_high = finding.effect;
}

void set_onset(core::Finding& finding, const ShareWatch& watch) {
  finding.onset = finding.onset_earliest = watch.onset();
  finding.onset_latest = watch.onset() + ShareWatch::kWindow;
  finding.calls = watch.calls();
}

void set_silence(core::Finding& finding, core::EventTime since, double missing) {
  finding.onset = finding.onset_earliest = finding.onset_latest = since;
  finding.quantity = "calls";
  finding.unit = "calls";
  set_values(finding, std::floor(missing), 0);
  finding.note = "nothing was recorded, which is not the same as nothing spent";
  finding.quiet_if = "calls come again";
}

}  // namespace

void BlindSpotJudge::observe(const Observation& observation, Findings& findings) {
  const core::ClosedBucket& bucket = observation.bucket;
  watch_pause(bucket, findings);
  watch_fields(bucket, findings);
  watch_apps(bucket, findings);
  const core::EventTime day = core::floor_to(bucket.start, core::days(1));
  if (last_end_ != core::EventTime::min() && last_end_ <= day) forget_gone(day);
  last_end_ = bucket.end;
}

core::Finding BlindSpotJudge::finding(const core::ClosedBucket& bucket, core::SeriesKey series,
                                      std::string aspect) const {
  core::Finding finding;
  finding.detector = "blind_spot";
  finding.series = std::move(series);
  finding.aspect = std::move(aspect);
  finding.evaluated_at = bucket.end;
  finding.unit = "share of calls";
  finding.harm_low = 1;
  finding.exact = finding.told_alone = true;
  finding.money_known = finding.monetary = false;
  finding.page_without_money = page_;
  finding.cost_part = core::CostPart::volume;
  return finding;
}

void BlindSpotJudge::tell(core::Finding finding, ShareWatch::Change change, Findings& findings) {
  finding.phase = phase_of(change);
  findings.push_back(std::move(finding));
}

void BlindSpotJudge::watch_fields(const core::ClosedBucket& bucket, Findings& findings) {
  for (const core::SeriesPart& part : bucket.parts) {
    auto known = series_.find(part.series->text());
    if (known == series_.end()) {
      if (series_.size() >= kMostSeries) continue;
      known = series_.try_emplace(part.series->text()).first;
    }
    known->second.last_call = bucket.end;
    const FieldCounts counts = count_fields(*part.summary);
    for (std::size_t field = 0; field < kWatchedFields; ++field) {
      ShareWatch& watch = known->second.fields[field];
      const auto change = watch.add(bucket.start, counts.missing[field], counts.calls, kMissingField);
      if (change == ShareWatch::Change::none) continue;
      core::Finding said = finding(bucket, *part.series, "missing " + std::string(watched_field(field)));
      said.quantity = "calls that give " + std::string(watched_field(field));
      set_values(said, 1 - watch.usual(), 1 - watch.share());
      set_onset(said, watch);
      said.attributes = commonest_attributes(*part.summary);
      said.samples = part.summary->samples;
      said.note = "what is reckoned from it is unknown, not saved";
      said.quiet_if = "calls give it again";
      tell(std::move(said), change, findings);
    }
  }
}

void BlindSpotJudge::watch_apps(const core::ClosedBucket& bucket, Findings& findings) {
  std::map<std::string, Minute> minutes;
  for (const core::SeriesPart& part : bucket.parts)
    minutes[part.series->label(core::Dimension::app)].calls += part.summary->totals.calls;
  for (const core::DroppedCalls& dropped : bucket.dropped)
    minutes[dropped.series->label(core::Dimension::app)].dropped[static_cast<std::size_t>(dropped.why)] +=
        dropped.calls;
  for (const auto& [app, minute] : minutes)
    if (apps_.size() < kMostApps) apps_.try_emplace(app);
  for (auto& [app, state] : apps_) {
    const auto found = minutes.find(app);
    const Minute& minute = found == minutes.end() ? Minute{} : found->second;
    watch_drops(app, state, minute, bucket, findings);
    watch_silence(app, state, minute, bucket, findings);
  }
}

void BlindSpotJudge::watch_drops(const std::string& app, App& state, const Minute& minute,
                                 const core::ClosedBucket& bucket, Findings& findings) {
  for (std::size_t reason = 0; reason < kDropReasons; ++reason) {
    ShareWatch& watch = state.drops[reason];
    const std::int64_t dropped = minute.dropped[reason];
    const auto change = watch.add(bucket.start, dropped, minute.calls + dropped, kDropped);
    if (change == ShareWatch::Change::none) continue;
    const DropWords& words = words_of(static_cast<core::DroppedEvent>(reason));
    core::Finding said = finding(bucket, app_key(app), std::string(words.aspect));
    said.quantity = words.quantity;
    said.unit = "share of events";
    set_values(said, watch.usual(), watch.share());
    set_onset(said, watch);
    said.note = words.note;
    said.quiet_if = words.ends;
    tell(std::move(said), change, findings);
  }
}

void BlindSpotJudge::watch_silence(const std::string& app, App& state, const Minute& minute,
                                   const core::ClosedBucket& bucket, Findings& findings) {
  SilenceWatch& watch = state.silence;
  const core::EventTime since = watch.last_call();
  const double missing = watch.missing();
  // Events that came too late or twice show that the producer is alive.
  std::int64_t alive = minute.calls;
  for (const std::int64_t dropped : minute.dropped) alive += dropped;
  const auto change = watch.add(bucket.start, alive);
  if (watch.take_learned()) mark_model_changed();
  // Told again and again, or the incident would end for want of the very calls that it is about.
  const bool goes_on = watch.silent() && core::floor_to(bucket.start, core::hours(1)) == bucket.start;
  if (change == SilenceWatch::Change::none && !goes_on) return;
  core::Finding said = finding(bucket, app_key(app), "silent");
  const bool ended = change == SilenceWatch::Change::ended;
  set_silence(said, since, ended ? missing : watch.missing());
  if (ended) said.phase = core::FindingPhase::recovered;
  findings.push_back(std::move(said));
}

void BlindSpotJudge::watch_pause(const core::ClosedBucket& bucket, Findings& findings) {
  if (pause_) {
    core::Finding over = finding(bucket, core::SeriesKey(), "silent");
    set_silence(over, pause_->since, pause_->missing);
    over.phase = core::FindingPhase::recovered;
    findings.push_back(std::move(over));
    pause_.reset();
  }
  if (last_end_ == core::EventTime::min() || bucket.start - last_end_ < kShortestPause) return;
  const double missing = expected_between(last_end_, bucket.start);
  const bool tell = missing >= std::max(kFewestMissing, kTimesWorst * worst_pause_);
  worst_pause_ = std::max(worst_pause_, missing);
  if (!tell) return;
  core::Finding said = finding(bucket, core::SeriesKey(), "silent");
  set_silence(said, last_end_, missing);
  said.note += "; it ended at " + core::format_clock(bucket.start);
  findings.push_back(std::move(said));
  pause_ = {last_end_, missing};
}

// Calls that all apps together make at least; of a long pause the first week counts.
double BlindSpotJudge::expected_between(core::EventTime from, core::EventTime to) const {
  double sum = 0;
  const core::EventTime last = std::min(to, from + core::days(7));
  for (core::EventTime at = from; at < last;) {
    const core::EventTime next = std::min(last, core::floor_to(at, core::hours(1)) + core::hours(1));
    for (const auto& [app, state] : apps_) sum += state.silence.expected(at) * core::to_hours(next - at) * 60;
    at = next;
  }
  return sum;
}

void BlindSpotJudge::forget_gone(core::EventTime now) {
  std::erase_if(apps_, [&](const auto& app) {
    const core::EventTime last = app.second.silence.last_call();
    return last != core::EventTime::min() && now - last > kGoneAfter;
  });
  std::erase_if(series_, [&](const auto& series) { return now - series.second.last_call > kGoneAfter; });
  mark_model_changed();
}

void BlindSpotJudge::rebase(const core::SeriesKey& of) {
  if (const auto app = apps_.find(of.label(core::Dimension::app)); app != apps_.end()) {
    app->second.drops = {};
    app->second.silence.accept();
  }
  series_.erase(of.text());
  mark_model_changed();
}

void BlindSpotJudge::save_lanes(core::ByteWriter& out) const {
  out.u64(kBlindSpotVersion);
  out.i64(last_end_.us);
  out.boolean(pause_.has_value());
  if (pause_) {
    out.i64(pause_->since.us);
    out.f64(pause_->missing);
  }
  out.f64(worst_pause_);
  out.u64(apps_.size());
  for (const auto& [app, state] : apps_) {
    out.text(app);
    for (const ShareWatch& watch : state.drops) watch.save(out);
    state.silence.save(out);
  }
  out.u64(series_.size());
  for (const auto& [series, state] : series_) {
    out.text(series);
    for (const ShareWatch& watch : state.fields) watch.save(out);
    out.i64(state.last_call.us);
  }
}

void BlindSpotJudge::save_model(core::ByteWriter& out) const {
  out.u64(kBlindSpotVersion);
  out.u64(apps_.size());
  for (const auto& [app, state] : apps_) {
    out.text(app);
    state.silence.save_hours(out);
  }
}

bool BlindSpotJudge::restore(std::string_view lanes, std::string_view model) {
  core::ByteReader hot(lanes), in(model);
  if (hot.u64() != kBlindSpotVersion || in.u64() != kBlindSpotVersion) return false;
  last_end_ = {hot.i64()};
  if (hot.boolean()) {
    const core::EventTime since{hot.i64()};
    pause_ = {since, hot.f64()};
  }
  worst_pause_ = hot.f64();
  for (std::size_t left = hot.count(48); left > 0; --left) {
    App& state = apps_[hot.text()];
    for (ShareWatch& watch : state.drops) watch.restore(hot);
    state.silence.restore(hot);
  }
  for (std::size_t left = hot.count(48); left > 0; --left) {
    Series& state = series_[hot.text()];
    for (ShareWatch& watch : state.fields) watch.restore(hot);
    state.last_call = {hot.i64()};
  }
  for (std::size_t left = in.count(193); left > 0; --left) {
    const auto app = apps_.find(in.text());
    SilenceWatch gone;
    (app == apps_.end() ? gone : app->second.silence).restore_hours(in);
  }
  model_saved();
  return hot.finished() && in.finished();
}

std::size_t BlindSpotJudge::memory_bytes() const {
  return sizeof *this + apps_.size() * (sizeof(App) + 100) + series_.size() * (sizeof(Series) + 150);
}

}  // namespace costdrift::detectors
