#include "replay/convert.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <queue>
#include <vector>

#include "core/time.h"
#include "daemon/commands.h"
#include "replay/csv_table.h"

namespace costdrift::replay {
namespace {

constexpr core::EventTime kClaudeStart{1'772'409'600'000'000};  // Monday 2026-03-02T00:00:00Z

// splitmix64: the same numbers on every machine (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t bound) {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (z ^ (z >> 31)) % bound;
  }

 private:
  std::uint64_t state_;
};

struct Call {
  double seconds = 0;  // since the session began
  std::string agent, model;
  std::int64_t step = 0, input = 0, output = 0, cached = 0;
  bool last_of_run = false;
};
using Session = std::vector<Call>;

// Puts the calls in the order of time and marks the last one of each agent.
void mark_ends(Session& session) {
  std::stable_sort(session.begin(), session.end(), [](const Call& a, const Call& b) { return a.seconds < b.seconds; });
  std::map<std::string, Call*> last;
  for (auto& call : session) last[call.agent] = &call;
  for (const auto& [agent, call] : last) call->last_of_run = true;
}

enum ClaudeColumn : std::size_t { kTrace, kAgent, kStep, kSeconds, kModel, kIn, kOut, kCached };

core::Result<std::vector<Session>> read_sessions(const std::string& path) {
  auto table = CsvTable::read(path, {"trace", "agent", "step", "t", "model", "in", "out", "cached"});
  if (!table) return table.error();
  std::vector<Session> sessions;
  std::string current;
  for (std::size_t row = 0; row < table->rows(); ++row) {
    if (sessions.empty() || table->cell(row, kTrace) != current) {
      current = table->cell(row, kTrace);
      sessions.emplace_back();
    }
    double numbers[5] = {};
    const std::size_t columns[5] = {kSeconds, kStep, kIn, kOut, kCached};
    for (int i = 0; i < 5; ++i) {
      auto number = table->number(row, columns[i]);
      if (!number) return number.error();
      numbers[i] = *number;
    }
    sessions.back().push_back({.seconds = numbers[0],
                               .agent = table->cell(row, kAgent),
                               .model = table->cell(row, kModel),
                               .step = std::llround(numbers[1]),
                               .input = std::llround(numbers[2]),
                               .output = std::llround(numbers[3]),
                               .cached = std::llround(numbers[4])});
  }
  for (auto& session : sessions) mark_ends(session);
  return sessions;
}

// One session being played.
struct Playing {
  core::EventTime begin;
  const Session* session = nullptr;
  std::size_t next = 0;
  std::int64_t number = 0;
  std::uint64_t app = 0;
  core::EventTime at() const { return begin + core::microseconds(std::llround((*session)[next].seconds * 1e6)); }
};

std::string claude_event(const Playing& playing) {
  const Call& call = (*playing.session)[playing.next];
  const std::string run = "s" + std::to_string(playing.number) + "-" + call.agent;
  nlohmann::ordered_json event{{"event_id", run + "-" + std::to_string(call.step)},
                               {"ts", core::format_rfc3339(playing.at())},
                               {"app", "claude-code-" + std::to_string(playing.app)},
                               {"model", call.model},
                               {"provider", "anthropic"},
                               {"input_tokens", call.input},
                               {"output_tokens", call.output},
                               {"cache_read_tokens", std::min(call.cached, call.input)},
                               {"run_id", run},
                               {"step", call.step},
                               {"agent", call.agent}};
  if (call.last_of_run) event["run_end"] = true;
  return event.dump();
}

core::Result<std::int64_t> convert_claude_code(const ConvertOptions& options,
                                               const std::function<void(std::string_view)>& write) {
  auto sessions = read_sessions(options.input);
  if (!sessions) return sessions.error();
  if (sessions->empty()) return core::fail(core::ErrorCode::bad_data, "reading " + options.input + ": no calls");
  Random random(options.seed);
  const auto later = [](const Playing& a, const Playing& b) {
    return std::pair(a.at(), a.number) > std::pair(b.at(), b.number);
  };
  std::priority_queue<Playing, std::vector<Playing>, decltype(later)> playing(later);
  const std::int64_t total = static_cast<std::int64_t>(options.days) * options.sessions_per_day;
  const core::Duration gap = core::microseconds(core::days(1).us / std::max(options.sessions_per_day, 1));
  const core::EventTime end = kClaudeStart + core::days(options.days);
  std::int64_t started = 0, written = 0;
  while (started < total || !playing.empty()) {
    const core::EventTime next_start = kClaudeStart + gap * started;
    if (started < total && (playing.empty() || next_start <= playing.top().at())) {
      playing.push({.begin = next_start,
                    .session = &(*sessions)[random.below(sessions->size())],
                    .number = started++,
                    .app = random.below(static_cast<std::uint64_t>(std::max(options.apps, 1)))});
      continue;
    }
    Playing now = playing.top();
    if (now.at() >= end) break;
    playing.pop();
    write(claude_event(now));
    ++written;
    if (++now.next < now.session->size()) playing.push(now);
  }
  return written;
}

core::Result<std::int64_t> convert_azure(const ConvertOptions& options,
                                         const std::function<void(std::string_view)>& write) {
  const auto table = CsvTable::read(options.input, {"TIMESTAMP", "ContextTokens", "GeneratedTokens"});
  if (!table) return table.error();
  const bool code = options.input.find("code") != std::string::npos;
  for (std::size_t row = 0; row < table->rows(); ++row) {
    const auto ts = core::parse_rfc3339(table->cell(row, 0));
    if (!ts) {
      return core::fail(core::ErrorCode::bad_data, "reading " + options.input + ":" + std::to_string(row + 2) +
                                                       ": TIMESTAMP: " + ts.error().message);
    }
    const auto input = table->number(row, 1), output = table->number(row, 2);
    if (!input) return input.error();
    if (!output) return output.error();
    const nlohmann::ordered_json event{{"event_id", "azure-" + std::to_string(row)},
                                       {"ts", core::format_rfc3339(*ts)},
                                       {"app", code ? "azure-code" : "azure-conv"},
                                       {"model", "gpt-4o"},
                                       {"provider", "azure.ai.openai"},
                                       {"input_tokens", std::llround(*input)},
                                       {"output_tokens", std::llround(*output)}};
    write(event.dump());
  }
  return static_cast<std::int64_t>(table->rows());
}

}  // namespace

core::Result<std::int64_t> convert(const ConvertOptions& options, const std::function<void(std::string_view)>& write) {
  if (options.trace == "claude-code") return convert_claude_code(options, write);
  if (options.trace == "azure-llm") return convert_azure(options, write);
  return core::fail(core::ErrorCode::usage,
                    "converting: unknown trace \"" + options.trace + "\"; known are claude-code and azure-llm");
}

int convert_command(const ConvertOptions& options) {
  const auto written = convert(options, [](std::string_view event) { std::cout << event << '\n'; });
  if (!written) return daemon::report(written.error());
  std::cout.flush();
  return std::cout ? 0 : daemon::report(core::fail(core::ErrorCode::io, "writing events to standard output failed"));
}

}  // namespace costdrift::replay
