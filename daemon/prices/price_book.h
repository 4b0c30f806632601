// PriceBook: LiteLLM's model_prices_and_context_window.json -> the cost of a call.
//
// Rules (docs/PRICES.md): all-or-nothing context steps (above_128k, above_200k, ...), cache read and write rates, one
// hour cache writes, batch / flex / priority service tiers, tiered_pricing, reasoning rates. A missing cache rate falls
// back to the input rate. Model names resolve by operator alias, then exactly, without provider prefix, without
// Bedrock's region and vendor, without version and date suffix, in lower case; never by likeness. An alias comes first
// so that an operator can give a listed name other prices.
//
// A model without price is unknown, never free.
// Threads  immutable after load; price() only reads.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/result.h"
#include "core/usage_event.h"

namespace costdrift::daemon {

class PriceBook {
 public:
  // Error (config): the file cannot be read or is not such a file. Entries without token prices, or with a price of 0
  // for everything, are skipped: the public lists write 0 for "not known".
  static core::Result<PriceBook> load(const std::string& path, const std::map<std::string, std::string>& aliases);
  // The dated price list that ships inside the program.
  static PriceBook shipped(const std::map<std::string, std::string>& aliases);

  // One of the two, as the settings say.
  static core::Result<PriceBook> configured(const config::PriceSettings& settings);

  PriceBook(PriceBook&&) noexcept;
  PriceBook& operator=(PriceBook&&) noexcept;
  ~PriceBook();

  // Fills cost_source, cost, input_cost, output_cost, cacheable_cost, list_cost and model_price. A reported cost is
  // kept and split in the proportion of the listed prices (without listed prices: output at 4 and cache reads at 0.1
  // times the input rate). A hit in a gateway's cache without a reported cost costs 0. Token counts that an
  // unsuccessful call leaves out count as 0. Does not allocate.
  void price(core::UsageEvent& event) const;

  // Models with a price; aliases not counted.
  std::size_t size() const;
  // Aliases that name a model without a price, which therefore do nothing: worth a warning.
  const std::vector<std::string>& unresolved_aliases() const;

 private:
  struct Impl;
  explicit PriceBook(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// For people: what is wrong with such an alias, and what to do.
std::string unresolved_text(const std::string& alias);

}  // namespace costdrift::daemon
