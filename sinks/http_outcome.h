// One table for every HTTP sink: what an answer means for the delivery worker.
//
//   2xx                    delivered
//   no answer              retry
//   408, 425, 429, 5xx     retry, not before Retry-After (seconds or HTTP-date, held to 1 s .. 1 h)
//   everything else        rejected, with a sentence that says what to do; redirects are not followed
//
// A sink that knows better about one status looks at it before it asks the table. Reasons hold the status and what the
// sink passes in, never the body of the answer: it may echo a secret.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "sinks/http_client.h"
#include "sinks/sink.h"

namespace costdrift::sinks {

struct HttpService {
  std::string_view name;        // "Slack", for sentences
  std::string_view credential;  // the settings that hold address and key: "webhook_url_file"
};

// `detail` is what the service said, already cleaned by safe_detail(); may be empty.
Outcome judge_reply(const HttpReply& reply, const HttpService& service, const core::Clock& clock,
                    const std::string& detail = {});

bool is_success(int status);

// 0 when the header is absent or unreadable.
core::Duration retry_after(const HttpReply& reply, const core::Clock& clock);

// Text from a service made fit for a reason: one harmless line of at most 200 bytes; empty when it contains any part
// of `secret` of eight characters or more.
std::string safe_detail(std::string_view text, std::string_view secret);

}  // namespace costdrift::sinks
