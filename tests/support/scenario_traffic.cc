#include <algorithm>
#include <cstdio>

#include "core/hash.h"
#include "daemon/demo/app_profile.h"
#include "tests/support/random.h"
#include "tests/support/scenario.h"

namespace costdrift::tests {
namespace {

constexpr double kCachedPart = 0.8;
constexpr int kMaxAttempts = 6;

struct Call {
  core::EventTime ts;
  std::uint64_t group = 0;  // attempts of one call, or calls of one run
  std::int64_t attempt = 0, step = 0;
  bool run_end = false;
};

// The traffic of one application; each draws from its own generator, so that a change in one moves no other.
class AppStory {
 public:
  AppStory(const Scenario& scenario, const ScenarioApp& app, std::vector<ScenarioRecord>& records)
      : scenario_(scenario), app_(app), records_(records), random_(scenario.seed ^ core::hash64(app.name)) {}

  void tell() {
    const core::EventTime end = scenario_.start() + scenario_.history + scenario_.watch;
    for (core::EventTime at = next_arrival(scenario_.start()); at < end; at = next_arrival(at)) begin(at);
    for (const auto& change : scenario_.changes) {
      if (change.app == app_.name && change.endless_run_every.us > 0) endless_run(change);
    }
  }

 private:
  const ScenarioChange* change_at(core::EventTime t) const {
    for (std::size_t i = 0; i < scenario_.changes.size(); ++i) {
      const ScenarioChange& change = scenario_.changes[i];
      const core::EventTime from = scenario_.change_time(i);
      if (change.app == app_.name && from <= t && t < from + change.lasts) return &change;
    }
    return nullptr;
  }

  core::EventTime next_arrival(core::EventTime t) {
    double per_minute = app_.calls_per_minute;
    if (app_.day == "office") per_minute *= daemon::demo::weekly_level(daemon::demo::DayShape::office, t);
    if (const auto* change = change_at(t)) per_minute *= change->calls_factor;
    return t + core::Duration{static_cast<std::int64_t>(random_.exponential() / per_minute * 60e6)};
  }

  core::Duration gap(double low_s, double high_s) {
    return {static_cast<std::int64_t>((low_s + random_.uniform() * (high_s - low_s)) * 1e6)};
  }

  void begin(core::EventTime at) {
    const std::uint64_t group = random_.bits();
    app_.steps_per_run > 0 ? run({.ts = at, .group = group, .step = 1}) : attempts({.ts = at, .group = group});
  }

  void run(Call call) {
    while (true) {
      const auto* change = change_at(call.ts);
      const double mean = change ? change->steps_per_run.value_or(app_.steps_per_run) : app_.steps_per_run;
      call.run_end = random_.chance(1 / mean);
      write(call, change);
      if (call.run_end) return;
      call.ts = call.ts + gap(2, 8);
      ++call.step;
    }
  }

  void attempts(Call call) {
    for (call.attempt = 1;; ++call.attempt, call.ts = call.ts + gap(1, 4)) {
      const auto* change = change_at(call.ts);
      write(call, change);
      const double share = change ? change->retry_share.value_or(app_.retry_share) : app_.retry_share;
      if (!random_.chance(share) || call.attempt == kMaxAttempts) return;
    }
  }

  void endless_run(const ScenarioChange& change) {
    Call call{.ts = scenario_.start() + scenario_.history + change.at, .group = random_.bits(), .step = 1};
    const core::EventTime end = call.ts + change.lasts;
    for (; call.ts < end; call.ts = call.ts + change.endless_run_every, ++call.step) write(call, nullptr);
  }

  std::int64_t tokens(double mean) {
    return std::llround(random_.log_normal(mean * std::exp(-0.5 * app_.spread * app_.spread), app_.spread));
  }

  void write(const Call& call, const ScenarioChange* change) {
    std::int64_t input = tokens(app_.input_tokens), output = tokens(app_.output_tokens);
    const bool heavy = random_.chance(change ? change->tail_share : 0);
    if (heavy) input = std::llround(static_cast<double>(input) * change->tail_factor);
    if (heavy) output = std::llround(static_cast<double>(output) * change->tail_factor);
    if (change) input += std::llround(change->added_input_tokens);
    char text[1024];
    int size = std::snprintf(text, sizeof text,
                             R"({"ts":%lld,"event_id":"%s-%zu","app":"%s","model":"%s","team":"team-%s","owner":"ana",)"
                             R"("env":"prod","input_tokens":%lld,"output_tokens":%lld)",
                             static_cast<long long>(call.ts.us), app_.name.c_str(), records_.size(), app_.name.c_str(),
                             app_.model.c_str(), app_.name.c_str(), static_cast<long long>(input),
                             static_cast<long long>(output));
    const auto add = [&](const char* format, auto... values) {
      size += std::snprintf(text + size, sizeof text - static_cast<std::size_t>(size), format, values...);
    };
    if (app_.cache_hit_share >= 0) {
      const double share = change ? change->cache_hit_share.value_or(app_.cache_hit_share) : app_.cache_hit_share;
      const double cached = random_.chance(share) ? kCachedPart * static_cast<double>(input) : 0;
      add(",\"cache_read_tokens\":%lld", std::llround(cached));
    }
    if (call.attempt > 0 && app_.retry_share > 0) add(",\"attempt\":%lld", static_cast<long long>(call.attempt));
    if (call.step > 0) {
      add(",\"run_id\":\"run-%016llx\",\"step\":%lld,\"run_end\":%s", static_cast<unsigned long long>(call.group),
          static_cast<long long>(call.step), call.run_end ? "true" : "false");
    }
    add("}");
    records_.push_back({call.ts, call.group % kScenarioPartitions, 0, text});
  }

  const Scenario& scenario_;
  const ScenarioApp& app_;
  std::vector<ScenarioRecord>& records_;
  Random random_;
};

}  // namespace

std::vector<ScenarioRecord> traffic_of(const Scenario& scenario) {
  std::vector<ScenarioRecord> records;
  for (const auto& app : scenario.apps) AppStory(scenario, app, records).tell();
  const core::EventTime end = scenario.start() + scenario.history + scenario.watch;
  std::erase_if(records, [&](const ScenarioRecord& record) { return record.ts >= end; });
  std::stable_sort(records.begin(), records.end(), [](const auto& a, const auto& b) { return a.ts < b.ts; });
  std::int64_t next[kScenarioPartitions] = {};
  for (auto& record : records) record.offset = next[record.partition]++;
  return records;
}

}  // namespace costdrift::tests
