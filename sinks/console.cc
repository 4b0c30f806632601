#include "sinks/console.h"

#include <cstdio>

#include "sinks/message.h"

namespace costdrift::sinks {
namespace {

class ConsoleSink final : public Sink {
 public:
  Outcome deliver(const core::Notification& notification) override {
    const std::string text = to_text(describe(notification.event)) + "\n";
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    if (!written) return Retry{{}, "standard output does not take text: is the disk or the reader behind it gone?"};
    return Delivered{};
  }
};

core::Result<std::unique_ptr<Sink>> make(const config::Values&, const SinkContext&) {
  return std::unique_ptr<Sink>(std::make_unique<ConsoleSink>());
}

}  // namespace

const SinkSpec console_spec = {
    .summary = "Readable text on standard output",
    .fields = {},
    .min_interval = core::milliseconds(0),
    .burst = 1,
    .make = &make,
};

}  // namespace costdrift::sinks
