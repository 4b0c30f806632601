// webhook: POSTs the alert event as JSON to any address, by the Standard Webhooks convention. The one to copy for a new
// HTTP sink.
//
// Body      {"type":"alert.firing|updated|resolved|retracted","timestamp":"<event time>","data":<alert event v1>}
// Headers   webhook-id (the same on every retry: an idempotency key), webhook-timestamp (seconds, of the attempt), and
//           webhook-signature when `signing_secret_file` is set
// Answers   any 2xx is success; 410 means that the receiver wants no more
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "sinks/sink.h"

namespace costdrift::sinks {

extern const SinkSpec webhook_spec;

// The bytes behind "whsec_<base64>": 24 to 64 of them.
core::Result<std::string> decode_signing_secret(std::string_view secret);

// "v1,<base64 of HMAC-SHA256(key, id.timestamp.body)>".
std::string sign_webhook(std::string_view key, std::string_view id, std::int64_t timestamp_s, std::string_view body);

}  // namespace costdrift::sinks
