#include "state/windows_row.h"

#include "core/bytes.h"

namespace costdrift::state {
namespace {

constexpr std::uint64_t kWindowsRowVersion = 1;

}  // namespace

std::string encode_windows_row(const WindowsRow& row) {
  core::ByteWriter out;
  out.u64(kWindowsRowVersion);
  out.i64(row.closed_until.us);
  out.i64(row.bucket.us);
  return out.take();
}

std::optional<WindowsRow> decode_windows_row(std::string_view bytes) {
  core::ByteReader in(bytes);
  if (in.u64() != kWindowsRowVersion) return std::nullopt;
  WindowsRow row;
  row.closed_until.us = in.i64();
  row.bucket.us = in.i64();
  if (!in.finished()) return std::nullopt;
  return row;
}

}  // namespace costdrift::state
