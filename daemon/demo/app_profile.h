// AppProfile: what one application of the demo looks like when nothing is wrong. app_profile.cc holds the table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/time.h"

namespace costdrift::daemon::demo {

// The demo's own copy of list prices, in nano-dollars per token, so that the true cost of an incident does not come
// from the code under show; a test compares it with the shipped price list.
struct Model {
  std::string_view name, provider;
  std::int64_t input, cache_read, output;
};

struct ModelShare {
  const Model* model = nullptr;
  double share = 0;
};

struct UseCase {
  std::string_view name;
  double share = 0;
};

// Log-normal with this mean; `log_sd` is the standard deviation of the logarithm.
struct TokenShape {
  double mean = 0;
  double log_sd = 0;
};

enum class DayShape : std::uint8_t { office, consumer, nightly };

// Zero (or empty) where an application does not have the trait: its events then do not carry the field.
struct AppProfile {
  std::string_view app, team, owner, cost_center, env, region, prompt_version;
  std::span<const ModelShare> models;
  std::span<const UseCase> use_cases;
  DayShape day = DayShape::office;
  double per_second = 0;  // calls (agents: runs) a second at the height of a weekday
  TokenShape input = {}, output = {};

  double cache_hit_share = 0;  // of the calls that find their prefix in the cache ...
  double cached_part = 0;      // ... and the part of the input that is then read from it
  double retrieved_part = 0;   // of the input that retrieval brought
  double retry_share = 0;      // of the attempts that are followed by another one
  double error_share = 0;      // of the calls that fail without an answer
  double tail_share = 0;       // of the calls that are heavier by a Pareto factor ...
  double tail_index = 0;       // ... with this index
  double burst_share = 0;      // of the five-minute slots with three times the calls

  double mean_steps = 0;            // agents: calls per run, geometric
  TokenShape growth_per_step = {};  // agents: input tokens that each step adds
};

std::span<const AppProfile> all_apps();
// nullptr: no such application.
const AppProfile* find_app(std::string_view name);
std::span<const Model> all_models();

// Volume at that moment relative to the height of a weekday: the daily and weekly pattern without noise.
double weekly_level(DayShape shape, core::EventTime t);

}  // namespace costdrift::daemon::demo
