// ModelNames: which entry of the price list a model's name means. Spelling rules only, never likeness: a wrong price is
// worse than none.
//
// A name is tried as it is: with its provider as prefix ("azure/gpt-4o"), then alone; then without provider prefixes
// ("openrouter/openai/gpt-4o"), without Bedrock's region and vendor ("eu.anthropic."), and each of these without its
// version and date ("-v1:0", "-2024-08-06", "-20250929", "@20250929"). Then the same in lower case.
//
// Threads  find() only reads.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/hash.h"

namespace costdrift::daemon {

class ModelNames {
 public:
  // A name that is there already keeps its entry.
  void add(std::string_view name, std::uint32_t entry);
  // As it is, with or without its provider.
  std::optional<std::uint32_t> find_exact(std::string_view provider, std::string_view model) const;
  // By all the rules. Does not allocate. `provider` may be empty.
  std::optional<std::uint32_t> find(std::string_view provider, std::string_view model) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return core::hash64(text); }
  };
  using Entry = std::optional<std::uint32_t>;

  Entry exact(std::string_view name) const;
  Entry with_prefix(std::string_view provider, std::string_view model) const;
  Entry as_spelled(std::string_view provider, std::string_view model) const;
  Entry without_version(std::string_view name) const;

  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> entries_;
  std::set<std::string, std::less<>> prefixes_;  // of the names that have one
};

}  // namespace costdrift::daemon
