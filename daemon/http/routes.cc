#include "daemon/http/routes.h"

#include <charconv>

#include "core/text.h"
#include "daemon/http/api_json.h"
#include "daemon/http/metrics.h"
#include "daemon/http/web_files.h"

namespace costdrift::daemon {

namespace {

constexpr std::size_t kDefaultLimit = 200;
constexpr std::string_view kAlertPath = "/api/v1/alerts/";

HttpResponse text(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body) + "\n";
  return response;
}

HttpResponse typed(std::string_view content_type, std::string body) {
  HttpResponse response;
  response.content_type = content_type;
  response.body = std::move(body);
  return response;
}

HttpResponse json_response(std::string body) { return typed("application/json", std::move(body)); }

HttpResponse file(std::string_view content_type, std::string_view body) {
  return typed(content_type, std::string(body));
}

HttpResponse method_not_allowed() {
  HttpResponse response = text(405, "use GET or HEAD; only /api/v1/actions takes POST");
  response.headers = {{"Allow", "GET, HEAD"}};
  return response;
}

HttpResponse unauthorized() {
  HttpResponse response =
      text(401,
           "this needs the token of http.token_file: send \"Authorization: Bearer <token>\", or sign "
           "in as user \"costdrift\" with the token as password");
  response.headers = {{"WWW-Authenticate", "Basic realm=\"costdrift\", charset=\"UTF-8\""}};
  return response;
}

std::optional<std::string_view> parameter(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<AlertFilter> parse_filter(std::optional<std::string_view> status) {
  if (!status) return AlertFilter::all;
  if (*status == "firing") return AlertFilter::firing;
  if (*status == "resolved") return AlertFilter::resolved;
  return std::nullopt;
}

std::optional<std::size_t> parse_limit(std::optional<std::string_view> limit) {
  if (!limit) return kDefaultLimit;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(limit->data(), limit->data() + limit->size(), value);
  if (error != std::errc() || end != limit->data() + limit->size() || value == 0) return std::nullopt;
  return value;
}

HttpResponse no_shadow() {
  return text(404, "no detector is a shadow; `detectors: {NAME: {shadow: true}}` makes it one");
}

HttpResponse alerts(const HttpRequest& request, const ApiSnapshot& snapshot) {
  const auto filter = parse_filter(parameter(request, "status"));
  if (!filter) return text(400, "status must be firing or resolved");
  const auto limit = parse_limit(parameter(request, "limit"));
  if (!limit) return text(400, "limit must be a whole number from 1");
  if (const auto shadow = parameter(request, "shadow")) {
    if (*shadow != "true") return text(400, "shadow must be true, or absent");
    if (!snapshot.shadow) return no_shadow();
    return json_response(shadow_alerts_json(snapshot, *filter, *limit));
  }
  return json_response(alerts_json(snapshot, *filter, *limit));
}

HttpResponse one_alert(const HttpRequest& request, const ApiSnapshot& snapshot) {
  auto found = alert_json(snapshot, std::string_view(request.path).substr(kAlertPath.size()));
  if (!found) return text(404, "no such incident; resolved ones are forgotten after a while");
  return json_response(std::move(*found));
}

bool is_one_of(std::string_view path, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (path == name) return true;
  }
  return false;
}

bool is_open_path(std::string_view path) {
  return is_one_of(path, {"/healthz", "/livez", "/-/healthy", "/readyz", "/-/ready", "/metrics"});
}

}  // namespace

HttpRoutes::HttpRoutes(AccessPolicy access, const SnapshotBoard& board, const Heartbeat& heartbeat, ActionDesk* desk)
    : access_(std::move(access)), board_(board), heartbeat_(heartbeat), desk_(desk) {}

HttpResponse HttpRoutes::answer(const HttpRequest& request) const {
  const bool posts = request.method == "POST" && request.path == kActionsPath && desk_ != nullptr;
  if (request.method != "GET" && request.method != "HEAD" && !posts) return method_not_allowed();
  if (!request.host && !request.host_optional) return text(400, "the request must have one Host header");
  if (request.host && !access_.host_is_ours(*request.host)) {
    return text(421, "Host \"" + core::escape_for_log(*request.host) +
                         "\" is not a name of this server; if it should be, set http.public_url to it");
  }
  if (is_open_path(request.path)) return open_route(request);
  if (!access_.token_is_right(request.authorization)) return unauthorized();
  return posts ? act(request) : guarded_route(request);
}

HttpResponse HttpRoutes::act(const HttpRequest& request) const {
  const std::size_t scheme = request.origin.find("://");
  const bool foreign = !request.origin.empty() &&
                       (scheme == std::string::npos || !access_.host_is_ours(request.origin.substr(scheme + 3)));
  if (foreign || !request.action_header) {
    return text(403, "an action must say \"" + std::string(kActionHeader) +
                         ": 1\" and come from this server's own pages or from a program");
  }
  if (!request.content_type.starts_with("application/json")) return text(415, "an action must be application/json");
  auto action = parse_action(request.body);
  if (!action) return text(400, action.error().message);
  const auto done = desk_->ask(*std::move(action));
  if (done) return json_response(*done);
  return text(done.error().code == core::ErrorCode::usage ? 404 : 503, done.error().message);
}

HttpResponse HttpRoutes::open_route(const HttpRequest& request) const {
  if (is_one_of(request.path, {"/healthz", "/livez", "/-/healthy"})) return health();
  if (is_one_of(request.path, {"/readyz", "/-/ready"})) return readiness();
  return typed("text/plain; version=0.0.4; charset=utf-8", render_metrics(*board_.get(), heartbeat_.age()));
}

HttpResponse HttpRoutes::guarded_route(const HttpRequest& request) const {
  const auto snapshot = board_.get();
  if (request.path == "/") return file("text/html; charset=utf-8", embedded::page_html);
  if (request.path == "/page.js") return file("text/javascript; charset=utf-8", embedded::page_js);
  if (request.path == "/page.css") return file("text/css; charset=utf-8", embedded::page_css);
  if (request.path == "/api/v1/alerts") return alerts(request, *snapshot);
  if (request.path == "/api/v1/status") return json_response(status_json(*snapshot, heartbeat_.age()));
  if (request.path == "/api/v1/silences") return json_response(silences_json(*snapshot));
  if (request.path == "/api/v1/shadow") return snapshot->shadow ? json_response(shadow_json(*snapshot)) : no_shadow();
  if (request.path == "/api/v1/changes") return json_response(changes_json(*snapshot));
  if (request.path.starts_with(kAlertPath)) return one_alert(request, *snapshot);
  return text(404,
              "nothing is here; try /, /api/v1/alerts, /api/v1/silences, /api/v1/changes, /api/v1/shadow, "
              "/api/v1/status, /metrics, /healthz "
              "or /readyz");
}

HttpResponse HttpRoutes::health() const {
  const core::Duration age = heartbeat_.age();
  if (age < kHeartbeatLimit) return text(200, "ok");
  return text(503, "the stream thread has not moved for " + core::describe_duration(age));
}

HttpResponse HttpRoutes::readiness() const {
  const auto snapshot = board_.get();
  if (snapshot->ready) return text(200, "ready");
  return text(503, snapshot->not_ready_because.empty() ? "starting" : snapshot->not_ready_because);
}

}  // namespace costdrift::daemon
