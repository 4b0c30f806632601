#include "daemon/delivery/storm.h"

#include "daemon/delivery/pace.h"

namespace costdrift::daemon {
namespace {

constexpr core::Duration kWindow = core::minutes(1);
constexpr core::Duration kQuiet = core::minutes(5);

}  // namespace

std::size_t Storm::to_tell(const DeliveryQueue& queue, core::MonotonicTime now) {
  std::size_t count = queue.size();
  for (auto told = told_.begin(); told != told_.end();) {
    if (after(told->second, kWindow) <= now) {
      told = told_.erase(told);
      continue;
    }
    if (!queue.contains(told->first)) ++count;
    ++told;
  }
  return count;
}

void Storm::on_wanted(const DeliveryQueue& queue, core::MonotonicTime now) {
  if (limit_ <= 0 || to_tell(queue, now) <= static_cast<std::size_t>(limit_)) return;
  if (!active_) next_digest_ = now;
  active_ = true;
  ends_at_ = after(now, kQuiet);
}

void Storm::on_told(const std::string& incident_id, core::MonotonicTime now) {
  if (limit_ > 0) told_[incident_id] = now;
}

void Storm::on_digest_told(core::MonotonicTime now) {
  told_.clear();
  next_digest_ = after(now, kWindow);
}

void Storm::resume(core::MonotonicTime now) {
  active_ = true;
  next_digest_ = now;
  ends_at_ = after(now, kQuiet);
}

}  // namespace costdrift::daemon
