// Any bytes as a record: the decoder neither crashes nor overruns, answers at least once, and what it accepts is within
// the limits that everything behind it relies on.
#include <cstdint>
#include <cstdlib>

#include "daemon/decode.h"

namespace {

using namespace costdrift;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Checker final : daemon::EventHandler {
  int answers = 0;

  void on_event(const core::UsageEvent& event) override {
    ++answers;
    require(!event.model.empty() && event.model.size() <= 128 && event.app.size() <= 128);
    require(event.input_tokens.value_or(0) >= 0 && event.input_tokens.value_or(0) <= 1'000'000'000);
    require(event.output_tokens.value_or(0) >= 0 && event.output_tokens.value_or(0) <= 1'000'000'000);
    require(event.cost.nano >= 0 && event.cost.nano <= std::int64_t{1'000'000} * 1'000'000'000);
    require(event.ts.us >= 1'577'836'800'000'000);
  }
  void on_rejected(daemon::RejectReason reason, std::string_view detail) override {
    ++answers;
    require(!daemon::reject_name(reason).empty() && detail.size() <= 200);
    for (const unsigned char c : detail) require(c >= ' ' && c != 0x7f);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto decoder = std::move(*daemon::make_decoder("canonical", {}));
  Checker checker;
  decoder->decode({reinterpret_cast<const char*>(data), size}, checker);
  require(checker.answers >= 1);
  return 0;
}
