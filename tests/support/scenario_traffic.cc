#include <algorithm>
#include <cstdio>

#include "core/hash.h"
#include "daemon/demo/app_profile.h"
#include "daemon/prices/price_book.h"
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
  std::string_view use_case;
  std::string_view stray_key;  // empty: the app's own call
};

struct Use {
  std::string_view model;
  std::int64_t input = 0, output = 0, reasoning = 0, retrieved = 0, cached = 0;
};

// A line of the log in the making.
class EventText {
 public:
  template <class... Values>
  void add(const char* format, Values... values) {
    size_ += std::snprintf(text_ + size_, sizeof text_ - static_cast<std::size_t>(size_), format, values...);
  }
  std::string take() const { return text_; }

 private:
  char text_[1024];
  int size_ = 0;
};

// The traffic of one application; each draws from its own generator, so that a change in one moves no other.
class AppStory {
 public:
  AppStory(const Scenario& scenario, const ScenarioApp& app, const daemon::PriceBook& prices,
           std::vector<ScenarioRecord>& records)
      : scenario_(scenario),
        app_(app),
        records_(records),
        prices_(prices),
        random_(scenario.seed ^ core::hash64(app.name)) {}

  void tell() {
    const core::EventTime end = scenario_.start() + scenario_.history + scenario_.watch;
    for (core::EventTime at = next_arrival(scenario_.start()); at < end; at = next_arrival(at)) begin(at);
    for (const auto& change : scenario_.changes) {
      if (change.app == app_.name && change.endless_run_every.us > 0) endless_run(change);
      if (change.app == app_.name && !change.stray_key.empty()) stray_calls(change);
    }
  }

 private:
  const ScenarioChange* change_at(core::EventTime t, std::string_view use_case) const {
    for (std::size_t i = 0; i < scenario_.changes.size(); ++i) {
      const ScenarioChange& change = scenario_.changes[i];
      const core::EventTime from = scenario_.change_time(i);
      const bool meant = change.app == app_.name && (change.use_case.empty() || change.use_case == use_case);
      if (meant && from <= t && t < from + change.lasts) return &change;
    }
    return nullptr;
  }

  core::EventTime next_arrival(core::EventTime t) {
    double per_minute = app_.calls_per_minute;
    if (app_.day == "office") per_minute *= daemon::demo::weekly_level(daemon::demo::DayShape::office, t);
    if (const auto* change = change_at(t, "")) per_minute *= change->calls_factor;
    return t + core::Duration{static_cast<std::int64_t>(random_.exponential() / per_minute * 60e6)};
  }

  // Drawn from the group, so that use cases change no other draw.
  std::string_view use_case_of(std::uint64_t group) const {
    double left = static_cast<double>(Random(group).bits() >> 11) * 0x1.0p-53;
    for (const auto& [name, share] : app_.use_cases) {
      left -= share;
      if (left < 0) return name;
    }
    return "";
  }

  core::Duration gap(double low_s, double high_s) {
    return {static_cast<std::int64_t>((low_s + random_.uniform() * (high_s - low_s)) * 1e6)};
  }

  void begin(core::EventTime at) {
    if (const auto* change = change_at(at, ""); change && change->silent) return;
    const std::uint64_t group = random_.bits();
    const Call call{.ts = at, .group = group, .step = app_.steps_per_run > 0 ? 1 : 0, .use_case = use_case_of(group)};
    call.step > 0 ? run(call) : attempts(call);
  }

  void run(Call call) {
    while (true) {
      const auto* change = change_at(call.ts, call.use_case);
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
      const auto* change = change_at(call.ts, call.use_case);
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

  void stray_calls(const ScenarioChange& change) {
    const core::EventTime begin = scenario_.start() + scenario_.history + change.at;
    const double mean_gap = 60e6 / change.stray_calls_per_minute;
    const auto gap = [&] { return core::Duration{static_cast<std::int64_t>(random_.exponential() * mean_gap)}; };
    for (core::EventTime at = begin + gap(); at < begin + change.lasts; at = at + gap()) {
      write({.ts = at, .group = random_.bits(), .stray_key = change.stray_key}, nullptr);
    }
  }

  std::int64_t tokens(double mean) {
    return std::llround(random_.log_normal(mean * std::exp(-0.5 * app_.spread * app_.spread), app_.spread));
  }

  // What the app has of a trait now.
  static double now(double usual, const ScenarioChange* change, std::optional<double> ScenarioChange::*changed) {
    return change ? (change->*changed).value_or(usual) : usual;
  }

  Use draw_use(const ScenarioChange* change) {
    Use used{.model = app_.model, .input = tokens(app_.input_tokens), .output = tokens(app_.output_tokens)};
    const double factor = random_.chance(change ? change->tail_share : 0) ? change->tail_factor : 1;
    used.input = std::llround(static_cast<double>(used.input) * factor);
    used.output = std::llround(static_cast<double>(used.output) * factor * (change ? change->output_factor : 1));
    if (change) used.input += std::llround(change->added_input_tokens);
    if (change && change->reasoning_tokens > 0) used.reasoning = tokens(change->reasoning_tokens);
    used.output += used.reasoning;
    if (app_.retrieved_tokens > 0) {
      used.retrieved = tokens(now(app_.retrieved_tokens, change, &ScenarioChange::retrieved_tokens));
      used.input += used.retrieved;
    }
    if (app_.cache_hit_share >= 0) {
      const bool hit = random_.chance(now(app_.cache_hit_share, change, &ScenarioChange::cache_hit_share));
      used.cached = hit ? std::llround(kCachedPart * static_cast<double>(used.input)) : 0;
    }
    if (!app_.dear_model.empty() && random_.chance(now(app_.dear_share, change, &ScenarioChange::dear_share))) {
      used.model = app_.dear_model;
    }
    return used;
  }

  double list_price(const Use& used) const {
    core::UsageEvent event;
    event.model = used.model;
    event.input_tokens = used.input;
    event.output_tokens = used.output;
    if (app_.cache_hit_share >= 0) event.cache_read_tokens = used.cached;
    prices_.price(event);
    return core::to_usd(event.cost);
  }

  // A count with this mean, geometric from 0.
  long long count(double mean) {
    return static_cast<long long>(std::floor(random_.exponential() / std::log1p(1 / std::max(mean, 1e-9))));
  }

  void write(const Call& call, const ScenarioChange* change) {
    const Use used = draw_use(change);
    EventText text;
    text.add(R"({"ts":%lld,"event_id":"%s-%zu","app":"%s","model":"%s","env":"prod")",
             static_cast<long long>(call.ts.us), app_.name.c_str(), records_.size(), app_.name.c_str(),
             std::string(used.model).c_str());
    if (call.stray_key.empty()) {
      add_owner(text, change);
    } else {
      text.add(R"(,"api_key_id":"%s")", std::string(call.stray_key).c_str());
    }
    if (!call.use_case.empty()) text.add(R"(,"use_case":"%s")", std::string(call.use_case).c_str());
    text.add(R"(,"input_tokens":%lld,"output_tokens":%lld)", static_cast<long long>(used.input),
             static_cast<long long>(used.output));
    if (used.reasoning > 0) text.add(R"(,"reasoning_tokens":%lld)", static_cast<long long>(used.reasoning));
    if (app_.retrieved_tokens > 0) text.add(R"(,"retrieved_tokens":%lld)", static_cast<long long>(used.retrieved));
    const bool says_cached = app_.cache_hit_share >= 0 && !(change && change->without == "cache_read_tokens");
    if (says_cached) text.add(R"(,"cache_read_tokens":%lld)", static_cast<long long>(used.cached));
    if (call.attempt > 0 && app_.retry_share > 0) text.add(R"(,"attempt":%lld)", static_cast<long long>(call.attempt));
    if (call.step > 0) {
      text.add(R"(,"run_id":"run-%016llx","step":%lld,"run_end":%s)", static_cast<unsigned long long>(call.group),
               static_cast<long long>(call.step), call.run_end ? "true" : "false");
    }
    add_traits(text, call, used, change);
    records_.push_back({call.ts, call.group % kScenarioPartitions, 0, text.take() + "}"});
    if (change && change->twice_share > 0 && random_.chance(change->twice_share)) records_.push_back(records_.back());
  }

  void add_owner(EventText& text, const ScenarioChange* change) const {
    if (change && change->without == "team") return;
    const std::string team = change && !change->team.empty() ? change->team : "team-" + app_.name;
    text.add(R"(,"team":"%s","owner":"ana")", team.c_str());
  }

  void add_traits(EventText& text, const Call& call, const Use& used, const ScenarioChange* change) {
    if (app_.tool_calls >= 0) {
      text.add(R"(,"tool_calls":%lld)", count(now(app_.tool_calls, change, &ScenarioChange::tool_calls)));
    }
    if (app_.latency_ms > 0) {
      const double mean = now(app_.latency_ms, change, &ScenarioChange::latency_ms);
      text.add(R"(,"latency_ms":%lld)", static_cast<long long>(tokens(mean)));
    }
    if (app_.reported_cost > 0) {
      const double ratio = now(app_.reported_cost, change, &ScenarioChange::reported_cost);
      text.add(R"(,"cost_usd":%.9f)", change && change->free ? 0 : ratio * list_price(used));
    }
    const bool finished = call.step == 0 || call.run_end;
    if (!app_.outcome.empty() && finished) text.add(R"(,"outcome":"%s")", app_.outcome.c_str());
  }

  const Scenario& scenario_;
  const ScenarioApp& app_;
  std::vector<ScenarioRecord>& records_;
  const daemon::PriceBook& prices_;
  Random random_;
};

}  // namespace

std::vector<ScenarioRecord> traffic_of(const Scenario& scenario) {
  std::vector<ScenarioRecord> records;
  const daemon::PriceBook prices = daemon::PriceBook::shipped({});
  for (const auto& app : scenario.apps) AppStory(scenario, app, prices, records).tell();
  const core::EventTime end = scenario.start() + scenario.history + scenario.watch;
  std::erase_if(records, [&](const ScenarioRecord& record) { return record.ts >= end; });
  std::stable_sort(records.begin(), records.end(), [](const auto& a, const auto& b) { return a.ts < b.ts; });
  std::int64_t next[kScenarioPartitions] = {};
  for (auto& record : records) record.offset = next[record.partition]++;
  return records;
}

}  // namespace costdrift::tests
