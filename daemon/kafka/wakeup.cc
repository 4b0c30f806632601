#include "daemon/kafka/wakeup.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "core/result.h"

namespace costdrift::daemon {

KafkaWakeup::KafkaWakeup() : descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (descriptor_ < 0) core::bug("eventfd: no file descriptor left");
}

KafkaWakeup::~KafkaWakeup() { close(descriptor_); }

void KafkaWakeup::signal() const {
  const std::uint64_t one = 1;
  // A full counter has woken the reader already.
  [[maybe_unused]] const auto written = write(descriptor_, &one, sizeof one);
}

void KafkaWakeup::clear() const {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto taken = read(descriptor_, &count, sizeof count);
}

void KafkaWakeup::wait(core::Duration timeout) const {
  pollfd entry{descriptor_, POLLIN, 0};
  const std::int64_t ms = std::clamp<std::int64_t>((timeout.us + 999) / 1000, 0, 60'000);
  ::poll(&entry, 1, static_cast<int>(ms));
}

}  // namespace costdrift::daemon
