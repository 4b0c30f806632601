#include "replay/bad_lines.h"

#include <nlohmann/json.hpp>

#include "core/text.h"

namespace costdrift::replay {

core::Result<BadLines> BadLines::open(const std::string& path) {
  BadLines lines;
  lines.path_ = path;
  if (path.empty()) return lines;
  lines.file_.open(path, std::ios::binary | std::ios::trunc);
  if (!lines.file_) {
    return core::fail(core::ErrorCode::io, "opening " + path +
                                               " for the bad lines: no such directory, or no permission; choose "
                                               "another path");
  }
  return lines;
}

void BadLines::on_rejected(const daemon::TopicPartition& partition, std::int64_t offset, daemon::RejectReason reason,
                           std::string_view detail) {
  ++count_;
  if (count_ > kShown && !file_.is_open()) return;
  const std::string place = place_of_(partition, offset);
  if (count_ <= kShown) first_.append("  ").append(place).append(": ").append(detail) += '\n';
  if (!file_.is_open()) return;
  const nlohmann::ordered_json line = {
      {"place", place}, {"reason", std::string(daemon::reject_name(reason))}, {"detail", std::string(detail)}};
  file_ << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

core::Result<void> BadLines::finish(std::ostream& out) {
  out << first_;
  if (count_ > kShown) {
    out << "  and " << core::group_digits(count_ - kShown) << " more bad lines"
        << (path_.empty() ? "; --bad-lines FILE writes all of them" : ": " + path_) << '\n';
  }
  if (!file_.is_open()) return {};
  file_.flush();
  if (!file_) return core::fail(core::ErrorCode::io, "writing " + path_ + " failed: is the disk full?");
  return {};
}

}  // namespace costdrift::replay
