// The stored rows of the smaller key spaces (state/FORMAT.md). nullopt or false: not of a known version.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/tables.h"

namespace costdrift::state {

std::string encode_position(const Position& position);
std::optional<Position> decode_position(std::string_view bytes);

// The key holds sink and incident.
std::string encode_outbox_entry(const OutboxEntry& entry);
std::optional<OutboxEntry> decode_outbox_entry(std::string_view key, std::string_view bytes);

std::string encode_delivery(const Delivery& delivery);
std::optional<Delivery> decode_delivery(std::string_view bytes);

// The ids from place `from` on.
std::string encode_dedup_row(const std::vector<std::uint64_t>& ids, std::size_t from);
bool decode_dedup_row(std::string_view bytes, std::vector<std::uint64_t>& ids);

}  // namespace costdrift::state
