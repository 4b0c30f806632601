// tune(): the replays behind a measurement.
#include <algorithm>
#include <iterator>
#include <memory>
#include <set>
#include <span>
#include <thread>

#include "replay/judged_run.h"
#include "replay/tune_command.h"

namespace costdrift::replay {
namespace {

constexpr std::size_t kAtOnce = 8;  // pipelines in memory
constexpr std::size_t kPlansOfACandidate = 4;

const std::vector<PlannedDrift> kUsualDrifts = {{InjectedDrift::prompt, 0.10},  {InjectedDrift::prompt, 0.30},
                                                {InjectedDrift::retries, 0.20}, {InjectedDrift::cache_loss, 0.50},
                                                {InjectedDrift::loops, 0.50},   {InjectedDrift::price, 0.20},
                                                {InjectedDrift::mix, 0.30}};

// One replay: a configuration, and the drifts that are put into the history for it.
struct Task {
  const config::Settings* settings = nullptr;
  std::vector<Injection> injections;
  ToldIncidents told;
  std::unique_ptr<Injector> injector;
  std::vector<IncidentLabel> labels;  // of the injections, when misses are to be explained
  std::unique_ptr<MissWatch> watch;
};

int cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

class Tuning {
 public:
  Tuning(const config::Settings& settings, const std::vector<IncidentLabel>& labels, const TuneOptions& options,
         daemon::PriceBook prices, const std::function<void(int, int)>& on_progress)
      : settings_(settings),
        labels_(labels),
        options_(options),
        prices_(std::move(prices)),
        on_progress_(on_progress) {}

  core::Result<TuneResult> run() {
    auto plans = look_and_plan();
    if (!plans) return plans.error();
    plans_ = *std::move(plans);
    in_all_ = 1 + static_cast<int>(plans_.size());
    Candidate as_is{"", settings_};
    explaining_ = true;
    auto measured = measure(as_is, plans_.size());
    explaining_ = false;
    if (!measured) return measured.error();
    TuneResult result{.begin = history_.begin(), .end = history_.end(), .trials = std::move(trials_)};
    result.candidates = {*measured};
    result.power = power_of(result.trials);
    result.not_tried = not_tried(result.trials);
    if (!options_.power_only) {
      if (auto tried = try_others(result); !tried) return tried.error();
    }
    result.choice = choose(result.candidates);
    return result;
  }

 private:
  // The history as it is: what it holds, and what the configuration tells of it.
  core::Result<std::vector<std::vector<Injection>>> look_and_plan() {
    Listeners listeners({&history_});
    auto looked = replay_all({{&settings_, {.listener = &listeners}, {}}}, options_.replay, 1);
    if (!looked) return looked.error();
    PlanOptions plan{.apps = static_cast<std::size_t>(options_.apps), .trials = options_.trials, .seed = options_.seed};
    const auto lasts = core::parse_duration(options_.lasts);
    if (!lasts || lasts->us <= 0) {
      return core::fail(core::ErrorCode::usage, "reading --lasts " + options_.lasts + ": say a length such as 24h");
    }
    plan.lasts = *lasts;
    for (const auto& text : options_.drifts) {
      auto drift = parse_drift(text);
      if (!drift) return drift.error();
      plan.drifts.push_back(*drift);
    }
    if (plan.drifts.empty()) plan.drifts = kUsualDrifts;
    drifts_ = plan.drifts;
    return plan_injections(history_, plan);
  }

  // Drifts that no application has calls for, or that make none dearer.
  std::vector<PlannedDrift> not_tried(const std::vector<Trial>& trials) const {
    std::vector<PlannedDrift> missing;
    for (const PlannedDrift& drift : drifts_) {
      const bool tried = std::any_of(trials.begin(), trials.end(), [&](const Trial& trial) {
        return trial.injection.drift == drift.drift && trial.counts();
      });
      if (!tried) missing.push_back(drift);
    }
    return missing;
  }

  core::Result<void> try_others(TuneResult& result) {
    auto candidates = candidates_of(settings_, told_by_);
    in_all_ += static_cast<int>(candidates.size() * (1 + std::min(plans_.size(), kPlansOfACandidate)));
    // As is, once more by the same few plans as the others.
    result.candidates.clear();
    std::vector<double> losses;
    for (const auto& candidate : candidates) {
      auto measured = measure(candidate, kPlansOfACandidate);
      if (!measured) return measured.error();
      losses.push_back(measured->loss);
      result.candidates.push_back(*std::move(measured));
    }
    const auto together = combined(settings_, candidates, losses);
    if (!together) return {};
    in_all_ += static_cast<int>(1 + std::min(plans_.size(), kPlansOfACandidate));
    auto measured = measure(*together, kPlansOfACandidate);
    if (!measured) return measured.error();
    result.candidates.push_back(*std::move(measured));
    return {};
  }

  // Replays the history as it is and with each of the first `plans` plans.
  core::Result<CandidateResult> measure(const Candidate& candidate, std::size_t plans) {
    std::vector<Task> tasks(1 + std::min(plans, plans_.size()));
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      tasks[i].settings = &candidate.settings;
      if (i > 0) tasks[i].injections = plans_[i - 1];
    }
    for (std::size_t at = 0; at < tasks.size(); at += kAtOnce) {
      const std::size_t count = std::min(kAtOnce, tasks.size() - at);
      if (auto done = replay_some({tasks.data() + at, count}); !done) return done.error();
    }
    const auto& usual = tasks.front().told.all();
    std::set<std::string> ids;
    for (const auto& incident : usual) ids.insert(incident.first.incident_id);
    trials_.clear();
    for (std::size_t i = 1; i < tasks.size(); ++i) {
      const Task& task = tasks[i];
      auto trials = trials_of(*task.injector, task.told.all(), ids);
      if (task.watch) explain_misses(trials, task.labels, task.told.all(), ids, *task.watch, *task.settings);
      std::move(trials.begin(), trials.end(), std::back_inserter(trials_));
    }
    return judge(candidate, usual);
  }

  core::Result<void> replay_some(std::span<Task> tasks) {
    std::vector<Listeners> listeners;
    std::vector<ReplayJob> jobs;
    listeners.reserve(tasks.size());
    for (Task& task : tasks) {
      std::vector<daemon::PipelineListener*> listening = {&task.told};
      if (explaining_) {
        task.labels = labels_of(task.injections);
        task.watch = std::make_unique<MissWatch>(task.labels);
        listening.push_back(task.watch.get());
      }
      listeners.push_back(Listeners(std::move(listening)));
      auto injector = Injector::make(task.injections, *task.settings, prices_);
      if (!injector) return injector.error();
      task.injector = *std::move(injector);
      ReplayHooks hooks{.on_alert = [&task](const core::AlertEvent& event) { task.told.add(event); },
                        .listener = &listeners.back()};
      jobs.push_back({task.settings, std::move(hooks), task.injections.empty() ? RecordEdit() : task.injector->edit()});
    }
    auto done = replay_all(jobs, options_.replay, cores());
    if (!done) return done.error();
    done_ += static_cast<int>(tasks.size());
    if (on_progress_) on_progress_(done_, in_all_);
    return {};
  }

  CandidateResult judge(const Candidate& candidate, const std::vector<ToldIncident>& usual) {
    const MissWatch nothing(labels_);
    const Scorecard card = score(labels_, usual, nothing, candidate.settings, history_.begin(), history_.end());
    std::vector<core::EventTime> alarms;
    for (std::size_t i = 0; i < usual.size(); ++i) {
      if (candidate.change.empty()) remember_detector(usual[i].told().detector);
      const Verdict verdict = card.incidents[i].verdict;
      const bool costs =
          verdict == Verdict::unjudged || verdict == Verdict::false_page || verdict == Verdict::duplicate;
      if (costs) alarms.push_back(usual[i].page->updated_at);
    }
    return result_of(candidate.change, trials_, card, alarms, options_.costs, history_.begin(), history_.end());
  }

  void remember_detector(const std::string& name) {
    if (std::find(told_by_.begin(), told_by_.end(), name) == told_by_.end()) told_by_.push_back(name);
  }

  const config::Settings& settings_;
  const std::vector<IncidentLabel>& labels_;
  const TuneOptions& options_;
  daemon::PriceBook prices_;
  const std::function<void(int, int)>& on_progress_;
  HistoryProfile history_;
  std::vector<PlannedDrift> drifts_;
  std::vector<std::vector<Injection>> plans_;
  std::vector<Trial> trials_;         // of the last measurement
  std::vector<std::string> told_by_;  // detectors, in the order in which they told something
  bool explaining_ = false;           // why drifts are missed
  int done_ = 0, in_all_ = 0;
};

}  // namespace

core::Result<TuneResult> tune(const config::Settings& settings, const std::vector<IncidentLabel>& labels,
                              const TuneOptions& options, const std::function<void(int, int)>& on_progress) {
  auto prices = daemon::PriceBook::configured(settings.prices);
  if (!prices) return prices.error();
  return Tuning(settings, labels, options, *std::move(prices), on_progress).run();
}

}  // namespace costdrift::replay
