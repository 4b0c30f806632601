#include <sstream>

#include "tests/simulator/simulation.h"

namespace costdrift::tests {

Plan Plan::without_faults(std::uint64_t seed) {
  Plan plan;
  plan.seed = seed;
  return plan;
}

Plan Plan::of(std::uint64_t seed) {
  Random random(seed * 0x9e3779b97f4a7c15ULL + 1);
  const auto sometimes = [&](double chance, double most) {
    return random.chance(chance) ? random.uniform() * most : 0;
  };
  Plan plan;
  plan.seed = seed;
  plan.log.max_records = 10 + static_cast<int>(random.uniform() * 200);
  plan.log.away = sometimes(0.5, 0.5);
  plan.log.revoke = sometimes(0.3, 0.2);
  plan.sinks.refuse = sometimes(0.6, 0.8);
  plan.sinks.ask_to_wait = sometimes(0.5, 0.5);
  plan.sinks.pager_down = random.chance(0.2);
  plan.kill = sometimes(0.8, 0.2);
  plan.power_loss = sometimes(0.6, 1);
  plan.turn = core::milliseconds(20 + static_cast<std::int64_t>(random.uniform() * 400));
  return plan;
}

std::string Plan::text() const {
  std::ostringstream text;
  text << "seed " << seed << ", bug " << static_cast<int>(bug) << ", records a poll up to " << log.max_records
       << ", broker away " << log.away << ", revoke " << log.revoke << ", skip " << log.skip_record << ", repeat "
       << log.repeat_record << ", refuse " << sinks.refuse << ", ask to wait " << sinks.ask_to_wait << ", pager down "
       << sinks.pager_down << ", kill " << kill << ", power loss " << power_loss << ", turn "
       << core::format_duration(turn);
  return text.str();
}

}  // namespace costdrift::tests
