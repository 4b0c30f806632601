#include "daemon/dead_man_switch.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace costdrift::daemon {
namespace {

// As often the daemon is looked at again while it does not watch.
constexpr core::Duration kLookAgain = core::seconds(1);

std::string body_at(core::WallTime now) {
  return "{\"type\":\"costdrift.watching\",\"timestamp\":\"" + core::format_rfc3339(core::EventTime{now.us}) + "\"}";
}

std::string why_refused(const sinks::HttpReply& reply) {
  return reply.status == 0 ? reply.transport_error : "it answers with status " + std::to_string(reply.status);
}

}  // namespace

core::Result<std::unique_ptr<DeadManSwitch>> DeadManSwitch::start(const config::DeadManSettings& settings,
                                                                  Watched watched,
                                                                  std::unique_ptr<sinks::HttpClient> http) {
  if (settings.url_file.empty()) return std::unique_ptr<DeadManSwitch>();
  auto url = config::read_secret(settings.url_file);
  if (!url) return url.error();
  if (auto checked = sinks::check_url(*url, "dead_man_switch.url_file"); !checked) return checked.error();
  return std::unique_ptr<DeadManSwitch>(new DeadManSwitch(*std::move(url), settings.every, watched, std::move(http)));
}

DeadManSwitch::DeadManSwitch(std::string url, core::Duration every, Watched watched,
                             std::unique_ptr<sinks::HttpClient> http)
    : url_(std::move(url)), every_(every), watched_(watched), http_(std::move(http)), thread_([this] { work(); }) {}

DeadManSwitch::~DeadManSwitch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_wanted_.notify_all();
  http_->cancel();
  thread_.join();
}

void DeadManSwitch::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const bool watching = watches();
    if (watching) beat();
    lock.lock();
    pause(lock, watching ? every_ : std::min(every_, kLookAgain));
  }
}

void DeadManSwitch::pause(std::unique_lock<std::mutex>& lock, core::Duration length) {
  const auto end = watched_.clock.monotonic_now() + std::chrono::microseconds(length.us);
  while (!stopping_ && watched_.clock.monotonic_now() < end) watched_.waiter.wait_until(lock, stop_wanted_, end);
}

bool DeadManSwitch::watches() const {
  const auto snapshot = watched_.board.get();
  return snapshot != nullptr && snapshot->ready && watched_.heartbeat.age() < kHeartbeatLimit;
}

void DeadManSwitch::beat() {
  const auto reply = http_->post(
      {.url = url_, .headers = {{"Content-Type", "application/json"}}, .body = body_at(watched_.clock.wall_now())});
  const bool refused = reply.status < 200 || reply.status > 299;
  if (refused && !refused_) {
    watched_.log.warn(
        "dead_man_switch",
        "the receiver of dead_man_switch does not take the requests, and will alarm: " + why_refused(reply));
  } else if (!refused && refused_) {
    watched_.log.info("dead_man_switch", "the receiver of dead_man_switch takes the requests again");
  }
  refused_ = refused;
}

}  // namespace costdrift::daemon
