#include "daemon/demo/app_traffic.h"

#include <algorithm>
#include <cmath>

#include "core/hash.h"

namespace costdrift::daemon::demo {

namespace {

constexpr std::int64_t kMaxInput = 180'000;  // below the context limits and the dearer prices of long contexts
constexpr std::int64_t kMaxOutput = 32'000;
constexpr std::int64_t kMaxAttempts = 6;
constexpr double kVolumeNoise = 0.10;  // standard deviation of the log of the volume, by 10 minutes
constexpr double kTokenNoise = 0.015;  // of the mean input, by hour: no real series is stationary
constexpr double kBurst = 3;

// Noise that changes smoothly from slot to slot.
double smooth_noise(std::uint64_t key, core::EventTime t, core::Duration slot) {
  const std::int64_t index = t.us / slot.us;
  const double part = static_cast<double>(t.us % slot.us) / static_cast<double>(slot.us);
  return fixed_noise(key, index) * (1 - part) + fixed_noise(key, index + 1) * part;
}

template <class Shares>
std::uint8_t choose(const Shares& shares, double draw) {
  std::uint8_t place = 0;
  while (place + 1u < shares.size() && (draw -= shares[place].share) >= 0) ++place;
  return place;
}

core::Duration random_gap(Random& random, double low_seconds, double high_seconds) {
  return {static_cast<std::int64_t>((low_seconds + random.uniform() * (high_seconds - low_seconds)) * 1e6)};
}

std::int64_t cached_tokens(const AppProfile& profile, std::int64_t input, double hit_draw, double hit_share) {
  if (hit_draw >= hit_share) return 0;
  return static_cast<std::int64_t>(profile.cached_part * static_cast<double>(input)) / 64 * 64;
}

}  // namespace

AppTraffic::AppTraffic(const AppProfile& profile, std::vector<PlayedIncident*> incidents, Period period,
                       std::uint64_t seed, double volume)
    : profile_(profile),
      incidents_(std::move(incidents)),
      period_(period),
      key_(mix(seed) ^ core::hash64(profile.app)),
      volume_(volume),
      random_(key_),
      next_arrival_(period.start) {
  schedule_arrival();
  begin_endless_runs();
}

core::EventTime AppTraffic::next_time() const {
  const core::EventTime next = follow_ups_.empty() ? next_arrival_ : std::min(next_arrival_, follow_ups_.top().ts);
  return next < period_.end ? next : core::EventTime::max();
}

Call AppTraffic::next() {
  if (!follow_ups_.empty() && follow_ups_.top().ts <= next_arrival_) {
    const Unit unit = follow_ups_.top();
    follow_ups_.pop();
    return perform(unit);
  }
  const Unit unit = begin(next_arrival_);
  schedule_arrival();
  return perform(unit);
}

void AppTraffic::schedule_arrival() {
  refresh_level(next_arrival_);
  next_arrival_.us += static_cast<std::int64_t>(random_.exponential() / per_second_ * 1e6);
}

void AppTraffic::refresh_level(core::EventTime t) {
  const core::EventTime minute = core::floor_to(t, core::minutes(1));
  if (minute == minute_) return;
  minute_ = minute;
  const double noise = std::exp(kVolumeNoise * smooth_noise(key_ ^ 1, minute, core::minutes(10)));
  const std::uint64_t slot = mix(key_ ^ 2 ^ static_cast<std::uint64_t>(minute.us / core::minutes(5).us));
  const bool burst = static_cast<double>(slot >> 11) * 0x1p-53 < profile_.burst_share;
  per_second_ = volume_ * profile_.per_second * weekly_level(profile_.day, minute) * noise * (burst ? kBurst : 1);
  token_level_ = 1 + kTokenNoise * smooth_noise(key_ ^ 3, minute, core::hours(1));
}

AppTraffic::Unit AppTraffic::begin(core::EventTime ts) {
  Unit unit;
  unit.ts = ts;
  unit.model = choose(profile_.models, random_.uniform());
  unit.use_case = choose(profile_.use_cases, random_.uniform());
  if (profile_.mean_steps > 0) {
    unit.run = random_.bits() | 1;
    unit.step = 1;
  }
  return unit;
}

void AppTraffic::begin_endless_runs() {
  for (PlayedIncident* played : incidents_) {
    if (!played->incident.change.endless_run) continue;
    Unit unit = begin(played->from);
    unit.cause = played;
    unit.endless = true;
    add_follow_up(unit, played->from);
  }
}

Call AppTraffic::perform(const Unit& unit) {
  const double hit_draw = random_.uniform();
  Call call = draw(unit, hit_draw);
  PlayedIncident* active = active_at(unit.ts);
  const std::int64_t ordinary_cost = unit.cause ? 0 : cost_of(call);
  if (active) distort(call, active->incident.change, hit_draw);
  if (call.run != 0) {
    follow_up_step(unit, call, active);
  } else if (profile_.retry_share > 0) {
    follow_up(unit, call, active);
  }
  if (PlayedIncident* payer = unit.cause ? unit.cause : active) payer->extra.nano += cost_of(call) - ordinary_cost;
  return call;
}

Call AppTraffic::draw(const Unit& unit, double hit_draw) {
  Call call;
  call.ts = unit.ts;
  call.profile = &profile_;
  call.model = unit.model;
  call.use_case = unit.use_case;
  call.run = unit.run;
  call.step = unit.step;
  call.prompt_version = profile_.prompt_version;
  call.failed = profile_.error_share > 0 && random_.uniform() < profile_.error_share;
  call.input = unit.input > 0 ? unit.input : draw_tokens(profile_.input);
  call.output = std::min(draw_tokens(profile_.output), kMaxOutput);
  if (profile_.tail_share > 0 && random_.uniform() < profile_.tail_share) {
    const double factor = std::exp(random_.exponential() / profile_.tail_index);
    call.input = std::min(static_cast<std::int64_t>(factor * static_cast<double>(call.input)), kMaxInput);
    call.output = std::min(static_cast<std::int64_t>(factor * static_cast<double>(call.output)), kMaxOutput);
  }
  if (profile_.cache_hit_share > 0)
    call.cached = cached_tokens(profile_, call.input, hit_draw, profile_.cache_hit_share);
  if (profile_.retrieved_part > 0) {
    call.retrieved = static_cast<std::int64_t>(profile_.retrieved_part * static_cast<double>(call.input));
  }
  if (profile_.retry_share > 0) call.attempt = unit.attempt;
  const double ms = call.failed ? 40 : 300 + 14 * static_cast<double>(call.output);
  call.latency_ms = static_cast<std::int64_t>(ms * (0.85 + 0.3 * random_.uniform()));
  return call;
}

void AppTraffic::distort(Call& call, const Change& change, double hit_draw) {
  if (change.tail && random_.uniform() < change.tail->share) {
    const double factor = change.tail->factor;
    call.input = std::min(static_cast<std::int64_t>(factor * static_cast<double>(call.input)), kMaxInput);
    call.output = std::min(static_cast<std::int64_t>(factor * static_cast<double>(call.output)), kMaxOutput);
  }
  if (change.cache_hit_share) call.cached = cached_tokens(profile_, call.input, hit_draw, *change.cache_hit_share);
  if (change.added_input_tokens) call.input += *change.added_input_tokens;
  if (!change.prompt_version.empty()) call.prompt_version = change.prompt_version;
}

// The same draw decides with and without the incident, so that its own share of the attempts is known.
void AppTraffic::follow_up(const Unit& unit, const Call& call, PlayedIncident* active) {
  const double share =
      active ? active->incident.change.retry_share.value_or(profile_.retry_share) : profile_.retry_share;
  const double draw = random_.uniform();
  if (draw >= share || unit.attempt >= kMaxAttempts) return;
  Unit again = unit;
  again.attempt = unit.attempt + 1;
  again.input = call.input;
  if (!unit.cause && draw >= profile_.retry_share) again.cause = active;
  add_follow_up(again, unit.ts + random_gap(random_, 1, 4));
}

void AppTraffic::follow_up_step(const Unit& unit, Call& call, PlayedIncident* active) {
  const double mean = active ? active->incident.change.mean_steps.value_or(profile_.mean_steps) : profile_.mean_steps;
  const double draw = random_.uniform();
  const core::Duration gap = unit.endless ? unit.cause->incident.change.endless_run->every : random_gap(random_, 5, 15);
  const core::EventTime next = unit.ts + gap;
  call.run_end = unit.endless ? next >= unit.cause->to : draw >= 1 - 1 / mean;
  call.tool_calls = call.run_end ? 0 : 1 + (random_.uniform() < 0.3 ? 1 : 0);
  if (call.run_end) return;
  Unit step = unit;
  step.step = unit.step + 1;
  const std::int64_t added =
      unit.endless ? unit.cause->incident.change.endless_run->tokens_per_step : draw_tokens(profile_.growth_per_step);
  step.input = std::min(call.input + added, kMaxInput);
  if (!unit.cause && draw >= 1 - 1 / profile_.mean_steps) step.cause = active;
  add_follow_up(step, next);
}

void AppTraffic::add_follow_up(Unit unit, core::EventTime ts) {
  unit.ts = ts;
  unit.order = order_++;
  follow_ups_.push(unit);
}

PlayedIncident* AppTraffic::active_at(core::EventTime t) const {
  for (PlayedIncident* played : incidents_) {
    if (played->from <= t && t < played->to) return played;
  }
  return nullptr;
}

std::int64_t AppTraffic::draw_tokens(const TokenShape& shape) {
  const double location = -0.5 * shape.log_sd * shape.log_sd;
  const double value = shape.mean * token_level_ * std::exp(location + shape.log_sd * random_.normal());
  return std::clamp<std::int64_t>(std::llround(value), 1, kMaxInput);
}

}  // namespace costdrift::daemon::demo
