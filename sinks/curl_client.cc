#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "sinks/http_client.h"

namespace costdrift::sinks {
namespace {

constexpr std::size_t kMaxBody = 64 * 1024;
constexpr std::size_t kMaxHeaders = 100;

struct AddressRule {
  bool loopback_only = false;
};

bool is_link_local_or_metadata(const in6_addr& address) {
  // fd00:ec2::254 is where AWS answers with instance credentials over IPv6.
  static constexpr unsigned char kMetadata[16] = {0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54};
  return IN6_IS_ADDR_LINKLOCAL(&address) || std::memcmp(&address, kMetadata, sizeof kMetadata) == 0;
}

bool allowed_v4(std::uint32_t address, const AddressRule& rule) {
  const bool loopback = (address >> 24) == 127;
  const bool link_local = (address >> 16) == 0xa9fe;
  return !link_local && (loopback || !rule.loopback_only);
}

bool allowed(const sockaddr& address, const AddressRule& rule) {
  if (address.sa_family == AF_INET) {
    return allowed_v4(ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr), rule);
  }
  if (address.sa_family != AF_INET6) return false;
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    std::uint32_t v4 = 0;
    std::memcpy(&v4, v6.s6_addr + 12, sizeof v4);
    return allowed_v4(ntohl(v4), rule);
  }
  return !is_link_local_or_metadata(v6) && (IN6_IS_ADDR_LOOPBACK(&v6) || !rule.loopback_only);
}

// Judging the address that is really connected to, not the name, leaves no room for a name that changes its answer.
curl_socket_t open_socket(void* rule, curlsocktype /*purpose*/, curl_sockaddr* address) {
  if (!allowed(address->addr, *static_cast<const AddressRule*>(rule))) return CURL_SOCKET_BAD;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

struct Incoming {
  HttpReply reply;
  bool cut = false;
};

std::size_t take_body(char* data, std::size_t /*one*/, std::size_t size, void* user) {
  auto& incoming = *static_cast<Incoming*>(user);
  const std::size_t room = kMaxBody - incoming.reply.body.size();
  incoming.reply.body.append(data, std::min(size, room));
  incoming.cut = size > room;
  return incoming.cut ? 0 : size;  // 0 makes curl close the connection
}

std::size_t take_header(char* data, std::size_t /*one*/, std::size_t size, void* user) {
  auto& headers = static_cast<Incoming*>(user)->reply.headers;
  const std::string_view line(data, size);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || headers.size() >= kMaxHeaders) return size;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  const std::size_t first = line.find_first_not_of(" \t", colon + 1);
  const std::size_t last = line.find_last_not_of(" \t\r\n");
  if (first != std::string_view::npos && last >= first) headers[name] = line.substr(first, last - first + 1);
  return size;
}

int check_cancelled(void* cancelled, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(cancelled)->load() ? 1 : 0;
}

// curl's own texts by code name neither path nor query; its error buffer might.
std::string describe_failure(CURLcode code, const std::string& host) {
  if (code == CURLE_ABORTED_BY_CALLBACK) return "sending to " + host + " was cancelled because costdrift is stopping";
  return "no answer from " + host + ": " + curl_easy_strerror(code);
}

struct HeaderList {
  curl_slist* list = nullptr;
  ~HeaderList() { curl_slist_free_all(list); }
  void add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
};

class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(HttpClientOptions options) : options_(std::move(options)) {
    curl_global_init(CURL_GLOBAL_DEFAULT);  // counted and thread-safe in the libcurl that costdrift requires
    handle_ = curl_easy_init();
    if (handle_ == nullptr) core::bug("libcurl gives no handle");
    set_policy();
  }
  ~CurlClient() override {
    curl_easy_cleanup(handle_);
    curl_global_cleanup();
  }
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  HttpReply post(const HttpRequest& request) override;
  void cancel() override { cancelled_ = true; }

 private:
  template <class T>
  void set(CURLoption option, T value) {
    if (curl_easy_setopt(handle_, option, value) != CURLE_OK) core::bug("libcurl lacks an option costdrift needs");
  }
  void set_policy();

  HttpClientOptions options_;
  CURL* handle_ = nullptr;
  AddressRule rule_;
  std::atomic<bool> cancelled_ = false;
};

void CurlClient::set_policy() {
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");  // "" rather than unset: the environment must not redirect alerts
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_file.empty()) set(CURLOPT_CAINFO, options_.ca_file.c_str());
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.us / 1000));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.total_timeout.us / 1000));
  set(CURLOPT_USERAGENT, options_.user_agent.c_str());
  set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  set(CURLOPT_OPENSOCKETDATA, &rule_);
  set(CURLOPT_WRITEFUNCTION, &take_body);
  set(CURLOPT_HEADERFUNCTION, &take_header);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &check_cancelled);
  set(CURLOPT_XFERINFODATA, &cancelled_);
}

HttpReply CurlClient::post(const HttpRequest& request) {
  Incoming incoming;
  const std::optional<UrlParts> parts = split_url(request.url);
  if (!parts) {
    incoming.reply.transport_error = "the URL is not an absolute http or https URL";
    return incoming.reply;
  }
  const bool plain = parts->scheme == "http";
  if (plain && !parts->loopback && !request.allow_http) {
    incoming.reply.transport_error = "plain http:// to " + parts->host + " is not allowed: use https://";
    return incoming.reply;
  }
  rule_.loopback_only = plain && !request.allow_http;
  HeaderList headers;
  for (const auto& [name, value] : request.headers) headers.add(name + ": " + value);
  headers.add("Expect:");  // no wait for "100 Continue"
  set(CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_HTTPHEADER, headers.list);
  set(CURLOPT_POSTFIELDS, request.body.data());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  set(CURLOPT_WRITEDATA, &incoming);
  set(CURLOPT_HEADERDATA, &incoming);
  const CURLcode code = curl_easy_perform(handle_);
  set(CURLOPT_HTTPHEADER, nullptr);
  if (code != CURLE_OK && !incoming.cut) {
    incoming.reply.transport_error = describe_failure(code, parts->host);
    return incoming.reply;
  }
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  incoming.reply.status = static_cast<int>(status);
  return incoming.reply;
}

}  // namespace

std::unique_ptr<HttpClient> make_curl_client(HttpClientOptions options) {
  return std::make_unique<CurlClient>(std::move(options));
}

}  // namespace costdrift::sinks
