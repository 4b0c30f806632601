// slack: a Slack incoming webhook (Block Kit), or a service that speaks the same protocol.
//
// Order    an incoming webhook cannot edit: an update and the end of an incident are messages of their own, with the
//          incident id in their last line.
// Success  HTTP 200 and the body "ok". A message refused as malformed is sent once more as its text alone.
// Limits   Slack takes about one message a second; after a crash between Slack's "ok" and costdrift's record of it
//          the same message may appear twice.
#pragma once

#include <string>
#include <string_view>

#include "sinks/sink.h"

namespace costdrift::sinks {

extern const SinkSpec slack_spec;

// Slack's mrkdwn with & < > escaped, at most `max_chars` bytes AFTER escaping (an ellipsis marks a cut), so that no
// entity is cut in two.
std::string escape_mrkdwn(std::string_view text, std::size_t max_chars);

}  // namespace costdrift::sinks
