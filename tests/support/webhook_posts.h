// What a webhook was told: how often each notification ("<incident id>:<version>") was posted.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tests/support/http_stub.h"

namespace costdrift::tests {

struct WebhookPosts {
  std::map<std::string, int> times;            // by webhook-id
  std::map<std::string, std::int64_t> newest;  // version by incident
  int duplicates = 0;

  // The requests from `first` on.
  static WebhookPosts of(const HttpStub& webhook, std::size_t first = 0);
};

// The newest version of each incident in the journal of a dump.
std::map<std::string, std::int64_t> newest_versions(const std::string& dump);

}  // namespace costdrift::tests
