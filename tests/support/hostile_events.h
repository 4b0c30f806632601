// The corpus of records that no costdrift may accept, each with the reason that it gets: for the decoder, and for
// daemon and replay as a whole.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/decode/decode.h"

namespace costdrift::tests {

struct Hostile {
  const char* name;
  std::string record;
  daemon::RejectReason reason;
  const char* detail;  // a part of it
};

std::vector<Hostile> hostile_documents();
std::vector<Hostile> hostile_times_and_texts();
std::vector<Hostile> hostile_numbers();

// A valid event with more fields, which also replace those before them.
std::string event_with(std::string_view fields);
std::string with_app(const std::string& app);
std::string many_fields(int count);
std::string repeat(std::string_view text, int times);

}  // namespace costdrift::tests
