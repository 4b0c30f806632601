// KafkaWakeup: one event descriptor that librdkafka's queues and the probe write to when they have something.
//
// Threads  signal() from any; clear() and wait() from the stream thread. Clear first, then look at the queues, then
//          wait: nothing that comes in between is missed.
#pragma once

#include "core/time.h"

namespace costdrift::daemon {

class KafkaWakeup {
 public:
  KafkaWakeup();
  ~KafkaWakeup();
  KafkaWakeup(const KafkaWakeup&) = delete;
  KafkaWakeup& operator=(const KafkaWakeup&) = delete;

  int descriptor() const { return descriptor_; }
  void signal() const;
  void clear() const;
  void wait(core::Duration timeout) const;

 private:
  int descriptor_;
};

}  // namespace costdrift::daemon
