#include "replay/replay_command.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <thread>

#include "core/alert_event_json.h"
#include "core/clock.h"
#include "core/text.h"
#include "daemon/catalogue.h"
#include "daemon/commands.h"
#include "daemon/run_loop.h"
#include "replay/action_log.h"
#include "replay/file_source.h"
#include "replay/kafka_span.h"
#include "replay/time_filter.h"

namespace costdrift::replay {
namespace {

constexpr core::Duration kCommitInterval = core::milliseconds(500);
constexpr core::Duration kKafkaPoll = core::milliseconds(100);

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
      std::cout << core::format_rfc3339(event.updated_at) << "  " << core::status_name(event.status) << "  "
                << core::severity_name(event.severity) << "  " << event.summary << '\n';
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

// Where the events come from, and how far it is read.
struct Input {
  std::unique_ptr<daemon::LogSource> source;
  core::Duration timeout;
  std::function<bool()> finished;
  std::function<std::int64_t()> records;
  std::function<double()> progress;
};

template <class Source>
Input input_from(std::unique_ptr<Source> source, core::Duration timeout, std::int64_t (Source::*records)() const) {
  const Source* read = source.get();
  return {std::move(source), timeout, [read] { return read->finished(); },
          [read, records] { return (read->*records)(); }, [read] { return read->progress(); }};
}

core::Result<Input> open_input(const config::Settings& settings, const ReplayOptions& options, const core::Clock& clock,
                               core::EventTime from) {
  if (options.kafka) {
    auto span = KafkaSpan::open(settings.kafka, clock, from);
    if (!span) return span.error();
    return input_from(*std::move(span), kKafkaPoll, &KafkaSpan::records);
  }
  const std::string topic = !options.topic.empty()          ? options.topic
                            : settings.kafka.topics.empty() ? "replay"
                                                            : settings.kafka.topics.front().name;
  auto files = FileSource::open(topic, options.events, options.lines_per_poll);
  if (!files) return files.error();
  return input_from(*std::move(files), {}, &FileSource::lines);
}

// `source` is the input as the loop may see it.
core::Result<void> pump(const Input& input, daemon::LogSource& source, daemon::RunLoop& loop,
                        const std::function<void(std::int64_t, double)>& on_progress) {
  while (!input.finished()) {
    if (auto turned = loop.turn(source, input.timeout); !turned) return turned;
    if (on_progress) on_progress(input.records(), input.progress());
  }
  // Once more with every partition at its end: the last buckets that the watermark allows.
  if (auto turned = loop.turn(source, {}); !turned) return turned;
  return loop.commit();
}

core::Result<std::unique_ptr<daemon::Decoder>> decoder_of(const config::Settings& settings, const std::string& topic) {
  const auto& topics = settings.kafka.topics;
  std::string format = topics.empty() ? "canonical" : topics.front().format;
  for (const auto& configured : topics) {
    if (configured.name == topic) format = configured.format;
  }
  return daemon::make_decoder(format, {.max_message_bytes = settings.limits.max_message_bytes});
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

core::Result<ReplayResult> replay(const config::Settings& settings, const ReplayOptions& options,
                                  const std::function<void(const core::AlertEvent&)>& on_alert,
                                  const std::function<void(std::int64_t, double)>& on_progress) {
  const auto from = parse_bound("--from", options.from, core::EventTime::min());
  if (!from) return from.error();
  const auto to = parse_bound("--to", options.to, core::EventTime::max());
  if (!to) return to.error();
  if (auto checked = daemon::check_formats(settings); !checked) return checked.error();
  auto prices = daemon::PriceBook::configured(settings.prices);
  if (!prices) return prices.error();
  auto store = open_store(options.state);
  if (!store) return store.error();
  auto pipeline = daemon::Pipeline::make(settings, **store, *prices, on_alert);
  if (!pipeline) return pipeline.error();
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
  auto pumped = pump(*input, filter, loop, on_progress);
  const std::int64_t records = input->records();
  filter.close(loop);
  if (!pumped) return pumped.error();
  return result_of(**pipeline, records);
}

int replay_command(const ReplayOptions& options) {
  if (options.kafka == !options.events.empty()) {
    return daemon::report(core::fail(core::ErrorCode::usage,
                                     "replaying: say where the events are: --events FILE..., or --kafka for the "
                                     "configured topics"));
  }
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
