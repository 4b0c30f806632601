#include "daemon/decode/decoders.h"

#include <algorithm>

namespace costdrift::daemon {

core::Result<Decoders> Decoders::make(const config::Settings& settings) {
  Decoders result;
  if (auto canonical = result.add_format("canonical", settings); !canonical) return canonical.error();
  for (const auto& topic : settings.kafka.topics) {
    const auto format = result.add_format(topic.format, settings);
    if (!format) return format.error();
    result.topics_.push_back({topic.name, *format});
  }
  return result;
}

core::Result<std::size_t> Decoders::add_format(const std::string& name, const config::Settings& settings) {
  const auto known = std::find(names_.begin(), names_.end(), name);
  if (known != names_.end()) return static_cast<std::size_t>(known - names_.begin());
  auto decoder = make_decoder(name, {.max_message_bytes = settings.limits.max_message_bytes});
  if (!decoder) return decoder.error();
  names_.push_back(name);
  decoders_.push_back(*std::move(decoder));
  return names_.size() - 1;
}

std::size_t Decoders::format_of(const std::string& topic) const {
  const auto found = std::find_if(topics_.begin(), topics_.end(), [&](const auto& t) { return t.topic == topic; });
  return found == topics_.end() ? 0 : found->format;
}

}  // namespace costdrift::daemon
