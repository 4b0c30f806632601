// PriceBook: LiteLLM's model_prices_and_context_window.json -> the cost of a call.
//
// Rules (docs/PRICES.md): all-or-nothing context steps (above_128k, above_200k, ...), cache read and write rates, one
// hour cache writes, batch / flex / priority service tiers, tiered_pricing, reasoning rates. A missing cache rate falls
// back to the input rate. Model names resolve exactly, then by operator alias, without provider prefix, without date
// suffix, without Bedrock region prefix, in lower case; never by likeness.
//
// A model without price is unknown, never free.
// Threads  immutable after load; price() only reads.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/result.h"
#include "core/usage_event.h"

namespace costdrift::daemon {

class PriceBook {
 public:
  // Error (config): the file cannot be read or is not such a file. Entries without token prices are skipped.
  static core::Result<PriceBook> load(const std::string& path, const std::map<std::string, std::string>& aliases);
  // The dated price list that ships inside the program.
  static PriceBook shipped(const std::map<std::string, std::string>& aliases);

  PriceBook(PriceBook&&) noexcept;
  PriceBook& operator=(PriceBook&&) noexcept;
  ~PriceBook();

  // Fills cost_source, cost, input_cost, output_cost and cacheable_cost. A reported cost is kept and split in the
  // proportion of the listed prices (without listed prices: output at 4 and cache reads at 0.1 times the input rate).
  void price(core::UsageEvent& event) const;

  std::size_t size() const;

 private:
  struct Impl;
  explicit PriceBook(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::daemon
