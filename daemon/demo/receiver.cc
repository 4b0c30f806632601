#include "daemon/demo/receiver.h"

#include <httplib.h>

#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

namespace costdrift::daemon::demo {

namespace {

constexpr const char* kHost = "127.0.0.1";
constexpr std::size_t kServerThreads = 4;

// Shaped like the real ones, so that whatever the sinks check about an address is checked.
const char* path_of(Target target) {
  switch (target) {
    case Target::slack:
      return "/services/T00000000/B00000000/demo";
    case Target::pagerduty:
      return "/v2/enqueue";
    case Target::webhook:
      return "/webhook";
  }
  return "/";
}

void accept(Target target, const nlohmann::json& body, httplib::Response& response) {
  switch (target) {
    case Target::slack:
      response.set_content("ok", "text/html");
      return;
    case Target::pagerduty:
      response.status = 202;
      response.set_content(
          nlohmann::json{
              {"status", "success"}, {"message", "Event processed"}, {"dedup_key", body.value("dedup_key", "")}}
              .dump(),
          "application/json");
      return;
    case Target::webhook:
      response.status = 204;
      return;
  }
}

void refuse(Target target, httplib::Response& response) {
  response.status = 400;
  response.set_content(target == Target::slack ? "invalid_payload" : R"({"status":"invalid event"})", "text/plain");
}

}  // namespace

struct Receiver::Impl {
  const core::Clock& clock;
  OnPost on_post;
  int port = 0;
  httplib::Server server;
  std::thread thread;
  mutable std::mutex mutex;
  mutable std::condition_variable arrived;
  std::vector<Post> posts;

  Impl(const core::Clock& clock_given, OnPost on_post_given) : clock(clock_given), on_post(std::move(on_post_given)) {}

  void serve(Target target) {
    server.Post(path_of(target), [this, target](const httplib::Request& request, httplib::Response& response) {
      const auto body = nlohmann::json::parse(request.body, nullptr, /*allow_exceptions=*/false);
      if (!body.is_object()) return refuse(target, response);
      keep({target, clock.monotonic_now(), request.body});
      accept(target, body, response);
    });
  }

  void keep(Post post) {
    const std::lock_guard lock(mutex);
    posts.push_back(std::move(post));
    arrived.notify_all();
    if (on_post) on_post(posts.back());
  }
};

Receiver::Receiver(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Receiver::~Receiver() {
  impl_->server.stop();
  impl_->thread.join();
}

core::Result<std::unique_ptr<Receiver>> Receiver::start(const core::Clock& clock, OnPost on_post) {
  auto impl = std::make_unique<Impl>(clock, std::move(on_post));
  httplib::Server& server = impl->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kServerThreads); };
  server.Get("/ready", [](const httplib::Request&, httplib::Response& response) { response.status = 204; });
  for (const Target target : {Target::slack, Target::pagerduty, Target::webhook}) impl->serve(target);
  impl->port = server.bind_to_any_port(kHost);
  if (impl->port <= 0) {
    return core::fail(core::ErrorCode::unavailable, "starting the demo's receiver: no free port on 127.0.0.1");
  }
  impl->thread = std::thread([&server] { server.listen_after_bind(); });
  std::unique_ptr<Receiver> receiver(new Receiver(std::move(impl)));
  // The server can only be stopped once it runs, so wait for its first answer.
  if (!httplib::Client(kHost, receiver->impl_->port).Get("/ready")) {
    return core::fail(core::ErrorCode::unavailable, "starting the demo's receiver: it does not answer on 127.0.0.1");
  }
  return receiver;
}

std::string Receiver::url(Target target) const {
  return std::string("http://") + kHost + ":" + std::to_string(impl_->port) + path_of(target);
}

std::vector<Post> Receiver::posts() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->posts;
}

std::size_t Receiver::count() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->posts.size();
}

bool Receiver::wait_for(std::size_t count, std::chrono::milliseconds timeout) const {
  std::unique_lock lock(impl_->mutex);
  return impl_->arrived.wait_for(lock, timeout, [&] { return impl_->posts.size() >= count; });
}

}  // namespace costdrift::daemon::demo
