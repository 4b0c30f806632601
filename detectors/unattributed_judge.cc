#include "detectors/unattributed_judge.h"

#include <algorithm>

#include "core/finding_record.h"
#include "core/text.h"

namespace costdrift::detectors {
namespace {

constexpr std::uint64_t kUnattributedVersion = 2;
constexpr core::Duration kLearn = core::hours(24), kSilence = core::hours(24);
constexpr std::size_t kRanked = 3, kMostOwners = 1000;
constexpr std::string_view kFolded = "__other__";

std::string value_of(const core::AttributeSet& set, core::Dimension dimension) {
  for (const auto& [candidate, value] : set)
    if (candidate == dimension) return value;
  return {};
}

std::string shown(std::string_view value) { return core::escape_for_log(value, 64); }

core::Duration until_next_report(core::Duration latched_for) {
  if (latched_for < core::minutes(15)) return core::minutes(1);
  if (latched_for < core::hours(1)) return core::minutes(5);
  return core::minutes(30);
}

// "api key sk-1 of app desk"; what is missing is left out.
std::string name_of(const NewSource& source) {
  std::string name;
  for (auto it = source.values.rbegin(); it != source.values.rend(); ++it) {
    if (it->second.empty()) continue;
    std::string dimension(core::dimension_name(it->first));
    std::replace(dimension.begin(), dimension.end(), '_', ' ');
    name += (name.empty() ? "" : " of ") + dimension + " " + shown(it->second);
  }
  if (source.values.empty()) return "many others";
  return name.empty() ? "calls without any name" : name;
}

// The last of the watched values that is there: a key rather than the app that it is used in.
std::optional<core::Label> most_specific(const NewSource& source) {
  const auto given = std::find_if(source.values.rbegin(), source.values.rend(),
                                  [](const core::Label& label) { return !label.second.empty(); });
  return given == source.values.rend() ? std::nullopt : std::optional(*given);
}

}  // namespace

void UnattributedJudge::observe(const Observation& observation, std::vector<core::Finding>& findings) {
  const core::ClosedBucket& bucket = observation.bucket;
  if (first_ == core::EventTime::max()) {
    first_ = bucket.start;
    mark_model_changed();
  }
  next_day(bucket.start);
  const Minute minute = count(bucket);
  if (sources_.take_changed()) mark_model_changed();
  while (!hour_.empty() && hour_.front().start <= bucket.start - core::hours(1)) hour_.pop_front();
  if (minute.calls > 0) {
    if (!onset_) onset_ = bucket.start;
    hour_.push_back(minute);
    cost_ += minute.cost;
    calls_ += minute.calls;
    last_new_ = bucket.end;
  }
  follow(observation, findings);
}

UnattributedJudge::Minute UnattributedJudge::count(const core::ClosedBucket& bucket) {
  Minute minute{.start = bucket.start, .cost = {}};
  const bool learning = bucket.end - first_ <= kLearn;
  for (const core::SeriesPart& part : bucket.parts) {
    if (part.series->label(core::Dimension::app) == kFolded) continue;
    const bool folded = part.summary->attributes.size() > core::kMaxAttributeSets;
    for (const auto& [set, totals] : part.summary->attributes) {
      if (set.empty() && folded) continue;
      const SourceValues values = source_of(*part.series, set);
      if (owned(set)) {
        learn_owner(values, set);
      } else if (sources_.add(bucket.start, values, totals, learning)) {
        minute.cost += totals.cost;
        minute.calls += totals.calls;
      }
    }
  }
  return minute;
}

SourceValues UnattributedJudge::source_of(const core::SeriesKey& series, const core::AttributeSet& set) const {
  SourceValues values;
  for (const core::Dimension dimension : options_.watch) {
    const bool of_series = dimension == core::Dimension::app || dimension == core::Dimension::model;
    values.emplace_back(dimension, of_series ? series.label(dimension) : value_of(set, dimension));
  }
  return values;
}

bool UnattributedJudge::owned(const core::AttributeSet& set) const {
  return std::any_of(options_.owned_by.begin(), options_.owned_by.end(),
                     [&](core::Dimension dimension) { return !value_of(set, dimension).empty(); });
}

void UnattributedJudge::learn_owner(const SourceValues& values, const core::AttributeSet& set) {
  for (const core::Label& label : values) {
    if (label.second.empty() || owners_.contains(label) || owners_.size() >= kMostOwners) continue;
    core::AttributeSet& owner = owners_[label];
    for (const auto& item : set)
      if (std::find(options_.owned_by.begin(), options_.owned_by.end(), item.first) != options_.owned_by.end())
        owner.push_back(item);
  }
}

void UnattributedJudge::next_day(core::EventTime now) {
  const core::EventTime day = core::floor_to(now, core::days(1));
  if (day == day_) return;
  day_ = day;
  owners_before_ = std::move(owners_);
  owners_.clear();
  sources_.next_day(now);
  if (!latched_ && sources_.new_count() == 0) unlatch();
}

void UnattributedJudge::follow(const Observation& observation, std::vector<core::Finding>& findings) {
  const core::EventTime now = observation.bucket.end;
  if (!latched_) {
    if (cost_ < options_.least || calls_ == 0) return;
    latched_ = now;
  } else if (now - last_new_ >= kSilence) {
    finding_.phase = core::FindingPhase::recovered;
    finding_.evaluated_at = now;
    findings.push_back(finding_);
    return unlatch();
  } else if (now < *next_report_) {
    return;
  }
  next_report_ = now + until_next_report(now - *latched_);
  finding_ = describe(observation.bucket);
  findings.push_back(finding_);
}

core::Finding UnattributedJudge::describe(const core::ClosedBucket& bucket) const {
  const std::vector<NewSource> dearest = sources_.dearest(kRanked);
  core::NanoUsd last_hour;
  for (const Minute& minute : hour_) last_hour += minute.cost;
  core::Finding finding;
  finding.detector = "unattributed_spend";
  finding.evaluated_at = bucket.end;
  finding.onset = finding.onset_earliest = finding.onset_latest = *onset_;
  finding.unit = "USD/h";
  finding.quantity = "new spend without an owner per hour";
  finding.observed = core::to_usd(last_hour);
  // Nothing was expected: all of it is too much.
  finding.effect = finding.effect_low = finding.effect_high = finding.harm_low = 1;
  finding.exact = true;
  finding.calls = calls_;
  finding.excess_so_far = cost_;
  finding.excess_usd_per_hour = finding.observed;
  finding.cost_part = core::CostPart::volume;
  finding.note = note(dearest);
  for (const NewSource& source : dearest) {
    const double share = core::to_usd(source.cost) / std::max(core::to_usd(cost_), 1e-9);
    if (const auto label = most_specific(source))
      finding.drivers.push_back({label->first, label->second, std::min(1.0, share), core::DriverKind::volume});
  }
  if (!dearest.empty())
    for (const core::Label& label : dearest.front().values)
      if (!label.second.empty()) finding.attributes.push_back(label);
  std::sort(finding.attributes.begin(), finding.attributes.end());
  return finding;
}

std::string UnattributedJudge::note(const std::vector<NewSource>& dearest) const {
  std::string text = "never seen before, and without " + std::string(core::dimension_name(options_.owned_by.front())) +
                     " or other owner: ";
  for (std::size_t i = 0; i < dearest.size(); ++i)
    text += (i == 0 ? "" : ", ") + name_of(dearest[i]) + " (" + core::format_usd(core::to_usd(dearest[i].cost)) + ")";
  if (sources_.new_count() > dearest.size())
    text += " and " + core::group_digits(static_cast<std::int64_t>(sources_.new_count() - dearest.size())) + " more";
  return dearest.empty() ? text + "none by name" : text + likely_owner(dearest.front());
}

std::string UnattributedJudge::likely_owner(const NewSource& source) const {
  for (auto label = source.values.rbegin(); label != source.values.rend(); ++label) {
    for (const Owners* owners : {&owners_, &owners_before_}) {
      const auto found = owners->find(*label);
      if (label->second.empty() || found == owners->end()) continue;
      std::string text = "; the first is likely of";
      for (const auto& [dimension, value] : found->second)
        text += " " + std::string(core::dimension_name(dimension)) + " " + shown(value);
      return text + ", who has other calls of the same " + std::string(core::dimension_name(label->first));
    }
  }
  return "";
}

void UnattributedJudge::unlatch() {
  latched_.reset();
  next_report_.reset();
  onset_.reset();
  hour_.clear();
  cost_ = {};
  calls_ = 0;
  sources_.clear_costs();
}

void UnattributedJudge::rebase(const core::SeriesKey&) {
  sources_.accept_all(day_);
  unlatch();
  mark_model_changed();
}

std::size_t UnattributedJudge::memory_bytes() const {
  return sizeof *this + sources_.memory_bytes() + hour_.size() * sizeof(Minute) +
         (owners_.size() + owners_before_.size()) * 256;
}

namespace {

void save_time(core::ByteWriter& out, const std::optional<core::EventTime>& time) {
  out.boolean(time.has_value());
  if (time) out.i64(time->us);
}

std::optional<core::EventTime> restore_time(core::ByteReader& in) {
  if (!in.boolean()) return std::nullopt;
  return core::EventTime{in.i64()};
}

void save_set(core::ByteWriter& out, const core::AttributeSet& set) {
  out.u64(set.size());
  for (const auto& [dimension, value] : set) {
    out.u64(static_cast<std::uint64_t>(dimension));
    out.text(value);
  }
}

core::AttributeSet restore_set(core::ByteReader& in) {
  core::AttributeSet set(in.count(2));
  for (auto& [dimension, value] : set) {
    dimension = static_cast<core::Dimension>(in.u64());
    value = in.text();
  }
  return set;
}

}  // namespace

void UnattributedJudge::save_lanes(core::ByteWriter& out) const {
  out.u64(kUnattributedVersion);
  out.i64(day_.us);
  sources_.save(out);
  for (const auto& time : {onset_, latched_, next_report_}) save_time(out, time);
  out.i64(cost_.nano);
  out.i64(calls_);
  out.i64(last_new_.us);
  out.u64(hour_.size());
  for (const Minute& minute : hour_) {
    out.i64(minute.start.us);
    out.i64(minute.cost.nano);
    out.i64(minute.calls);
  }
  for (const Owners* owners : {&owners_, &owners_before_}) {
    out.u64(owners->size());
    for (const auto& [label, owner] : *owners) {
      save_set(out, {label});
      save_set(out, owner);
    }
  }
  if (latched_) core::save_finding(out, finding_);
}

void UnattributedJudge::save_model(core::ByteWriter& out) const {
  out.u64(kUnattributedVersion);
  out.i64(first_.us);
  sources_.save_known(out);
}

bool UnattributedJudge::restore(std::string_view lanes, std::string_view model) {
  core::ByteReader in(model), hot(lanes);
  if (in.u64() != kUnattributedVersion || hot.u64() != kUnattributedVersion) return false;
  first_ = {in.i64()};
  sources_.restore_known(in);
  day_ = {hot.i64()};
  sources_.restore(hot);
  for (auto* time : {&onset_, &latched_, &next_report_}) *time = restore_time(hot);
  cost_ = {hot.i64()};
  calls_ = hot.i64();
  last_new_ = {hot.i64()};
  for (std::size_t left = hot.count(3); left > 0; --left) {
    Minute& minute = hour_.emplace_back();
    minute.start = {hot.i64()};
    minute.cost = {hot.i64()};
    minute.calls = hot.i64();
  }
  for (Owners* owners : {&owners_, &owners_before_}) {
    for (std::size_t left = hot.count(2); left > 0; --left) {
      core::AttributeSet label = restore_set(hot);
      core::AttributeSet owner = restore_set(hot);
      if (!label.empty()) owners->emplace(std::move(label.front()), std::move(owner));
    }
  }
  if (latched_) finding_ = core::restore_finding(hot);
  model_saved();
  return in.finished() && hot.finished();
}

}  // namespace costdrift::detectors
