#include "replay/alert_writer.h"

#include <iostream>

#include "core/alert_event_json.h"

namespace costdrift::replay {

core::Result<AlertWriter> AlertWriter::open(const std::string& path) {
  AlertWriter writer;
  writer.json_ = !path.empty();
  if (writer.json_ && path != "-") {
    writer.file_.open(path, std::ios::binary | std::ios::trunc);
    if (!writer.file_) {
      return core::fail(core::ErrorCode::io, "opening alerts file " + path +
                                                 " for writing: no such directory, or no "
                                                 "permission; choose another path");
    }
  }
  return writer;
}

std::ostream& AlertWriter::out() { return file_.is_open() ? static_cast<std::ostream&>(file_) : std::cout; }

void AlertWriter::write(const core::AlertEvent& event) {
  if (json_) {
    out() << core::to_json(event) << '\n';
  } else {
    out() << core::format_rfc3339(event.updated_at) << "  " << core::status_name(event.status) << "  "
          << core::severity_name(event.severity) << "  " << event.summary << '\n';
  }
}

void AlertWriter::write_earlier(std::string_view json) {
  if (json_) out() << json << '\n';
}

core::Result<void> AlertWriter::finish() {
  out().flush();
  if (!out()) return core::fail(core::ErrorCode::io, "writing alert events failed: is the disk full?");
  return {};
}

}  // namespace costdrift::replay
