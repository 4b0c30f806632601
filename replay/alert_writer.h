// AlertWriter: where alert events go: a file of JSON lines, standard output, or readable lines for people.
#pragma once

#include <fstream>
#include <string>
#include <string_view>

#include "core/alert_event.h"
#include "core/result.h"

namespace costdrift::replay {

class AlertWriter {
 public:
  // `path` empty: readable lines on standard output; "-": JSON lines there. Error (io): the file cannot be written.
  static core::Result<AlertWriter> open(const std::string& path);
  void write(const core::AlertEvent& event);
  // An alert event of an earlier replay, as JSON; readable lines leave it out.
  void write_earlier(std::string_view json);
  // Error (io): not everything could be written.
  core::Result<void> finish();

 private:
  std::ostream& out();
  std::ofstream file_;
  bool json_ = false;
};

}  // namespace costdrift::replay
