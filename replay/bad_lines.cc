#include "replay/bad_lines.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "replay/gathered.h"

namespace costdrift::replay {
namespace {

constexpr std::string_view kBadLineRows = "bad_lines";
// Says that every bad line from the log's beginning on is kept.
constexpr std::string_view kBadLinesMark = "bad_lines_mark";

}  // namespace

core::Result<BadLines> BadLines::open(const std::string& path) {
  BadLines lines;
  lines.path_ = path;
  if (path.empty()) return lines;
  lines.file_.open(path, std::ios::binary | std::ios::app);
  if (!lines.file_) {
    return core::fail(core::ErrorCode::io, "opening " + path +
                                               " for the bad lines: no such directory, or no permission; choose "
                                               "another path");
  }
  return lines;
}

core::Result<void> BadLines::empty_file() {
  if (path_.empty()) return {};
  file_.close();
  file_.clear();
  file_.open(path_, std::ios::binary | std::ios::trunc);
  if (file_) return {};
  return core::fail(core::ErrorCode::io, "emptying " + path_ + " for the bad lines failed: did its directory go away?");
}

core::Result<void> BadLines::begin(state::Store& store, bool durable) {
  std::error_code ignored;
  keeps_ = durable && std::filesystem::is_regular_file(path_, ignored);
  if (!keeps_) {
    forget_bad_lines(store);
  } else if (!holds_a_replay(store)) {
    store.put(state::KeySpace::report, std::string(kBadLinesMark), gathered_value().take());
  } else if (!store.get(state::KeySpace::report, kBadLinesMark)) {
    return core::fail(core::ErrorCode::usage,
                      "going on with the replay in the state directory: which lines could not be used before was not "
                      "kept, as it was begun or continued without --bad-lines. Name a directory that does not exist, "
                      "to read the log from its beginning; or go on without --bad-lines");
  }
  return empty_file();
}

core::Result<void> BadLines::tell_kept(const state::Store& store) {
  if (!keeps_) return {};
  count_ = 0;
  first_.clear();
  if (auto emptied = empty_file(); !emptied) return emptied;
  const bool readable = read_gathered(store, kBadLineRows, [this](state::OrderedKeyReader&, core::ByteReader& in) {
    BadLine line;
    for (std::string* part : {&line.place, &line.reason, &line.detail}) *part = in.text();
    tell(line);
    return true;
  });
  if (readable) return {};
  return core::fail(core::ErrorCode::bad_data,
                    "reading the bad lines from the state directory: they are damaged, or were written by another "
                    "version of costdrift; name a directory that does not exist, to read the log from its beginning");
}

void BadLines::on_rejected(const daemon::TopicPartition& partition, std::int64_t offset, daemon::RejectReason reason,
                           std::string_view detail) {
  if (count_ >= kShown && !file_.is_open()) {
    ++count_;
    return;
  }
  const BadLine line{place_of_(partition, offset), std::string(daemon::reject_name(reason)), std::string(detail)};
  tell(line);
  if (keeps_) keep(partition, offset, line);
}

void BadLines::tell(const BadLine& line) {
  if (++count_ <= kShown) first_.append("  ").append(line.place).append(": ").append(line.detail) += '\n';
  if (!file_.is_open()) return;
  const nlohmann::ordered_json json = {{"place", line.place}, {"reason", line.reason}, {"detail", line.detail}};
  file_ << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

void BadLines::keep(const daemon::TopicPartition& partition, std::int64_t offset, const BadLine& line) {
  std::string record = gathered_key(kBadLineRows)
                           .text(partition.topic)
                           .u32(static_cast<std::uint32_t>(partition.partition))
                           .u64(static_cast<std::uint64_t>(offset))
                           .take();
  of_record_ = record == record_ ? of_record_ + 1 : 0;
  record_ = std::move(record);
  core::ByteWriter out = gathered_value();
  for (const std::string* part : {&line.place, &line.reason, &line.detail}) out.text(*part);
  unsaved_.emplace_back(state::OrderedKey().rest(record_).u32(of_record_).take(), out.take());
}

void BadLines::on_commit(state::Store& store) {
  for (auto& [key, value] : unsaved_) store.put(state::KeySpace::report, std::move(key), std::move(value));
  unsaved_.clear();
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

void forget_bad_lines(state::Store& store) {
  if (store.get(state::KeySpace::report, kBadLinesMark)) store.erase(state::KeySpace::report, kBadLinesMark);
}

}  // namespace costdrift::replay
