#include "daemon/prices/price_list.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/text.h"

namespace costdrift::daemon {
namespace {

using nlohmann::json;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kMaxUsdPerToken = 1;  // above it the sums of the largest calls would not fit, and no such price exists
constexpr std::string_view kInput = "input_cost_per_token";
constexpr std::string_view kOutput = "output_cost_per_token";

// Texts are tolerated, as LiteLLM does.
std::optional<double> number_of(const json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  double number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

// Snapped to 1e-6 nano-dollars, so that 3e-06 dollars are 3000 and not 3000.0000000000005.
std::optional<double> nano_per_token(const json& entry, const std::string& key) {
  const auto found = entry.find(key);
  if (found == entry.end()) return std::nullopt;
  const auto usd = number_of(*found);
  if (!usd || !(*usd >= 0 && *usd <= kMaxUsdPerToken)) return std::nullopt;
  return std::round(*usd * 1e15) / 1e6;
}

std::string_view tier_suffix(ServiceTier tier) {
  switch (tier) {
    case ServiceTier::standard:
      return "";
    case ServiceTier::batch:
      return "_batches";
    case ServiceTier::flex:
      return "_flex";
    case ServiceTier::priority:
      return "_priority";
  }
  return "";
}

// One entry of the list, read at one context step and service tier.
struct Reader {
  const json& entry;
  std::string step;  // "" or "_above_200k_tokens"
  ServiceTier tier;

  // The most special key that the list has. Batch rates hold at every length; the other tiers give way to a step.
  std::optional<double> rate(std::string_view base) const {
    const std::string key(base);
    const std::string suffix(tier_suffix(tier));
    auto keys = std::array{key + step + suffix, key + step, key + suffix, key};
    if (tier == ServiceTier::batch) std::swap(keys[1], keys[2]);
    for (const std::string& candidate : keys) {
      if (const auto found = nano_per_token(entry, candidate)) return found;
    }
    return std::nullopt;
  }

  Rates rates() const {
    Rates all;
    all.input = rate(kInput).value_or(kNan);
    all.output = rate(kOutput).value_or(kNan);
    auto cache_read = rate("cache_read_input_token_cost");
    if (!cache_read) cache_read = rate("input_cost_per_token_cache_hit");
    all.cache_read = cache_read.value_or(all.input);
    all.cache_write = rate("cache_creation_input_token_cost").value_or(all.input);
    all.cache_write_1h = rate("cache_creation_input_token_cost_above_1hr").value_or(all.cache_write);
    all.reasoning = reasoning(all.output);
    return all;
  }

  // A reasoning rate that repeats the output rate follows it through steps and tiers.
  double reasoning(double output) const {
    constexpr std::string_view kReasoning = "output_cost_per_reasoning_token";
    const auto own = rate(kReasoning);
    if (!own || own == nano_per_token(entry, std::string(kOutput))) return output;
    return *own;
  }
};

PriceStep read_step(const json& entry, const std::string& suffix, std::int64_t above) {
  PriceStep step{.above = above};
  for (std::size_t tier = 0; tier < kServiceTiers; ++tier) {
    step.tiers[tier] = Reader{entry, suffix, static_cast<ServiceTier>(tier)}.rates();
  }
  return step;
}

// "input_cost_per_token_above_200k_tokens" -> ("_above_200k_tokens", 200000).
std::optional<std::pair<std::string, std::int64_t>> step_of_key(std::string_view key) {
  constexpr std::string_view kEnd = "_tokens";
  constexpr std::string_view kAbove = "_above_";
  if (!key.starts_with(kInput) || !key.ends_with(kEnd)) return std::nullopt;
  const std::string_view suffix = key.substr(kInput.size());
  if (!suffix.starts_with(kAbove)) return std::nullopt;
  std::string_view text = suffix.substr(kAbove.size(), suffix.size() - kAbove.size() - kEnd.size());
  const bool thousands = text.ends_with('k');
  if (thousands) text.remove_suffix(1);
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size() || number < 0 || number > 1'000'000'000) {
    return std::nullopt;
  }
  return std::pair(std::string(suffix), thousands ? number * 1000 : number);
}

void read_steps(const json& entry, PriceEntry& price) {
  price.steps.push_back(read_step(entry, "", -1));
  // xAI bills the dearer rates from the boundary on, the others above it.
  const bool inclusive = entry.value("litellm_provider", json()) == "xai";
  for (const auto& [key, value] : entry.items()) {
    if (const auto step = step_of_key(key)) {
      price.steps.push_back(read_step(entry, step->first, step->second - (inclusive ? 1 : 0)));
    }
  }
}

void read_tiered_pricing(const json& entry, const json& ranges, PriceEntry& price) {
  const double output = nano_per_token(entry, std::string(kOutput)).value_or(kNan);
  for (const json& range : ranges) {
    if (!range.is_object()) continue;
    const json bounds = range.value("range", json::array());
    const auto from = bounds.is_array() && !bounds.empty() ? number_of(bounds[0]) : std::nullopt;
    if (!from || !(*from >= 0 && *from <= 1e12)) continue;
    PriceStep step = read_step(range, "", static_cast<std::int64_t>(*from));
    for (Rates& rates : step.tiers) {
      if (std::isnan(rates.output)) rates.output = output;
      if (std::isnan(rates.reasoning)) rates.reasoning = output;
    }
    price.steps.push_back(step);
  }
}

double read_uplift(const json& entry, const char* key) {
  const auto factor = entry.contains(key) ? number_of(entry[key]) : std::nullopt;
  return factor && *factor > 0 && *factor <= 10 ? *factor : 1;
}

bool has_a_price(const PriceEntry& price) {
  return std::any_of(price.steps.begin(), price.steps.end(), [](const PriceStep& step) {
    return std::any_of(step.tiers.begin(), step.tiers.end(),
                       [](const Rates& rates) { return rates.input > 0 || rates.output > 0; });
  });
}

PriceEntry read_entry(const json& entry) {
  PriceEntry price;
  const auto ranges = entry.find("tiered_pricing");
  if (ranges != entry.end() && ranges->is_array()) read_tiered_pricing(entry, *ranges, price);
  if (price.steps.empty()) read_steps(entry, price);
  std::stable_sort(price.steps.begin(), price.steps.end(),
                   [](const PriceStep& a, const PriceStep& b) { return a.above < b.above; });
  price.steps.front().above = -1;
  price.eu_uplift = read_uplift(entry, "regional_processing_uplift_multiplier_eu");
  price.us_uplift = read_uplift(entry, "regional_processing_uplift_multiplier_us");
  return price;
}

core::Error broken(const std::string& origin, const std::string& why) {
  return core::fail(core::ErrorCode::config,
                    "reading the price list " + origin + ": " + core::escape_for_log(why) +
                        "; it must be a JSON object in the format of LiteLLM's model_prices_and_context_window.json");
}

}  // namespace

ServiceTier service_tier_of(std::string_view text) {
  if (text.empty() || text == "standard" || text == "default") return ServiceTier::standard;
  if (text == "batch") return ServiceTier::batch;
  if (text == "flex") return ServiceTier::flex;
  if (text == "priority" || text == "fast") return ServiceTier::priority;
  return ServiceTier::standard;
}

const Rates& PriceEntry::rates(std::int64_t input_tokens, ServiceTier tier) const {
  std::size_t step = steps.size() - 1;
  while (step > 0 && input_tokens <= steps[step].above) --step;
  return steps[step].tiers[static_cast<std::size_t>(tier)];
}

core::Result<PriceList> parse_price_list(std::string_view text, const std::string& origin) {
  PriceList list;
  try {
    const json document = json::parse(text);
    if (!document.is_object()) return broken(origin, "not a JSON object");
    for (const auto& [name, entry] : document.items()) {
      if (!entry.is_object() || name == "sample_spec") continue;
      PriceEntry price = read_entry(entry);
      if (has_a_price(price)) list.emplace(name, std::move(price));
    }
  } catch (const json::exception& error) {
    return broken(origin, error.what());
  }
  if (list.empty()) return broken(origin, "no model has a price per token");
  return list;
}

}  // namespace costdrift::daemon
