// A detector decides whether series drift, from closed bucket summaries alone.
//
// Operation  the daemon observes the metrics a detector declares for every event; when the watermark closes a bucket
//            it calls observe() of the series' judge with the summary, in time order for that series.
// Threads    not thread-safe; all calls come from the stream thread.
// Memory     everything kept between calls is in save_model()/save_lanes() and restored by restore().
// Limits     no IO, no clock, no randomness: the same buckets give the same findings, live and in replay.
//            Too little history is not an error: the judge just stays silent.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/field.h"
#include "core/bytes.h"
#include "core/closed_bucket.h"
#include "core/finding.h"
#include "core/metric.h"

namespace costdrift::detectors {

class Siblings;  // siblings.h

// The page budget and gates; evidence thresholds are derived from them (nobody sets those).
struct Budget {
  double false_pages_per_week = 1;
  std::int64_t judges = 1;  // (series, detector) pairs that share it
  double share = 1;         // of this judge; 1 on average (money_at_risk.h)
  double min_effect = 0.10;
  double min_usd_per_hour = 5;
  double relief = 0;  // nats less than usual are enough, because many series drift together (simultaneous_alarms.h)

  // What this judge may cause: one false page in so many weeks.
  double weeks_per_false_page() const {
    return static_cast<double>(std::max<std::int64_t>(judges, 1)) / (false_pages_per_week * share);
  }
};

struct Observation {
  core::ClosedBucket bucket;
  const core::SeriesHistory* history = nullptr;
  Budget budget;
  Siblings* siblings = nullptr;  // of this detector; null: none are kept
};

// How far a judge is from a finding; for reports about what was not told. Nothing decides by it.
struct Standing {
  bool learning = false;      // too little history yet: silent whatever it sees
  bool drifting = false;      // the evidence was enough, and the drift goes on
  bool seen_before = false;   // evidence was enough within the last day, but for a shape that the series has shown
  double log10_evidence = 0;  // against the baseline; at least 0
  double log10_needed = 0;
};

// The memory of one detector for one series.
class SeriesJudge {
 public:
  virtual ~SeriesJudge() = default;
  // Appends what is new: a finding when the series begins to drift, again whenever it was estimated anew, and once
  // with phase recovered when it ends. Most calls append nothing.
  virtual void observe(const Observation& observation, std::vector<core::Finding>& findings) = 0;
  // After observe(); nullopt: the judge weighs no evidence (exact thresholds), or has seen nothing yet.
  virtual std::optional<Standing> standing(const Budget& /*budget*/) const { return std::nullopt; }
  // Evidence less its threshold without relief, nats, after observe(); kNoMargin where no evidence is weighed or the
  // threshold does not mean what it says for this series. A function of the memory that is saved.
  static constexpr double kNoMargin = -1e9;
  virtual double evidence_margin(const Budget& /*budget*/) const { return kNoMargin; }
  // Forgets the baseline and learns the present as the new normal ("expected"). `of`: the series of the finding that
  // was answered: the judge's own, or one of those that a judge of everything watches.
  virtual void rebase(const core::SeriesKey& of) = 0;

  // Memory in two parts: `lanes` changes with every bucket and is small, `model` (baseline, latched state) rarely.
  virtual void save_lanes(core::ByteWriter& out) const = 0;
  virtual void save_model(core::ByteWriter& out) const = 0;
  // True once after the model changed since the last save_model().
  virtual bool model_changed() const { return model_changed_; }
  virtual void model_saved() { model_changed_ = false; }
  // False: the bytes are not of this version; the judge is then as new.
  virtual bool restore(std::string_view lanes, std::string_view model) = 0;
  virtual std::size_t memory_bytes() const = 0;

 protected:
  void mark_model_changed() { model_changed_ = true; }

 private:
  bool model_changed_ = true;
};

class Detector {
 public:
  virtual ~Detector() = default;
  virtual std::span<const core::MetricSpec> metrics() const = 0;
  // The series it judges. Roll-ups are observed once a minute; teams and providers have totals and attributes only.
  virtual core::SeriesKinds kinds() const { return {core::SeriesKind::app_model}; }
  // False: it finds by arithmetic, so that chance makes no false page and it needs no share of the page budget.
  virtual bool shares_page_budget() const { return true; }
  // Whether evidence comes by the call, so that the budget is split by the money at risk (money_at_risk.h).
  virtual bool evidence_by_call() const { return true; }
  // Whether the detector has anything to say about a bucket of a series that it does not yet judge. Series that never
  // show its metric cost nothing.
  virtual bool concerns(const core::BucketSummary& summary) const = 0;
  virtual std::unique_ptr<SeriesJudge> judge(const core::SeriesKey& series) const = 0;
};

struct DetectorSpec {
  std::string_view title;     // for people: "Prompt growth"
  std::string_view measures;  // quantity and unit: "input tokens per call"
  std::string_view needs;     // event fields
  std::string_view blind_to;  // what it will not find
  std::span<const config::FieldSpec> fields;
  // Error (config): one problem a line, each after the line of the file that it is about: "12: what is wrong".
  core::Result<std::unique_ptr<Detector>> (*make)(const config::Values& values);
};

struct RegisteredDetector {
  std::string_view name;
  const DetectorSpec* spec;
};

// Every detector of detectors.def, in that order.
std::span<const RegisteredDetector> all_detectors();
// nullptr: no such detector.
const DetectorSpec* find_detector(std::string_view name);

}  // namespace costdrift::detectors
