// Receiver: stands for Slack, PagerDuty and a webhook on a loopback port, answers as they do, and keeps what it was
// sent, so that the demo shows what people would really have got.
//
// Threads  all methods are safe from every thread; on_post runs on the receiver's threads, one post at a time.
// Limits   keeps every body until it is destroyed; for the demo and for tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace costdrift::daemon::demo {

enum class Target : std::uint8_t { slack, pagerduty, webhook };
std::string_view target_name(Target target);

struct Post {
  Target target = Target::webhook;
  core::MonotonicTime arrived;
  std::string body;
};

class Receiver {
 public:
  using OnPost = std::function<void(const Post&)>;
  // Listens when it returns. `clock` outlives the receiver; `on_post` may be empty. Error (unavailable): no port.
  static core::Result<std::unique_ptr<Receiver>> start(const core::Clock& clock, OnPost on_post = {});
  ~Receiver();

  // What to configure as the sink's URL.
  std::string url(Target target) const;
  // In the order of arrival. Bodies that are not JSON were refused, as the real ones do, and are not kept.
  std::vector<Post> posts() const;
  std::size_t count() const;
  // True as soon as at least `count` posts have come; false when `timeout` has passed before.
  bool wait_for(std::size_t count, std::chrono::milliseconds timeout) const;

 private:
  struct Impl;
  explicit Receiver(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// What a person would have seen of the post, in one line: "slack      🔥 ...", "pagerduty  trigger critical: ...".
std::string describe(const Post& post);

}  // namespace costdrift::daemon::demo
