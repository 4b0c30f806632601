#include "replay/runner.h"

#include <algorithm>
#include <iostream>
#include <thread>

#include "core/clock.h"
#include "daemon/decode_ahead.h"
#include "daemon/run_loop.h"
#include "replay/action_log.h"
#include "replay/input.h"
#include "replay/time_filter.h"
#include "state/store.h"

namespace costdrift::replay {
namespace {

constexpr core::Duration kCommitInterval = core::milliseconds(500);
constexpr std::int64_t kAllLines = 1'000'000;

core::Result<std::unique_ptr<state::Store>> open_store(const std::string& path) {
  if (path.empty()) return state::Store::open("/replay", {.sync = false, .in_memory = true});
  return state::Store::open(path, {.sync = false});
}

// `source` is the input as the loop may see it.
core::Result<void> pump(const Input& input, daemon::LogSource& source, daemon::RunLoop& loop,
                        const ReplayHooks& hooks) {
  while (!input.finished()) {
    if (auto turned = loop.turn(source, input.timeout); !turned) return turned;
    if (hooks.on_progress) hooks.on_progress(input.records(), input.progress());
  }
  // Once more with every partition at its end: the last buckets that the watermark allows.
  if (auto turned = loop.turn(source, {}); !turned) return turned;
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

}  // namespace

core::Result<EventFiles> event_files(const ReplayOptions& options) {
  auto paths = expand_directories(options.events);
  if (!paths) return paths.error();
  auto columns = parse_columns(options.columns);
  if (!columns) return columns.error();
  return EventFiles{.paths = *std::move(paths), .csv = options.format == "csv", .columns = *std::move(columns)};
}

core::Result<ReplayResult> replay(const config::Settings& settings, const ReplayOptions& options,
                                  const ReplayHooks& hooks) {
  const auto from = parse_bound("--from", options.from, core::EventTime::min());
  if (!from) return from.error();
  const auto to = parse_bound("--to", options.to, core::EventTime::max());
  if (!to) return to.error();
  if (auto checked = daemon::check_formats(settings); !checked) return checked.error();
  auto prices = daemon::PriceBook::configured(settings.prices);
  if (!prices) return prices.error();
  auto store = open_store(options.state);
  if (!store) return store.error();
  tell_earlier(**store, hooks);
  auto pipeline = daemon::Pipeline::make(settings, **store, *prices, hooks.on_alert);
  if (!pipeline) return pipeline.error();
  if (hooks.listener != nullptr) (*pipeline)->listen(*hooks.listener);
  if (auto planned = plan_actions(**pipeline, options.actions); !planned) return planned.error();
  const core::SystemClock clock;
  auto input = open_input(settings, options, clock, *from);
  if (!input) return input.error();
  TimeFilter filter(*input->source, *from, *to, [&](const std::string& topic) { return decoder_of(settings, topic); });
  auto ahead = daemon::DecodeAhead::start(settings, *prices, decode_threads(options));
  if (!ahead) return ahead.error();
  daemon::RunLoop loop(**pipeline, clock,
                       {.commit_interval = kCommitInterval, .idle_timeout = {}, .decode_ahead = ahead->get()},
                       [](auto) {});
  auto pumped = pump(*input, filter, loop, hooks);
  const std::int64_t records = input->records();
  filter.close(loop);
  if (!pumped) return pumped.error();
  return result_of(**pipeline, records);
}

}  // namespace costdrift::replay
