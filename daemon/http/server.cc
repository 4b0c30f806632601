#include "daemon/http/server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <set>
#include <thread>

#include "core/text.h"
#include "daemon/http/connection.h"
#include "daemon/http/connection_threads.h"
#include "daemon/http/routes.h"

namespace costdrift::daemon {

namespace {

constexpr std::size_t kMaxConnections = 64;
constexpr std::chrono::seconds kListenAgainAfter{1};

const httplib::Headers kSecurityHeaders = {
    {"Content-Security-Policy",
     "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
     "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cache-Control", "no-store"},
};

class ConnectionStream final : public httplib::Stream {
 public:
  explicit ConnectionStream(HttpConnection& connection) : connection_(connection) {}
  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, std::size_t size) override { return connection_.read(to, size); }
  ssize_t write(const char* from, std::size_t size) override {
    return connection_.write({from, size}) ? static_cast<ssize_t>(size) : -1;
  }
  // Nothing of ours asks who the client is.
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return connection_.socket(); }

 private:
  HttpConnection& connection_;
};

class ConnectionQueue final : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> job) override {
    // On this thread, the accepting one, the job refuses its connection.
    if (!threads_.try_run(job)) job();
  }
  void shutdown() override { threads_.stop(); }

 private:
  ConnectionThreads threads_{kMaxConnections};
};

HttpRequest from_httplib(const httplib::Request& request) {
  HttpRequest result;
  result.method = request.method;
  result.path = request.path;
  result.query.assign(request.params.begin(), request.params.end());
  if (request.get_header_value_count("Host") == 1) result.host = request.get_header_value("Host");
  result.host_optional = request.version == "HTTP/1.0" && !request.has_header("Host");
  result.authorization = request.get_header_value("Authorization");
  result.content_type = request.get_header_value("Content-Type");
  result.origin = request.get_header_value("Origin");
  result.action_header = request.get_header_value(kActionHeader) == "1";
  result.body = request.body;
  return result;
}

// A range lets a short request ask for the same bytes a thousand times, and httplib compresses with settings that take
// a second of processor time for a long list of alerts.
void drop_costly_wishes(httplib::Request& request) {
  request.ranges.clear();
  request.headers.erase("Accept-Encoding");
}

// httplib parses requests and writes answers; sockets, limits and routes are ours. Its own reading times out per byte,
// its own routes are regular expressions that recurse over what the client sent, and its stop() waits for clients.
class Server final : public httplib::Server {
 public:
  explicit Server(HttpRoutes routes) : routes_(std::move(routes)) {
    set_default_headers(kSecurityHeaders);
    // The default lets a second program listen on the same port and take half of the requests.
    set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
    set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
      response.status = 500;
      response.set_content("costdrift failed to answer; this is a bug\n", "text/plain");
    });
    // Of all requests only an action has a body that is read: httplib reads one for its own routes alone.
    Post(std::string(kActionsPath), [this](const httplib::Request& request, httplib::Response& response) {
      respond(routes_.answer(from_httplib(request)), response);
    });
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      if (request.method == "POST" && request.path == kActionsPath) return HandlerResponse::Unhandled;
      respond(routes_.answer(from_httplib(request)), response);
      return HandlerResponse::Handled;
    });
    new_task_queue = [this]() -> httplib::TaskQueue* {
      accepting_thread_ = std::this_thread::get_id();
      return new ConnectionQueue();  // httplib owns it
    };
  }

  // The port; nullopt, with errno, when the address cannot be bound.
  std::optional<int> bind(const ListenAddress& address) {
    errno = 0;
    const int port = address.port != 0 ? (bind_to_port(address.host, address.port) ? address.port : -1)
                                       : bind_to_any_port(address.host);
    if (port <= 0) return std::nullopt;
    ::listen(svr_sock_, kMaxConnections);
    return port;
  }

  // Serves until stop(), on the calling thread.
  void serve(const ListenAddress& address) {
    while (true) {
      listen_after_bind();
      std::unique_lock lock(mutex_);
      // httplib has closed it: accept() failed, by stop() or because the system is out of something.
      svr_sock_ = INVALID_SOCKET;
      while (svr_sock_ == INVALID_SOCKET) {
        if (stop_wanted_.wait_for(lock, kListenAgainAfter, [this] { return stopping_; })) return;
        bind(address);
      }
    }
  }

  void stop_now() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stop_wanted_.notify_all();
    if (svr_sock_ != INVALID_SOCKET) ::shutdown(svr_sock_, SHUT_RDWR);
    for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
  }

 private:
  static void respond(HttpResponse from, httplib::Response& to) {
    to.status = from.status;
    for (const auto& [name, value] : from.headers) to.set_header(name, value);
    to.set_content(from.body, from.content_type);
  }

  bool process_and_close_socket(socket_t socket) override {
    if (std::this_thread::get_id() == accepting_thread_ || !add(socket)) {
      refuse_connection(socket);
      return false;
    }
    HttpConnection connection(socket);
    ConnectionStream stream(connection);
    bool closed = false;
    const bool ok = process_request(stream, true, closed, drop_costly_wishes);
    if (ok) connection.finish();
    remove(socket);
    return ok;
  }

  bool add(int socket) {
    const std::lock_guard lock(mutex_);
    if (!stopping_) open_.insert(socket);
    return !stopping_;
  }

  void remove(int socket) {
    const std::lock_guard lock(mutex_);
    open_.erase(socket);
  }

  const HttpRoutes routes_;
  std::thread::id accepting_thread_;
  std::mutex mutex_;
  std::condition_variable stop_wanted_;
  bool stopping_ = false;
  std::set<int> open_;
};

core::Result<std::vector<std::string>> authorizations(const config::HttpSettings& settings) {
  if (settings.token_file.empty()) return std::vector<std::string>{};
  const auto token = config::read_secret(settings.token_file);
  if (!token) return token.error();
  return std::vector<std::string>{"Bearer " + *token,
                                  httplib::make_basic_authentication_header("costdrift", *token).second};
}

core::Error cannot_listen(const std::string& listen, int problem) {
  const std::string why = problem == EADDRINUSE ? "another program uses this address"
                          : problem == 0        ? "the host name is not known"
                                                : std::strerror(problem);
  return core::fail(core::ErrorCode::unavailable, "listening on \"" + core::escape_for_log(listen) + "\": " + why +
                                                      "; end that program or change http.listen");
}

}  // namespace

struct HttpServer::Impl {
  Impl(ListenAddress listen, HttpRoutes routes) : address(std::move(listen)), server(std::move(routes)) {}
  ~Impl() {
    server.stop_now();
    if (thread.joinable()) thread.join();
  }

  ListenAddress address;  // with the port in use
  Server server;
  std::thread thread;
};

core::Result<std::unique_ptr<HttpServer>> HttpServer::start(const config::HttpSettings& settings,
                                                            const SnapshotBoard& board, const Heartbeat& heartbeat,
                                                            ActionDesk* desk) {
  const auto address = parse_listen_address(settings.listen);
  if (!address) return address.error();
  auto accepted = authorizations(settings);
  if (!accepted) return accepted.error();
  if (!address->loopback && accepted->empty()) {
    return core::fail(core::ErrorCode::config, "listening on \"" + settings.listen +
                                                   "\": it is reachable from other machines, so a token is needed; set "
                                                   "http.token_file, or listen on 127.0.0.1");
  }
  HttpRoutes routes(AccessPolicy(*address, settings.public_url, std::move(*accepted)), board, heartbeat, desk);
  auto impl = std::make_unique<Impl>(*address, std::move(routes));
  const auto port = impl->server.bind(impl->address);
  if (!port) return cannot_listen(settings.listen, errno);
  impl->address.port = *port;
  impl->thread = std::thread([server = &impl->server, listen = impl->address] { server->serve(listen); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;
int HttpServer::port() const { return impl_->address.port; }
std::string HttpServer::url() const { return "http://" + host_and_port(impl_->address.host, impl_->address.port); }

}  // namespace costdrift::daemon
