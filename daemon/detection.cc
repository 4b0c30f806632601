#include "daemon/detection.h"

#include <algorithm>
#include <sstream>

#include "core/bytes.h"

namespace costdrift::daemon {
namespace {

// Memory of detection as a whole, beside that of the judges.
std::string simultaneous_key() { return state::memory_key("simultaneous_alarms", ""); }
std::string at_risk_key() { return state::memory_key("money_at_risk", ""); }
std::string stake_key(std::string_view series) { return state::memory_key("money_at_risk", series); }
std::string siblings_key(std::string_view detector) { return state::memory_key("siblings", detector); }

template <class Shared>
void save_if_changed(Shared& shared, const std::string& key, state::RecordTable& table) {
  if (!shared.changed()) return;
  core::ByteWriter bytes;
  shared.save(bytes);
  table.put(key, bytes.bytes());
  shared.saved();
}

}  // namespace

Detection::Detection(const config::Settings& settings, state::Store& store)
    : settings_(settings), lanes_(store, state::KeySpace::lanes), models_(store, state::KeySpace::models) {}

core::Result<std::vector<InstalledDetector>> make_detectors(const config::Settings& settings) {
  std::vector<InstalledDetector> made;
  std::string problems;
  for (const auto& configured : settings.detectors) {
    if (!configured.enabled) continue;
    const auto* spec = detectors::find_detector(configured.name);
    if (spec == nullptr) core::bug("configured detector is not registered");
    auto detector = spec->make(configured.values);
    if (detector) {
      made.push_back({configured.name, *std::move(detector), configured.shadow});
    } else {
      std::istringstream lines(detector.error().message);
      for (std::string line; std::getline(lines, line);)
        problems += (problems.empty() ? "" : "\n") + settings.source_path + ":" + line;
    }
  }
  if (!problems.empty()) return core::fail(core::ErrorCode::config, problems);
  return made;
}

core::Result<std::unique_ptr<Detection>> Detection::make(const config::Settings& settings, state::Store& store) {
  auto made = make_detectors(settings);
  if (!made) return made.error();
  std::unique_ptr<Detection> detection(new Detection(settings, store));
  detection->detectors_ = *std::move(made);
  detection->siblings_.resize(detection->detectors_.size());
  return detection;
}

std::vector<core::MetricSpec> Detection::metrics() const {
  std::vector<core::MetricSpec> all;
  for (const auto& installed : detectors_) {
    for (const auto& metric : installed.detector->metrics()) {
      const bool known = std::any_of(all.begin(), all.end(), [&](const auto& m) { return m.name == metric.name; });
      if (!known) all.push_back(metric);
    }
  }
  return all;
}

core::SeriesKinds Detection::kinds() const {
  core::SeriesKinds kinds{core::SeriesKind::app_model};
  for (const auto& installed : detectors_) kinds |= installed.detector->kinds();
  return kinds;
}

std::vector<std::string> Detection::shadow_detectors() const {
  std::vector<std::string> names;
  for (const auto& installed : detectors_) {
    if (installed.shadow) names.push_back(installed.name);
  }
  return names;
}

void Detection::count_judge(const InstalledDetector& installed) {
  if (installed.detector->shares_page_budget()) ++(installed.shadow ? shadow_judges_ : judges_);
}

void Detection::load() {
  lanes_.scan([&](std::string_view key, std::string_view) {
    const std::string_view name = key.substr(0, key.find('\0'));
    const auto at = std::find_if(detectors_.begin(), detectors_.end(), [&](const auto& d) { return d.name == name; });
    if (at != detectors_.end()) count_judge(*at);
    return true;
  });
  // Bytes of another version: as new.
  if (const auto stored = models_.get(simultaneous_key())) (void)simultaneous_.restore(*stored);
  if (const auto stored = models_.get(at_risk_key())) (void)at_risk_.restore(*stored);
  for (std::size_t i = 0; i < detectors_.size(); ++i) {
    if (const auto stored = models_.get(siblings_key(detectors_[i].name))) (void)siblings_[i].restore(*stored);
  }
}

void Detection::bucket_time_ended(core::EventTime now) {
  simultaneous_.bucket_time_ended(now, settings_.pages.false_pages_per_week);
  at_risk_.bucket_time_ended(now);
}

Detection::SeriesState& Detection::state_of(const core::SeriesKey& series, const state::Windows& windows) {
  const auto found = series_.find(series.text());
  if (found != series_.end()) return found->second;
  SeriesState& state = series_[series.text()];
  state.judges.resize(detectors_.size());
  state.kind = series.kind();
  state.history = windows.history(series);
  restore(series, state);
  return state;
}

void Detection::restore(const core::SeriesKey& series, SeriesState& state) {
  if (const auto stored = lanes_.get(stake_key(series.text()))) {
    core::ByteReader in(*stored);
    state.stake.restore(in);
  }
  for (std::size_t i = 0; i < detectors_.size(); ++i) {
    const std::string key = state::memory_key(detectors_[i].name, series.text());
    const auto stored = lanes_.get(key);
    if (!stored) continue;
    core::ByteReader in(*stored);
    state.last_bucket = {in.i64()};
    const std::string lanes = in.text();
    state.judges[i] = detectors_[i].detector->judge(series);
    // Bytes of another version: the judge learns anew.
    if (!state.judges[i]->restore(lanes, models_.get(key).value_or(""))) {
      state.judges[i] = detectors_[i].detector->judge(series);
    }
  }
}

void Detection::observe(const core::SeriesKey& series, const core::ClosedBucket& bucket, const state::Windows& windows,
                        std::vector<core::Finding>& findings, std::vector<core::Finding>& shadow) {
  SeriesState& state = state_of(series, windows);
  count_stake(bucket, state);
  double margin = detectors::SeriesJudge::kNoMargin;
  for (std::size_t i = 0; i < detectors_.size(); ++i) {
    auto& judge = state.judges[i];
    if (judge == nullptr) {
      const detectors::Detector& detector = *detectors_[i].detector;
      if (!detector.kinds().has(state.kind) || !detector.concerns(*bucket.summary)) continue;
      judge = detectors_[i].detector->judge(series);
      count_judge(detectors_[i]);
    }
    const bool hidden = detectors_[i].shadow;
    const detectors::Budget of_judge = budget(state, detectors_[i]);
    judge->observe({.bucket = bucket, .history = state.history.get(), .budget = of_judge, .siblings = &siblings_[i]},
                   hidden ? shadow : findings);
    if (!hidden) margin = std::max(margin, judge->evidence_margin(of_judge));
  }
  if (state.kind == core::SeriesKind::app_model) simultaneous_.report(series.text(), margin, bucket.end);
  state.last_bucket = bucket.end;
  mark_dirty(series, state);
}

// Of the judges that the series had before this bucket: what is new has a stake from the next day on.
void Detection::count_stake(const core::ClosedBucket& bucket, SeriesState& state) {
  if (!state.stake.add(bucket.start, bucket.summary->totals)) return;
  std::int64_t judges = 0;
  for (std::size_t i = 0; i < detectors_.size(); ++i) {
    const detectors::Detector& detector = *detectors_[i].detector;
    const bool shares = !detectors_[i].shadow && detector.shares_page_budget() && detector.evidence_by_call();
    if (state.judges[i] != nullptr && shares) ++judges;
  }
  at_risk_.restake(state.stake, judges);
}

detectors::Budget Detection::budget(const SeriesState& state, const InstalledDetector& installed) const {
  return {.false_pages_per_week = settings_.pages.false_pages_per_week,
          .judges = installed.shadow ? judges_ + shadow_judges_ : judges_,
          .share = installed.detector->evidence_by_call() ? at_risk_.share(state.stake) : 1,
          .min_effect = settings_.pages.min_effect,
          .min_usd_per_hour = settings_.pages.min_usd_per_hour,
          .relief = simultaneous_.relief()};
}

void Detection::standings(const core::SeriesKey& series, std::vector<JudgeStanding>& out) const {
  out.clear();
  const auto found = series_.find(series.text());
  if (found == series_.end()) return;
  for (std::size_t i = 0; i < detectors_.size(); ++i) {
    const auto& judge = found->second.judges[i];
    if (judge == nullptr || detectors_[i].shadow) continue;
    if (const auto standing = judge->standing(budget(found->second, detectors_[i])))
      out.push_back({detectors_[i].name, *standing});
  }
}

void Detection::mark_dirty(const core::SeriesKey& series, SeriesState& state) {
  if (state.dirty) return;
  state.dirty = true;
  dirty_.push_back(&*series_.find(series.text()));
}

void Detection::rebase(const core::SeriesKey& series, const std::string& detector, const state::Windows& windows) {
  // What a judge of everything finds may be about one application.
  const core::SeriesKey everything;
  if (!rebase_judge(series, series, detector, windows)) (void)rebase_judge(everything, series, detector, windows);
}

bool Detection::rebase_judge(const core::SeriesKey& judged, const core::SeriesKey& of, const std::string& detector,
                             const state::Windows& windows) {
  SeriesState& state = state_of(judged, windows);
  for (std::size_t i = 0; i < detectors_.size(); ++i) {
    if (detectors_[i].name != detector || state.judges[i] == nullptr) continue;
    state.judges[i]->rebase(of);
    mark_dirty(judged, state);
    return true;
  }
  return false;
}

core::EventTime Detection::last_seen(const core::SeriesKey& series, const state::Windows& windows) {
  return state_of(series, windows).last_bucket;
}

void Detection::save() {
  save_series();
  save_shared();
}

void Detection::save_shared() {
  save_if_changed(simultaneous_, simultaneous_key(), models_);
  save_if_changed(at_risk_, at_risk_key(), models_);
  for (std::size_t i = 0; i < detectors_.size(); ++i) {
    save_if_changed(siblings_[i], siblings_key(detectors_[i].name), models_);
  }
}

void Detection::save_series() {
  for (auto* item : dirty_) {
    SeriesState& state = item->second;
    core::ByteWriter stake;
    state.stake.save(stake);
    lanes_.put(stake_key(item->first), stake.bytes());
    for (std::size_t i = 0; i < detectors_.size(); ++i) {
      if (state.judges[i] == nullptr) continue;
      const std::string key = state::memory_key(detectors_[i].name, item->first);
      core::ByteWriter lanes, record;
      state.judges[i]->save_lanes(lanes);
      record.i64(state.last_bucket.us);
      record.text(lanes.bytes());
      lanes_.put(key, record.bytes());
      if (!state.judges[i]->model_changed()) continue;
      core::ByteWriter model;
      state.judges[i]->save_model(model);
      models_.put(key, model.bytes());
      state.judges[i]->model_saved();
    }
    state.dirty = false;
  }
  dirty_.clear();
}

}  // namespace costdrift::daemon
