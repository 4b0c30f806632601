// Decoders: one decoder for every configured format, and which topic has which.
//
// Threads  one instance per thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.h"
#include "daemon/decode/decode.h"

namespace costdrift::daemon {

class Decoders {
 public:
  // Error (config): a topic's format is unknown.
  static core::Result<Decoders> make(const config::Settings& settings);

  // The number of the topic's format, the same in every instance made from the same settings. A topic that is not
  // configured is canonical.
  std::size_t format_of(const std::string& topic) const;
  Decoder& at(std::size_t format) { return *decoders_[format]; }

 private:
  struct TopicFormat {
    std::string topic;
    std::size_t format;
  };
  core::Result<std::size_t> add_format(const std::string& name, const config::Settings& settings);

  std::vector<std::string> names_;
  std::vector<std::unique_ptr<Decoder>> decoders_;
  std::vector<TopicFormat> topics_;
};

}  // namespace costdrift::daemon
