// The price list: LiteLLM's JSON -> rates per token, with every fallback between them resolved at load, so that pricing
// a call is a look-up and a few multiplications. docs/PRICES.md has the rules.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace costdrift::daemon {

// Nano-dollars per token. input and output are NaN when the list does not have them.
struct Rates {
  double input = 0, output = 0, reasoning = 0;
  double cache_read = 0, cache_write = 0, cache_write_1h = 0;
};

enum class ServiceTier : std::uint8_t { standard, batch, flex, priority };
inline constexpr std::size_t kServiceTiers = 4;

// The tier of an event's service_tier text; what is not known is standard.
ServiceTier service_tier_of(std::string_view text);

// Rates of every token of a call with more than `above` input tokens.
struct PriceStep {
  std::int64_t above = -1;
  std::array<Rates, kServiceTiers> tiers{};
};

struct PriceEntry {
  std::vector<PriceStep> steps;  // rising, the first applies from 0
  double eu_uplift = 1, us_uplift = 1;

  const Rates& rates(std::int64_t input_tokens, ServiceTier tier) const;
};

using PriceList = std::map<std::string, PriceEntry>;

// `origin` names the text in errors (config). Values that are not objects and entries without a price per token above
// zero are left out; a list without any entry left is an error.
core::Result<PriceList> parse_price_list(std::string_view json, const std::string& origin);

}  // namespace costdrift::daemon
