#include "tests/support/webhook_posts.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/running_daemon.h"

namespace costdrift::tests {

WebhookPosts WebhookPosts::of(const HttpStub& webhook, std::size_t first) {
  WebhookPosts posts;
  const auto requests = webhook.requests();
  for (std::size_t i = first; i < requests.size(); ++i) {
    const std::string id = requests[i].headers.at("webhook-id");
    if (++posts.times[id] > 1) ++posts.duplicates;
    const auto colon = id.find(':');
    std::int64_t& newest = posts.newest[id.substr(0, colon)];
    newest = std::max<std::int64_t>(newest, std::stoll(id.substr(colon + 1)));
  }
  return posts;
}

std::map<std::string, std::int64_t> newest_versions(const std::string& dump) {
  std::map<std::string, std::int64_t> newest;
  std::istringstream lines(rows_of(dump, "journal"));
  for (std::string line; std::getline(lines, line);) {
    const auto event = nlohmann::json::parse(line);
    std::int64_t& version = newest[event.at("incident_id")];
    version = std::max(version, event.at("version").get<std::int64_t>());
  }
  return newest;
}

}  // namespace costdrift::tests
