#include "state/attribute_sets.h"

#include <cstring>

#include "core/hash.h"

namespace costdrift::state {
namespace {

using core::Dimension;
using core::UsageEvent;

struct Field {
  Dimension dimension;
  std::string_view UsageEvent::*value;
};

// In the order of the enumeration, as core::AttributeSet wants it.
constexpr Field kFields[] = {
    {Dimension::provider, &UsageEvent::provider},
    {Dimension::team, &UsageEvent::team},
    {Dimension::owner, &UsageEvent::owner},
    {Dimension::technical_owner, &UsageEvent::technical_owner},
    {Dimension::env, &UsageEvent::env},
    {Dimension::cost_center, &UsageEvent::cost_center},
    {Dimension::use_case, &UsageEvent::use_case},
    {Dimension::business_process, &UsageEvent::business_process},
    {Dimension::request_type, &UsageEvent::request_type},
    {Dimension::prompt_version, &UsageEvent::prompt_version},
    {Dimension::region, &UsageEvent::region},
    {Dimension::service_tier, &UsageEvent::service_tier},
    {Dimension::agent, &UsageEvent::agent},
    {Dimension::api_key_id, &UsageEvent::api_key_id},
};

constexpr std::size_t kHead = 1 + sizeof(std::uint32_t);

// One dimension: its number, the length of the value, the value. Returns the place behind it.
char* pack(char* out, Dimension dimension, std::string_view value) {
  const auto length = static_cast<std::uint32_t>(value.size());
  *out = static_cast<char>(dimension);
  std::memcpy(out + 1, &length, sizeof length);
  std::memcpy(out + kHead, value.data(), value.size());
  return out + kHead + value.size();
}

core::AttributeSet unpack(std::string_view packed) {
  core::AttributeSet set;
  while (!packed.empty()) {
    std::uint32_t length = 0;
    std::memcpy(&length, packed.data() + 1, sizeof length);
    set.emplace_back(static_cast<Dimension>(packed[0]), packed.substr(1 + sizeof length, length));
    packed.remove_prefix(1 + sizeof length + length);
  }
  return set;
}

}  // namespace

AttributeSets::AttributeSets() { intern_packed(); }

std::uint32_t AttributeSets::intern(const UsageEvent& event) {
  std::size_t size = 0;
  for (const Field& field : kFields) size += kHead + (event.*field.value).size();
  packed_.resize(size);
  char* out = packed_.data();
  for (const Field& field : kFields) {
    const std::string_view value = event.*field.value;
    if (!value.empty()) out = pack(out, field.dimension, value);
  }
  packed_.resize(static_cast<std::size_t>(out - packed_.data()));
  return intern_packed();
}

std::uint32_t AttributeSets::intern(const core::AttributeSet& set) {
  std::size_t size = 0;
  for (const auto& [dimension, value] : set) size += kHead + value.size();
  packed_.resize(size);
  char* out = packed_.data();
  for (const auto& [dimension, value] : set) out = pack(out, dimension, value);
  return intern_packed();
}

std::uint32_t AttributeSets::intern_packed() {
  const std::uint64_t hash = core::hash64(packed_);
  const std::uint32_t known =
      index_.find(hash, [this](std::uint32_t number) { return entries_[number].packed == packed_; });
  if (known != FlatIndex::kNone) return known;
  const auto number = static_cast<std::uint32_t>(entries_.size());
  entries_.push_back({packed_, unpack(packed_)});
  index_.insert(hash, number);
  return number;
}

}  // namespace costdrift::state
