// What the decoder said about one record.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/decode/decode.h"
#include "tests/support/hostile_events.h"
#include "tests/support/places.h"

namespace costdrift::daemon {

using tests::event_with;

// The fields that these tests look at, in memory of their own: an event lives only during the call.
struct SeenEvent {
  std::string app, model, env, event_id;
  core::EventTime ts;
  std::int64_t input_tokens = -1, attempts = 0, retries = 0;
};

struct Seen : EventHandler {
  std::vector<SeenEvent> events;
  std::vector<RejectReason> reasons;
  std::vector<std::string> details;

  void on_event(const core::UsageEvent& e) override {
    events.push_back({std::string(e.app), std::string(e.model), std::string(e.env), std::string(e.event_id), e.ts,
                      e.input_tokens.value_or(-1), e.attempts, e.retries});
  }
  void on_rejected(RejectReason reason, std::string_view detail) override {
    reasons.push_back(reason);
    details.emplace_back(detail);
  }
};

inline Seen decode(std::string_view record, DecodeLimits limits = {}) {
  auto decoder = make_decoder("canonical", limits);
  EXPECT_TRUE(decoder);
  Seen seen;
  (*decoder)->decode(record, seen);
  return seen;
}

inline std::string read_source_file(const std::string& path) {
  std::ifstream file(tests::source_path() + "/" + path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace costdrift::daemon
