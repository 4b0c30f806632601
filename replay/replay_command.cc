#include "replay/replay_command.h"

#include <unistd.h>

#include <fstream>
#include <iostream>
#include <map>

#include "core/alert_event_json.h"
#include "core/clock.h"
#include "core/text.h"
#include "daemon/catalogue.h"
#include "daemon/commands.h"
#include "daemon/run_loop.h"
#include "replay/file_source.h"
#include "replay/time_filter.h"

namespace costdrift::replay {
namespace {

constexpr core::Duration kCommitInterval = core::milliseconds(500);

core::Result<daemon::PriceBook> load_prices(const config::PriceSettings& prices) {
  if (prices.path.empty()) return daemon::PriceBook::shipped(prices.aliases);
  return daemon::PriceBook::load(prices.path, prices.aliases);
}

core::Result<std::unique_ptr<state::Store>> open_store(const std::string& path) {
  if (path.empty()) return state::Store::open("/replay", {.sync = false, .in_memory = true});
  return state::Store::open(path, {.sync = false});
}

// Where alert events go: a file of JSON lines, standard output, or a list for people.
class AlertWriter {
 public:
  static core::Result<AlertWriter> open(const std::string& path) {
    AlertWriter writer;
    writer.json_ = !path.empty();
    if (writer.json_ && path != "-") {
      writer.file_.open(path, std::ios::binary | std::ios::trunc);
      if (!writer.file_) {
        return core::fail(core::ErrorCode::io, "opening alerts file " + path +
                                                   " for writing: no such directory, or no "
                                                   "permission; choose another path");
      }
    }
    return writer;
  }
  void write(const core::AlertEvent& event) {
    if (json_) {
      (file_.is_open() ? static_cast<std::ostream&>(file_) : std::cout) << core::to_json(event) << '\n';
    } else {
      std::cout << core::format_rfc3339(event.resolved_at.value_or(event.detected_at)) << "  "
                << core::status_name(event.status) << "  " << core::severity_name(event.severity) << "  "
                << event.summary << '\n';
    }
  }
  core::Result<void> finish() {
    std::ostream& out = file_.is_open() ? static_cast<std::ostream&>(file_) : std::cout;
    out.flush();
    if (!out) return core::fail(core::ErrorCode::io, "writing alert events failed: is the disk full?");
    return {};
  }

 private:
  std::ofstream file_;
  bool json_ = false;
};

void print_progress(std::int64_t lines, double progress) {
  if (isatty(STDERR_FILENO) == 0) return;
  std::cerr << "\r" << core::group_digits(lines) << " events";
  if (progress >= 0) std::cerr << ", " << static_cast<int>(progress * 100) << " %";
  std::cerr << "   " << std::flush;
}

void print_accounting(const ReplayResult& result) {
  const state::Accounting& a = result.accounting;
  if (isatty(STDERR_FILENO) != 0) std::cerr << '\r';
  std::cerr << "read " << core::group_digits(a.consumed) << " events: " << core::group_digits(a.accepted)
            << " accepted, " << core::group_digits(a.dead_total()) << " rejected, " << core::group_digits(a.duplicate)
            << " duplicate, " << core::group_digits(a.late) << " late\n";
  for (const auto& [reason, count] : a.dead_lettered) {
    std::cerr << "  rejected, " << reason << ": " << core::group_digits(count) << '\n';
  }
}

// `source` is the files as the loop may see them.
core::Result<void> pump(const FileSource& files, daemon::LogSource& source, daemon::RunLoop& loop,
                        const std::function<void(std::int64_t, double)>& on_progress) {
  while (!files.finished()) {
    if (auto turned = loop.turn(source, {}); !turned) return turned;
    if (on_progress) on_progress(files.lines(), files.progress());
  }
  // Once more with every file at its end: the last buckets that the watermark allows.
  if (auto turned = loop.turn(source, {}); !turned) return turned;
  return loop.commit();
}

core::Result<std::unique_ptr<TimeFilter>> filtered(FileSource& files, const config::Settings& settings,
                                                   const ReplayOptions& options) {
  const auto& topics = settings.kafka.topics;
  auto decoder = daemon::make_decoder(topics.empty() ? "canonical" : topics.front().format,
                                      {.max_message_bytes = settings.limits.max_message_bytes});
  if (!decoder) return decoder.error();
  return TimeFilter::make(files, options.from, options.to, *std::move(decoder));
}

}  // namespace

core::Result<ReplayResult> replay(const config::Settings& settings, const ReplayOptions& options,
                                  const std::function<void(const core::AlertEvent&)>& on_alert,
                                  const std::function<void(std::int64_t, double)>& on_progress) {
  auto prices = load_prices(settings.prices);
  if (!prices) return prices.error();
  auto store = open_store(options.state);
  if (!store) return store.error();
  auto pipeline = daemon::Pipeline::make(settings, **store, *prices, on_alert);
  if (!pipeline) return pipeline.error();
  const std::string topic = !options.topic.empty()          ? options.topic
                            : settings.kafka.topics.empty() ? "replay"
                                                            : settings.kafka.topics.front().name;
  auto source = FileSource::open(topic, options.events, options.lines_per_poll);
  if (!source) return source.error();
  auto filter = filtered(**source, settings, options);
  if (!filter) return filter.error();
  const core::SystemClock clock;
  daemon::RunLoop loop(**pipeline, clock, {.commit_interval = kCommitInterval, .idle_timeout = {}}, [](auto) {});
  if (auto pumped = pump(**source, **filter, loop, on_progress); !pumped) return pumped.error();

  ReplayResult result{.records = (*source)->lines(), .watermark = (*pipeline)->watermark()};
  for (std::size_t i = 0; i < (*pipeline)->partitions(); ++i) {
    const state::Accounting& a = (*pipeline)->partition(i).position().accounting;
    result.accounting.consumed += a.consumed;
    result.accounting.accepted += a.accepted;
    result.accounting.duplicate += a.duplicate;
    result.accounting.late += a.late;
    for (const auto& [reason, count] : a.dead_lettered) result.accounting.dead_lettered[reason] += count;
  }
  return result;
}

int replay_command(const ReplayOptions& options) {
  auto settings = config::load_settings(options.config, daemon::catalogue());
  if (!settings) return daemon::report(settings.error());
  if (!options.format.empty()) {
    for (auto& topic : settings->kafka.topics) topic.format = options.format;
  }
  auto writer = AlertWriter::open(options.alerts);
  if (!writer) return daemon::report(writer.error());
  const auto result = replay(
      *settings, options, [&](const core::AlertEvent& event) { writer->write(event); }, print_progress);
  if (!result) return daemon::report(result.error());
  if (auto finished = writer->finish(); !finished) return daemon::report(finished.error());
  print_accounting(*result);
  return 0;
}

}  // namespace costdrift::replay
