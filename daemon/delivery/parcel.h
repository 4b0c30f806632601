// DeliveryParcel: what a sink is told in one message: one incident, or all that a digest folds (storm.h); or
// what it is not told any more because it has expired.
#pragma once

#include <vector>

#include "core/clock.h"
#include "core/notification.h"

namespace costdrift::daemon {

struct DeliveryParcel {
  std::vector<core::Notification> messages;  // one, unless it is a digest; none when only the end of a storm is told
  bool digest = false;
  bool expired = false;     // nothing is sent: these are given up
  bool ends_storm = false;  // of a digest
  core::WallTime at;        // of a digest: what it says for "now"
};

}  // namespace costdrift::daemon
