#include "replay/runner.h"

#include <algorithm>
#include <atomic>
#include <iostream>
#include <limits>
#include <thread>

#include "core/clock.h"
#include "daemon/catalogue.h"
#include "daemon/decode/decode_ahead.h"
#include "daemon/run_loop.h"
#include "replay/action_log.h"
#include "replay/bad_lines.h"
#include "replay/gathered.h"
#include "replay/input.h"
#include "replay/time_filter.h"
#include "state/store.h"

namespace costdrift::replay {
namespace {

constexpr core::Duration kCommitInterval = core::milliseconds(500);
constexpr std::int64_t kAllLines = 1'000'000;
// So many pipelines leave out by themselves what is not wanted, as each decodes everything anyway; for more of them it
// is cheaper to decode once more in front.
constexpr std::size_t kLeaveOutAlone = 2;

core::Result<std::unique_ptr<state::Store>> open_store(const std::string& path) {
  if (path.empty()) return state::Store::open("/replay", {.sync = false, .in_memory = true});
  return state::Store::open(path, {.sync = false});
}

core::Result<void> pump(const Input& input, daemon::RunLoop& loop, const ReplayHooks& hooks) {
  while (!input.finished()) {
    if (auto turned = loop.turn(*input.source, input.timeout); !turned) return turned;
    if (hooks.on_progress) hooks.on_progress(input.records(), input.progress());
  }
  // Once more with every partition at its end: the last buckets that the watermark allows.
  if (auto turned = loop.turn(*input.source, {}); !turned) return turned;
  return loop.commit();
}

int decode_threads(const ReplayOptions& options) {
  if (options.decode_threads > 0) return options.decode_threads;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) - 1);
}

core::Result<void> plan_actions(daemon::Pipeline& pipeline, const std::string& path) {
  if (path.empty()) return {};
  auto actions = read_actions(path);
  if (!actions) return actions.error();
  pipeline.plan(*std::move(actions),
                [](const std::string& problem) { std::cerr << "an action was not carried out: " << problem << '\n'; });
  return {};
}

core::Result<void> take_state(state::Store& store, const ReplayHooks& hooks) {
  if (hooks.on_state) return hooks.on_state(store);
  forget_report(store);
  forget_bad_lines(store);
  return {};
}

void tell_earlier(state::Store& store, const ReplayHooks& hooks) {
  if (!hooks.on_earlier_alert) return;
  state::Journal(store, kAllLines).scan([&](std::string_view json) {
    hooks.on_earlier_alert(json);
    return true;
  });
}

ReplayResult result_of(const daemon::Pipeline& pipeline, std::int64_t records) {
  ReplayResult result{.records = records, .watermark = pipeline.watermark()};
  for (std::size_t i = 0; i < pipeline.partitions(); ++i) {
    const state::Accounting& a = pipeline.partition(i).position().accounting;
    result.accounting.consumed += a.consumed;
    result.accounting.accepted += a.accepted;
    result.accounting.duplicate += a.duplicate;
    result.accounting.late += a.late;
    for (const auto& [reason, count] : a.dead_lettered) result.accounting.dead_lettered[reason] += count;
  }
  return result;
}

// Everything that one configuration needs to judge a log.
class Run {
 public:
  struct Options {
    std::string state;       // empty: in memory
    int decode_threads = 0;  // 0: records are decoded where the loop runs
    daemon::EventSpan span;
  };
  static core::Result<std::unique_ptr<Run>> make(const config::Settings& settings, const ReplayHooks& hooks,
                                                 const core::Clock& clock, const Options& options) {
    std::unique_ptr<Run> run(new Run());
    auto prices = daemon::PriceBook::configured(settings.prices);
    if (!prices) return prices.error();
    run->prices_ = std::make_unique<daemon::PriceBook>(*std::move(prices));
    auto store = open_store(options.state);
    if (!store) return store.error();
    run->store_ = *std::move(store);
    if (auto taken = take_state(*run->store_, hooks); !taken) return taken.error();
    tell_earlier(*run->store_, hooks);
    auto pipeline = daemon::Pipeline::make(settings, *run->store_, *run->prices_, hooks.on_alert);
    if (!pipeline) return pipeline.error();
    run->pipeline_ = *std::move(pipeline);
    if (hooks.listener != nullptr) run->pipeline_->listen(*hooks.listener);
    if (options.decode_threads > 0) {
      auto ahead = daemon::DecodeAhead::start(settings, *run->prices_, options.decode_threads);
      if (!ahead) return ahead.error();
      run->ahead_ = *std::move(ahead);
    }
    run->loop_ = std::make_unique<daemon::RunLoop>(*run->pipeline_, clock,
                                                   daemon::RunLoopOptions{.commit_interval = kCommitInterval,
                                                                          .idle_timeout = {},
                                                                          .decode_ahead = run->ahead_.get(),
                                                                          .span = options.span},
                                                   [](auto) {});
    return run;
  }
  daemon::Pipeline& pipeline() { return *pipeline_; }
  daemon::RunLoop& loop() { return *loop_; }
  // After the replay's end, for whoever asked for it.
  core::Result<void> tell_done(const ReplayHooks& hooks) const {
    if (hooks.on_still_open) {
      for (const auto& event : pipeline_->incidents().newest(std::numeric_limits<std::size_t>::max())) {
        if (!event.resolved_at) hooks.on_still_open(event);
      }
    }
    return hooks.on_done ? hooks.on_done(*store_) : core::Result<void>();
  }

 private:
  Run() = default;
  std::unique_ptr<daemon::PriceBook> prices_;
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<daemon::Pipeline> pipeline_;
  std::unique_ptr<daemon::DecodeAhead> ahead_;
  std::unique_ptr<daemon::RunLoop> loop_;
};

core::Result<daemon::EventSpan> span_of(const ReplayOptions& options) {
  const auto from = parse_bound("--from", options.from, core::EventTime::min());
  if (!from) return from.error();
  const auto to = parse_bound("--to", options.to, core::EventTime::max());
  if (!to) return to.error();
  return daemon::EventSpan{*from, *to};
}

// The first error, by index.
core::Result<void> for_each_on_threads(std::size_t count, int threads,
                                       const std::function<core::Result<void>(std::size_t)>& work) {
  std::vector<core::Result<void>> results(count);
  std::atomic<std::size_t> next{0};
  const auto take = [&] {
    for (std::size_t i = next++; i < count; i = next++) results[i] = work(i);
  };
  std::vector<std::jthread> workers;
  for (int i = 1; i < threads && static_cast<std::size_t>(i) < count; ++i) workers.emplace_back(take);
  take();
  workers.clear();
  for (auto& result : results) {
    if (!result) return result;
  }
  return {};
}

}  // namespace

core::Result<config::Settings> replay_settings(const std::string& config, const ReplayOptions& options) {
  auto settings = config::load_settings(config, daemon::catalogue());
  if (!settings || options.format.empty()) return settings;
  // Rows of a CSV file become canonical events.
  const bool csv = options.format == "csv" && !options.kafka;
  for (auto& topic : settings->kafka.topics) topic.format = csv ? "canonical" : options.format;
  return settings;
}

core::Result<EventFiles> event_files(const ReplayOptions& options) {
  auto paths = expand_directories(options.events);
  if (!paths) return paths.error();
  auto columns = parse_columns(options.columns);
  if (!columns) return columns.error();
  return EventFiles{.paths = *std::move(paths), .csv = options.format == "csv", .columns = *std::move(columns)};
}

core::Result<ReplayResult> replay(const config::Settings& settings, const ReplayOptions& options,
                                  const ReplayHooks& hooks) {
  const auto span = span_of(options);
  if (!span) return span.error();
  const core::SystemClock clock;
  auto run = Run::make(settings, hooks, clock,
                       {.state = options.state, .decode_threads = decode_threads(options), .span = *span});
  if (!run) return run.error();
  if (auto planned = plan_actions((*run)->pipeline(), options.actions); !planned) return planned.error();
  auto input = open_input(settings, options, clock, span->from);
  if (!input) return input.error();
  auto pumped = pump(*input, (*run)->loop(), hooks);
  const std::int64_t records = input->records();
  input->source->close((*run)->loop());
  if (!pumped) return pumped.error();
  if (auto told = (*run)->tell_done(hooks); !told) return told.error();
  return result_of((*run)->pipeline(), records);
}

core::Result<std::vector<ReplayResult>> replay_all(const std::vector<ReplayJob>& jobs, const ReplayOptions& options,
                                                   int threads) {
  const auto span = span_of(options);
  if (!span) return span.error();
  const core::SystemClock clock;
  const bool alone = jobs.size() <= kLeaveOutAlone;
  std::vector<std::unique_ptr<Run>> runs;
  for (const auto& job : jobs) {
    auto run =
        Run::make(*job.settings, job.hooks, clock, {.state = job.state, .span = alone ? *span : daemon::EventSpan()});
    if (!run) return run.error();
    if (auto planned = plan_actions((*run)->pipeline(), options.actions); !planned) return planned.error();
    runs.push_back(*std::move(run));
  }
  const config::Settings& first = *jobs.front().settings;
  auto input = open_input(first, options, clock, span->from);
  if (!input) return input.error();
  TimeFilter filter(*input->source, alone ? daemon::EventSpan() : *span,
                    [&](const std::string& topic) { return decoder_of(first, topic); });
  SharedLog log(filter);
  std::vector<std::unique_ptr<daemon::LogSource>> views;
  for (const auto& job : jobs) views.push_back(log.view(job.edit));
  const auto turn = [&](std::size_t i) { return runs[i]->loop().turn(*views[i], {}); };
  const auto newest = [&](std::size_t partition) {
    Run& run = *runs.front();
    return partition < run.pipeline().partitions() ? run.loop().newest_event(partition) : core::EventTime::min();
  };
  for (bool last = false; !last;) {
    last = input->finished();
    if (auto filled = log.fill(input->timeout, newest); !filled) return filled.error();
    if (auto turned = for_each_on_threads(jobs.size(), threads, turn); !turned) return turned.error();
    const auto& told = jobs.front().hooks.on_progress;
    if (told) told(input->records(), input->progress());
  }
  std::vector<ReplayResult> results;
  for (const auto& run : runs) {
    if (auto committed = run->loop().commit(); !committed) return committed.error();
  }
  for (const auto& run : runs) results.push_back(result_of(run->pipeline(), input->records()));
  filter.close(runs.front()->loop());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (auto told = runs[i]->tell_done(jobs[i].hooks); !told) return told.error();
  }
  return results;
}

}  // namespace costdrift::replay
