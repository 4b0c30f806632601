// ActionDesk: where HTTP threads leave actions and the stream thread takes them; each waits for its answer.
//
// Threads  ask() from any thread; take() and the answers from the stream thread. A desk that is closed, or whose stream
//          thread does not answer in time, says so: the action may still be carried out then, and the text says that.
// Limits   at most kMostWaiting actions wait; one more is told to try again.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/result.h"
#include "daemon/answers/action.h"

namespace costdrift::daemon {

class ActionDesk {
 public:
  static constexpr std::size_t kMostWaiting = 64;
  static constexpr core::Duration kPatience = core::seconds(8);

  // What was done, for a person. Errors: usage (cannot be done), try_again (not now).
  core::Result<std::string> ask(Action action);

  struct Request {
    Action action;
    std::optional<core::Result<std::string>> answer;
  };
  // What waits, in the order of asking. Answer each with answer().
  std::vector<std::shared_ptr<Request>> take();
  void answer(Request& request, core::Result<std::string> result);
  // Everybody who waits, and whoever asks from now on, is told that the daemon stops.
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable answered_;
  std::deque<std::shared_ptr<Request>> waiting_;
  bool closed_ = false;
};

}  // namespace costdrift::daemon
