#include "tests/support/traffic_log.h"

#include <nlohmann/json.hpp>

#include "core/hash.h"
#include "daemon/demo/producer.h"
#include "daemon/demo/workload.h"

namespace costdrift::tests {
namespace {

using daemon::demo::EventBatch;
using daemon::demo::Workload;
using daemon::demo::WorkloadOptions;

constexpr core::EventTime kMonday{1'740'960'000'000'000};  // 2025-03-03T00:00:00Z
constexpr double kVolume = 0.02;

// The text behind "key":" as it stands in the line.
std::string value_of(const std::string& line, const std::string& key) {
  const std::string before = "\"" + key + "\":\"";
  const auto at = line.find(before);
  if (at == std::string::npos) return {};
  const auto begin = at + before.size();
  return line.substr(begin, line.find('"', begin) - begin);
}

}  // namespace

std::int64_t TrafficLog::records() const {
  std::size_t sum = 0;
  for (const auto& partition : partitions) sum += partition.size();
  return static_cast<std::int64_t>(sum);
}

TrafficLog demo_traffic(int partitions, const std::set<std::string>& apps, int times) {
  WorkloadOptions options{.start = kMonday, .history_days = 1, .partitions = partitions, .volume = kVolume * times};
  Workload workload(options, *daemon::demo::parse_incident_script(daemon::demo::shipped_incident_script()));
  std::vector<EventBatch> batches(static_cast<std::size_t>(partitions));
  workload.generate_until(workload.end(), batches);
  TrafficLog log;
  for (const EventBatch& batch : batches) {
    auto& lines = log.partitions.emplace_back();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      std::string line(batch.event(i));
      if (apps.empty() || apps.contains(value_of(line, "app"))) lines.push_back(std::move(line));
    }
  }
  return log;
}

TrafficLog deal(const std::vector<std::string>& lines, int partitions) {
  TrafficLog log;
  log.partitions.resize(static_cast<std::size_t>(partitions));
  for (const auto& line : lines) {
    const std::string run = value_of(line, "run_id");
    const std::string key = run.empty() ? value_of(line, "event_id") : run;
    log.partitions[core::hash64(key) % log.partitions.size()].push_back(line);
  }
  return log;
}

TrafficLog part_of(const TrafficLog& log, int part, int parts) {
  TrafficLog piece;
  for (const auto& lines : log.partitions) {
    const auto at = [&](int n) { return lines.begin() + static_cast<std::ptrdiff_t>(lines.size()) * n / parts; };
    piece.partitions.emplace_back(at(part), at(part + 1));
  }
  return piece;
}

core::Result<void> publish(const TrafficLog& log, const std::string& bootstrap, const std::string& topic) {
  auto producer = daemon::Producer::start(bootstrap, topic);
  if (!producer) return producer.error();
  for (std::size_t p = 0; p < log.partitions.size(); ++p) {
    for (const auto& line : log.partitions[p]) {
      if (auto sent = (*producer)->send(static_cast<std::int32_t>(p), line); !sent) return sent;
    }
  }
  return (*producer)->flush(core::seconds(60));
}

std::vector<std::string> write_files(const TrafficLog& log, const TempDir& directory) {
  std::vector<std::string> paths;
  for (std::size_t p = 0; p < log.partitions.size(); ++p) {
    std::string text;
    for (const auto& line : log.partitions[p]) text.append(line).append("\n");
    paths.push_back(directory.write("partition-" + std::to_string(p) + ".jsonl", text));
  }
  return paths;
}

}  // namespace costdrift::tests
