#include "daemon/answers/action_desk.h"

#include <chrono>
#include <utility>

namespace costdrift::daemon {

core::Result<std::string> ActionDesk::ask(Action action) {
  auto request = std::make_shared<Request>(Request{std::move(action), std::nullopt});
  std::unique_lock lock(mutex_);
  if (closed_) return core::fail(core::ErrorCode::try_again, "the daemon is stopping; ask again when it runs");
  if (waiting_.size() >= kMostWaiting) {
    return core::fail(core::ErrorCode::try_again, "too many actions wait; ask again in a moment");
  }
  waiting_.push_back(request);
  const bool done = answered_.wait_for(lock, std::chrono::microseconds(kPatience.us),
                                       [&] { return request->answer.has_value() || closed_; });
  if (request->answer) return *request->answer;
  return core::fail(core::ErrorCode::try_again,
                    done ? "the daemon is stopping; ask again when it runs"
                         : "the daemon is busy and has not answered; it may still do it: look before you ask again");
}

std::vector<std::shared_ptr<ActionDesk::Request>> ActionDesk::take() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Request>> taken(waiting_.begin(), waiting_.end());
  waiting_.clear();
  return taken;
}

void ActionDesk::answer(Request& request, core::Result<std::string> result) {
  const std::lock_guard lock(mutex_);
  request.answer = std::move(result);
  answered_.notify_all();
}

void ActionDesk::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  answered_.notify_all();
}

}  // namespace costdrift::daemon
