#include "replay/replay_command.h"

#include <unistd.h>

#include <iostream>
#include <optional>

#include "core/clock.h"
#include "core/text.h"
#include "daemon/commands.h"
#include "replay/alert_writer.h"
#include "replay/bad_lines.h"
#include "replay/gathered.h"
#include "replay/judged_run.h"
#include "replay/progress.h"
#include "replay/report.h"
#include "replay/review.h"

namespace costdrift::replay {
namespace {

constexpr int kThreads = 2;

void print_accounting(const ReplayResult& result) {
  const state::Accounting& a = result.accounting;
  std::cerr << "read " << core::group_digits(a.consumed) << " events: " << core::group_digits(a.accepted)
            << " accepted, " << core::group_digits(a.dead_total()) << " rejected, " << core::group_digits(a.duplicate)
            << " duplicate, " << core::group_digits(a.late) << " late\n";
  for (const auto& [reason, count] : a.dead_lettered) {
    std::cerr << "  rejected, " << reason << ": " << core::group_digits(count) << '\n';
  }
}

core::Result<void> check_options(const ReplayOptions& options) {
  std::string problem;
  if (options.kafka == !options.events.empty()) {
    problem = "say where the events are: --events FILE..., or --kafka for the configured topics";
  } else if (options.review && options.labels.empty()) {
    problem = "--review needs --labels FILE, where the answers go";
  } else if (auto appendable = options.review ? check_can_append(options.labels) : core::Result<void>(); !appendable) {
    problem = appendable.error().message;
  } else if (reports_to_output(options) + (options.alerts == "-" ? 1 : 0) > 1) {
    problem = "one of --alerts, --json, --markdown, --report at most can be -, standard output";
  }
  if (problem.empty()) return {};
  return core::fail(core::ErrorCode::usage, "replaying: " + problem);
}

core::Result<std::vector<IncidentLabel>> known_labels(const ReplayOptions& options) {
  const bool to_be_made = options.review && access(options.labels.c_str(), F_OK) != 0;
  if (options.labels.empty() || to_be_made) return std::vector<IncidentLabel>();
  return read_labels(options.labels);
}

std::string place_of(const std::vector<std::string>& paths, const daemon::TopicPartition& partition,
                     std::int64_t offset) {
  const auto index = static_cast<std::size_t>(partition.partition);
  if (index < paths.size()) return paths[index] + ":" + std::to_string(offset + 1);
  return partition.topic + " partition " + std::to_string(partition.partition) + " offset " + std::to_string(offset);
}

class Command {
 public:
  explicit Command(const ReplayOptions& options)
      : options_(options), progress_(clock_, std::cerr, isatty(STDERR_FILENO) != 0) {}

  core::Result<void> run() {
    if (auto checked = check_options(options_); !checked) return checked;
    auto settings = replay_settings(options_.config, options_);
    if (!settings) return settings.error();
    auto files = event_files(options_);
    if (!files) return files.error();
    auto labels = known_labels(options_);
    if (!labels) return labels.error();
    auto writer = AlertWriter::open(options_.alerts);
    if (!writer) return writer.error();
    auto bad_lines = BadLines::open(options_.bad_lines);
    if (!bad_lines) return bad_lines.error();
    bad_lines->set_places([&](const auto& partition, std::int64_t offset) {
      return place_of(options_.kafka ? std::vector<std::string>() : files->paths, partition, offset);
    });
    auto report = replay_and_judge(*settings, *labels, *writer, *bad_lines);
    progress_.clear();
    if (!report) return report.error();
    if (auto finished = writer->finish(); !finished) return finished;
    print_accounting(report->result);
    if (auto finished = bad_lines->finish(std::cerr); !finished) return finished;
    return conclude(*report);
  }

 private:
  // `writer` and `bad_lines` may be null.
  ReplayHooks hooks(JudgedRun& judged, Listeners& listeners, AlertWriter* writer, BadLines* bad_lines) {
    return {.on_state = [&judged, bad_lines, this](state::Store& store) { return begin(store, judged, bad_lines); },
            .on_done =
                [bad_lines](const state::Store& store) {
                  return bad_lines == nullptr ? core::Result<void>() : bad_lines->tell_kept(store);
                },
            .on_alert =
                [&judged, writer, this](const core::AlertEvent& event) {
                  judged.add(event);
                  if (writer == nullptr) return;
                  progress_.clear();
                  writer->write(event);
                },
            .on_still_open = [&judged](const core::AlertEvent& event) { judged.refresh(event); },
            .on_earlier_alert =
                [writer](std::string_view json) {
                  if (writer != nullptr) writer->write_earlier(json);
                },
            .on_progress = [this](std::int64_t records, double share) { progress_.update(records, share); },
            .listener = &listeners};
  }

  core::Result<void> begin(state::Store& store, JudgedRun& judged, BadLines* bad_lines) const {
    const bool durable = !options_.state.empty();
    if (!durable || !is_judged()) {
      forget_report(store);
    } else if (auto kept = judged.keep_in(store); !kept) {
      return kept;
    }
    return bad_lines == nullptr ? core::Result<void>() : bad_lines->begin(store, durable);
  }

  core::Result<ReplayReport> replay_and_judge(const config::Settings& settings,
                                              const std::vector<IncidentLabel>& labels, AlertWriter& writer,
                                              BadLines& bad_lines) {
    const bool comparing = !options_.compare.empty();
    JudgedRun& a = a_.emplace(options_.config, labels);
    Listeners listeners = a.listeners(is_judged(), draws(), &bad_lines);
    // Readable lines would make a report on standard output useless to the program that reads it.
    const bool tells = !options_.alerts.empty() || reports_to_output(options_) == 0;
    const ReplayHooks of_a = hooks(a, listeners, tells ? &writer : nullptr, &bad_lines);
    if (comparing) return replay_and_compare(settings, labels, of_a);
    auto result = replay(settings, options_, of_a);
    if (!result) return result.error();
    return ReplayReport{settings.pages, *result, labels, a.outcome(settings), a.spend(), std::nullopt, std::nullopt};
  }

  core::Result<ReplayReport> replay_and_compare(const config::Settings& settings,
                                                const std::vector<IncidentLabel>& labels, const ReplayHooks& of_a) {
    auto other = replay_settings(options_.compare, options_);
    if (!other) return other.error();
    JudgedRun b(options_.compare, labels);
    Listeners listeners = b.listeners(true, draws(), nullptr);
    auto results = replay_all(
        {{&settings, of_a, {}, state_of("a")}, {&*other, hooks(b, listeners, nullptr, nullptr), {}, state_of("b")}},
        options_, kThreads);
    if (!results) return results.error();
    ReplayReport report{settings.pages, results->front(),  labels,      a_->outcome(settings),
                        a_->spend(),    b.outcome(*other), std::nullopt};
    report.comparison = compare(report.a, *report.b);
    return report;
  }

  bool is_judged() const {
    return !options_.compare.empty() || options_.review || !options_.labels.empty() || wants_reports(options_);
  }
  // What is kept on disk serves every form of the report, also one that is asked for later.
  bool draws() const { return !options_.report.empty() || (!options_.state.empty() && is_judged()); }
  // Of one of two configurations.
  std::string state_of(const std::string& name) const {
    return options_.state.empty() ? std::string() : options_.state + "/" + name;
  }

  // What is asked for beside the alerts: reports, a verdict, a review.
  core::Result<void> conclude(const ReplayReport& report) {
    if (auto written = write_reports(options_, report, a_->curves()); !written) return written;
    if (report.comparison) std::cerr << report.comparison->verdict << '\n';
    if (report.a.card.real_labels > 0) print_misses(report, std::cerr);
    if (!options_.review) return {};
    return append_labels(options_.labels, review(report.a.incidents, report.labels, std::cin, std::cout));
  }

  const ReplayOptions& options_;
  core::SystemClock clock_;
  Progress progress_;
  std::optional<JudgedRun> a_;
};

}  // namespace

int replay_command(const ReplayOptions& options) {
  const auto done = Command(options).run();
  return done ? 0 : daemon::report(done.error());
}

}  // namespace costdrift::replay
