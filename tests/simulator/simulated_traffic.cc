#include "tests/simulator/simulated_traffic.h"

#include <array>
#include <cstdio>

#include "tests/support/random.h"

namespace costdrift::tests {
namespace {

constexpr double kStart_s = 1'740'960'000;  // 2025-03-03T00:00:00Z
constexpr double kHours = 36;
constexpr double kDriftBegins_h = 27, kDriftEnds_h = 31;
constexpr double kUninvitedBegin_h = 2, kLargeOneBegins_h = 6;
constexpr double kCallsPerHour = 25;

struct App {
  const char* name;
  const char* model;
};
constexpr std::array<App, 2> kApps{{{"desk", "gpt-4o"}, {"shop", "gpt-4o-mini"}}};

std::string call(const App& app, double hour, std::int64_t number, Random& random) {
  const bool drifting = hour >= kDriftBegins_h && hour < kDriftEnds_h;
  const bool desk = app.name[0] == 'd';
  const double input = random.log_normal(2000, 0.3) + (drifting && desk ? 2500 : 0);
  const int attempt = random.chance(drifting && !desk ? 0.4 : 0.04) ? 2 : 1;
  char line[320];
  std::snprintf(line, sizeof line,
                R"({"ts":%.3f,"app":"%s","model":"%s","team":"cx","input_tokens":%d,"output_tokens":%d,)"
                R"("cost_usd":%.6f,"attempt":%d,"event_id":"%s-%lld"})",
                kStart_s + hour * 3600, app.name, app.model, static_cast<int>(input),
                static_cast<int>(random.log_normal(200, 0.4)), input * 2e-5, attempt, app.name,
                static_cast<long long>(number));
  return line;
}

// A call of an application that comes when all places are taken: one of its own for a tenth of a cent, or, later, the
// same one for much.
std::string uninvited_call(double hour, std::int64_t number, Random& random) {
  const bool large = hour > kLargeOneBegins_h && random.chance(0.5);
  char line[192];
  std::snprintf(line, sizeof line,
                R"({"ts":%.3f,"app":"%s%lld","model":"gpt-4o","input_tokens":100,"output_tokens":10,"cost_usd":%s})",
                kStart_s + hour * 3600, large ? "large" : "id-", large ? 0LL : static_cast<long long>(number),
                large ? "0.1" : "0.001");
  return line;
}

}  // namespace

TrafficLog simulated_traffic(std::uint64_t seed, int partitions) {
  Random random(seed), uninvited(seed + 1);
  TrafficLog log;
  log.partitions.resize(static_cast<std::size_t>(partitions));
  std::int64_t number = 0;
  const double step_h = 1 / (kCallsPerHour * static_cast<double>(kApps.size()));
  for (double hour = 0; hour < kHours; hour += step_h * random.exponential()) {
    const App& app = kApps[static_cast<std::size_t>(random.uniform() * kApps.size())];
    auto& lines = log.partitions[static_cast<std::size_t>(random.uniform() * partitions)];
    if (random.chance(0.004)) lines.push_back("{\"rubbish\":");
    const bool late = hour > 2 && random.chance(0.006);
    lines.push_back(call(app, late ? hour - 1 : hour, ++number, random));
    if (random.chance(0.006)) lines.push_back(lines.back());
    if (hour > kUninvitedBegin_h && uninvited.chance(0.05)) lines.push_back(uninvited_call(hour, number, uninvited));
  }
  for (auto& lines : log.partitions) lines.push_back(call(kApps[0], kHours + 1, ++number, random));
  return log;
}

}  // namespace costdrift::tests
