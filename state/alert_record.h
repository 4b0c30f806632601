// The stored form of core::AlertEvent (versioned; state/FORMAT.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/alert_event.h"
#include "core/bytes.h"

namespace costdrift::state {

std::string encode_alert_event(const core::AlertEvent& event);
// nullopt: not the bytes of a version that this program knows.
std::optional<core::AlertEvent> decode_alert_event(std::string_view bytes);

}  // namespace costdrift::state
