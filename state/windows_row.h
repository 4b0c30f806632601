// The row of KeySpace::meta that says how far the buckets are closed and how long they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"

namespace costdrift::state {

struct WindowsRow {
  core::EventTime closed_until = core::EventTime::min();
  core::Duration bucket;
};

inline constexpr std::string_view kWindowsKey = "windows";

std::string encode_windows_row(const WindowsRow& row);
std::optional<WindowsRow> decode_windows_row(std::string_view bytes);

}  // namespace costdrift::state
