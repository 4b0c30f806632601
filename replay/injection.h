// Injection: a drift of known size put into real events, to see whether and when a configuration tells of it.
//
//   prompt      input_tokens x (1 + size)
//   retries     a share `size` of the calls is made twice: a second attempt with the same tokens
//   cache_loss  a share `size` of the calls reads nothing from the cache
//   loops       a share `size` of the agent runs makes every step twice
//   price       the reported cost x (1 + size)
//   mix         a share `size` of the calls goes to `to_model`
//
// A reported cost follows the list prices of what was changed. Which calls are changed is a function of the seed and
// the event alone (its event_id or run_id; without, its place in the log).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/money.h"
#include "core/result.h"
#include "core/time.h"
#include "daemon/prices/price_book.h"
#include "replay/shared_log.h"

namespace costdrift::replay {

enum class InjectedDrift : std::uint8_t { prompt, retries, cache_loss, loops, price, mix };
inline constexpr int kInjectedDrifts = 6;
// "prompt", "retries", ...
std::string_view drift_name(InjectedDrift drift);
// The detector that watches for such a drift; others may see it too.
std::string_view watching_detector(InjectedDrift drift);

struct Injection {
  std::string app;
  InjectedDrift drift = InjectedDrift::prompt;
  double size = 0.1;
  core::EventTime from, to;  // calls with from <= ts < to
  std::string to_model;      // mix
  std::uint64_t seed = 1;
};

// Puts injections into the records of one replay, and keeps account of what they cost.
class Injector {
 public:
  // At most one injection for an app at a time. Reads canonical events; the prices outlive the object.
  static core::Result<std::unique_ptr<Injector>> make(std::vector<Injection> injections,
                                                      const config::Settings& settings,
                                                      const daemon::PriceBook& prices);
  ~Injector();
  // For ReplayJob::edit; the object outlives it.
  RecordEdit edit();
  const std::vector<Injection>& injections() const;
  // Dollars that an injection has added until `at`; the whole of it: EventTime::max().
  core::NanoUsd added(std::size_t injection, core::EventTime at) const;
  // Calls that an injection has changed.
  std::int64_t changed(std::size_t injection) const;

 private:
  struct Impl;
  explicit Injector(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::replay
