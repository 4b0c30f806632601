#include "daemon/prices/price_book.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/text.h"
#include "daemon/prices/model_names.h"
#include "daemon/prices/price_list.h"

namespace costdrift::daemon::embedded {
extern const std::string_view shipped_prices;
}

namespace costdrift::daemon {
namespace {

using core::CostSource;
using core::NanoUsd;
using core::UsageEvent;

// Nano-dollars, not yet rounded; NaN when a rate that is needed is not listed.
struct ListCost {
  double input = 0, output = 0, cacheable = 0;
  double total() const { return input + output; }
};

// 0 tokens cost nothing, also when their rate is not listed.
double part(std::int64_t tokens, double rate) { return tokens > 0 ? static_cast<double>(tokens) * rate : 0; }

ListCost cost_at(const Rates& rates, const UsageEvent& event) {
  const std::int64_t input = event.input_tokens.value_or(0), output = event.output_tokens.value_or(0);
  const std::int64_t read = event.cache_read_tokens.value_or(0), write = event.cache_write_tokens.value_or(0);
  const std::int64_t hour = event.cache_write_1h_tokens.value_or(0), reasoning = event.reasoning_tokens.value_or(0);
  ListCost cost;
  cost.input = part(input - read - write, rates.input) + part(read, rates.cache_read) +
               part(write - hour, rates.cache_write) + part(hour, rates.cache_write_1h);
  cost.output = part(output - reasoning, rates.output) + part(reasoning, rates.reasoning);
  cost.cacheable = std::max(0.0, part(input, rates.input - rates.cache_read));  // in this order also for NaN
  return cost;
}

double uplift_of(const PriceEntry& entry, const UsageEvent& event) {
  if (event.region == "eu") return entry.eu_uplift;
  if (event.region == "us") return entry.us_uplift;
  return 1;
}

ListCost listed_cost(const PriceEntry& entry, const UsageEvent& event) {
  ListCost cost = cost_at(entry.rates(event.input_tokens.value_or(0), service_tier_of(event.service_tier)), event);
  const double uplift = uplift_of(entry, event);
  cost.input *= uplift;
  cost.output *= uplift;
  cost.cacheable *= uplift;
  return cost;
}

// Shares for splitting a reported cost when nothing is listed; the unit cancels out.
constexpr Rates kTypicalRates = {
    .input = 1, .output = 4, .reasoning = 4, .cache_read = 0.1, .cache_write = 1, .cache_write_1h = 1};

NanoUsd rounded(double nano) {
  constexpr double kMost = 9e18;
  return {std::llround(std::min(nano, kMost))};
}

// Rounds the total and the output and leaves the rest to the input, so that both always add up to the cost.
void set_computed(const ListCost& list, UsageEvent& event) {
  event.cost_source = CostSource::computed;
  event.cost = rounded(list.total());
  event.output_cost = rounded(list.output);
  event.input_cost = event.cost - event.output_cost;
  event.cacheable_cost = rounded(list.cacheable);
}

std::optional<NanoUsd> typical_price(const PriceEntry& entry) {
  const Rates& rates = entry.rates(0, ServiceTier::standard);
  const double price = 1000 * rates.input + 250 * rates.output;
  if (std::isnan(price)) return std::nullopt;
  return rounded(price);
}

void set_reported(const ListCost& list, UsageEvent& event) {
  event.cost_source = CostSource::reported;
  event.cost = *event.reported_cost;
  const double total = list.total();
  const double scale = total > 0 ? static_cast<double>(event.cost.nano) / total : 0;
  event.output_cost = std::min(rounded(list.output * scale), event.cost);
  event.input_cost = event.cost - event.output_cost;
  event.cacheable_cost = rounded(list.cacheable * scale);
}

core::Result<std::string> read_file(const std::string& path) {
  const auto failed = [&path](const std::string& why) {
    return core::fail(core::ErrorCode::config,
                      "reading the price list " + path + ": " + why +
                          "; correct prices.path, or leave it out for the list that ships with costdrift");
  };
  std::ifstream file(path, std::ios::binary);
  if (!file) return failed(std::strerror(errno));
  std::ostringstream text;
  text << file.rdbuf();  // a directory opens like a file and fails here
  if (!text || text.view().empty()) return failed("it is empty, or not a file");
  return std::move(text).str();
}

}  // namespace

struct PriceBook::Impl {
  std::vector<PriceEntry> entries;
  ModelNames names, aliases;
  std::vector<std::string> unresolved;

  void add_list(PriceList list);
  void add_aliases(const std::map<std::string, std::string>& model_of);
  const PriceEntry* find(std::string_view provider, std::string_view model) const;
};

void PriceBook::Impl::add_list(PriceList list) {
  for (auto& [name, entry] : list) {
    names.add(name, static_cast<std::uint32_t>(entries.size()));
    entries.push_back(std::move(entry));
  }
  for (std::uint32_t i = 0; const auto& [name, entry] : list) {
    std::string lowered = name;
    std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    names.add(lowered, i++);
  }
}

// An alias names a model of the list, never another alias, so the order of the aliases does not matter.
void PriceBook::Impl::add_aliases(const std::map<std::string, std::string>& model_of) {
  for (const auto& [alias, model] : model_of) {
    if (const auto entry = names.find("", model)) {
      aliases.add(alias, *entry);
    } else {
      unresolved.push_back(alias);
    }
  }
}

const PriceEntry* PriceBook::Impl::find(std::string_view provider, std::string_view model) const {
  auto entry = aliases.find_exact(provider, model);
  if (!entry) entry = names.find(provider, model);
  if (!entry) entry = aliases.find(provider, model);
  return entry ? &entries[*entry] : nullptr;
}

core::Result<PriceBook> PriceBook::load(const std::string& path, const std::map<std::string, std::string>& aliases) {
  const auto text = read_file(path);
  if (!text) return text.error();
  auto list = parse_price_list(*text, path);
  if (!list) return list.error();
  auto impl = std::make_unique<Impl>();
  impl->add_list(std::move(*list));
  impl->add_aliases(aliases);
  return PriceBook(std::move(impl));
}

PriceBook PriceBook::shipped(const std::map<std::string, std::string>& aliases) {
  auto list = parse_price_list(embedded::shipped_prices, "shipped with costdrift");
  if (!list) core::bug("the price list inside the program cannot be read");
  auto impl = std::make_unique<Impl>();
  impl->add_list(std::move(*list));
  impl->add_aliases(aliases);
  return PriceBook(std::move(impl));
}

PriceBook::PriceBook(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PriceBook::PriceBook(PriceBook&&) noexcept = default;
PriceBook& PriceBook::operator=(PriceBook&&) noexcept = default;
PriceBook::~PriceBook() = default;

void PriceBook::price(UsageEvent& event) const {
  event.cost_source = CostSource::unknown;
  event.cost = event.input_cost = event.output_cost = event.cacheable_cost = {};
  event.list_cost.reset();
  event.model_price.reset();
  if (!event.reported_cost && event.gateway_cache_hit) {
    event.cost_source = CostSource::computed;
    return;
  }
  const PriceEntry* entry = impl_->find(event.provider, event.model);
  const ListCost list = entry ? listed_cost(*entry, event) : ListCost{};
  const bool listed = entry && !std::isnan(list.total());
  if (listed) {
    event.list_cost = rounded(list.total());
    event.model_price = typical_price(*entry);
  }
  if (event.reported_cost) {
    set_reported(listed && list.total() > 0 ? list : cost_at(kTypicalRates, event), event);
  } else if (listed) {
    set_computed(list, event);
  }
}

std::size_t PriceBook::size() const { return impl_->entries.size(); }
core::Result<PriceBook> PriceBook::configured(const config::PriceSettings& settings) {
  if (settings.path.empty()) return shipped(settings.aliases);
  return load(settings.path, settings.aliases);
}

std::string unresolved_text(const std::string& alias) {
  return "prices.aliases: \"" + core::escape_for_log(alias) +
         "\" names a model that the price list has no price for, so it does nothing; mend the name or the list";
}

const std::vector<std::string>& PriceBook::unresolved_aliases() const { return impl_->unresolved; }

}  // namespace costdrift::daemon
