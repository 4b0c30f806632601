#include "replay/replay_command.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "core/clock.h"
#include "core/text.h"
#include "daemon/catalogue.h"
#include "daemon/commands.h"
#include "replay/alert_writer.h"
#include "replay/bad_lines.h"
#include "replay/progress.h"

namespace costdrift::replay {
namespace {

void print_accounting(const ReplayResult& result) {
  const state::Accounting& a = result.accounting;
  std::cerr << "read " << core::group_digits(a.consumed) << " events: " << core::group_digits(a.accepted)
            << " accepted, " << core::group_digits(a.dead_total()) << " rejected, " << core::group_digits(a.duplicate)
            << " duplicate, " << core::group_digits(a.late) << " late\n";
  for (const auto& [reason, count] : a.dead_lettered) {
    std::cerr << "  rejected, " << reason << ": " << core::group_digits(count) << '\n';
  }
}

core::Result<config::Settings> load_settings(const ReplayOptions& options) {
  if (options.kafka == !options.events.empty()) {
    return core::fail(core::ErrorCode::usage,
                      "replaying: say where the events are: --events FILE..., or --kafka for the configured topics");
  }
  auto settings = config::load_settings(options.config, daemon::catalogue());
  if (!settings || options.format.empty()) return settings;
  // Rows of a CSV file become canonical events.
  const bool csv = options.format == "csv" && !options.kafka;
  for (auto& topic : settings->kafka.topics) topic.format = csv ? "canonical" : options.format;
  return settings;
}

std::string place_of(const std::vector<std::string>& paths, const daemon::TopicPartition& partition,
                     std::int64_t offset) {
  const auto index = static_cast<std::size_t>(partition.partition);
  if (index < paths.size()) return paths[index] + ":" + std::to_string(offset + 1);
  return partition.topic + " partition " + std::to_string(partition.partition) + " offset " + std::to_string(offset);
}

core::Result<void> run(const ReplayOptions& options) {
  const auto settings = load_settings(options);
  if (!settings) return settings.error();
  const auto files = event_files(options);
  if (!files) return files.error();
  auto writer = AlertWriter::open(options.alerts);
  if (!writer) return writer.error();
  auto bad_lines = BadLines::open(options.bad_lines);
  if (!bad_lines) return bad_lines.error();
  bad_lines->set_places([&](const auto& partition, std::int64_t offset) {
    return place_of(options.kafka ? std::vector<std::string>() : files->paths, partition, offset);
  });
  const core::SystemClock clock;
  Progress progress(clock, std::cerr, isatty(STDERR_FILENO) != 0);
  const auto result =
      replay(*settings, options,
             {.on_alert =
                  [&](const core::AlertEvent& event) {
                    progress.clear();
                    writer->write(event);
                  },
              .on_earlier_alert = [&](std::string_view json) { writer->write_earlier(json); },
              .on_progress = [&](std::int64_t records, double share) { progress.update(records, share); },
              .listener = &*bad_lines});
  progress.clear();
  if (!result) return result.error();
  if (auto finished = writer->finish(); !finished) return finished;
  print_accounting(*result);
  return bad_lines->finish(std::cerr);
}

}  // namespace

int replay_command(const ReplayOptions& options) {
  const auto done = run(options);
  return done ? 0 : daemon::report(done.error());
}

}  // namespace costdrift::replay
