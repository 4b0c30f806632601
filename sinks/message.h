// Message: what a person is told about an incident, in words, before any sink's own markup. Every sink renders this
// one, so that Slack, PagerDuty and the console say the same: what moved, since when, dollars, who owns it, why, and
// what to do next.
//
// Limits  every text is one harmless line (no control or bidirectional-override characters, valid UTF-8) of bounded
//         length, whatever the names in the events contain. Markup is NOT escaped: that is the sink's part.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/alert_event.h"

namespace costdrift::sinks {

struct Fact {
  std::string name;   // "Observed"
  std::string value;  // "2,592 tokens/call (+31 %, likely +28 % to +34 %)"
};

struct Message {
  std::string status;    // "FIRING critical", "RESOLVED"
  std::string headline;  // "FIRING critical: prompt growth on support-bot / gpt-4o"
  std::string summary;   // the alert event's own sentence
  std::vector<Fact> facts;
  std::vector<std::string> also;  // what other detectors see of the same change; at most five, then "and N more"
  std::string next;               // what to do now
  std::string identity;           // "incident 3f... version 2"
  std::string replay;             // the command that reproduces the decision; may be empty
  std::string incident_url, runbook_url;  // from the configuration; empty, or http(s)
};

Message describe(const core::AlertEvent& event);

// The message as plain text lines, ending in a newline.
std::string to_text(const Message& message);

// The value of a label of the event; empty when it has none.
std::string label_of(const core::AlertEvent& event, core::Dimension dimension);

// One harmless line of at most `max_bytes` bytes.
std::string one_line(std::string_view text, std::size_t max_bytes = 300);

}  // namespace costdrift::sinks
