// Spelling help for names that the configuration does not know.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costdrift::config {

// The known name that `given` is most likely a misspelling of (edit distance, at most a third of its length, at
// least 2), otherwise one that begins with it (from three letters on); the first of equals. nullopt: nothing is near.
std::optional<std::string> nearest(std::string_view given, const std::vector<std::string>& known);

// `did you mean "brokers"?`, or `known are a, b, c`, or `none is known here`; the names escaped for one line.
std::string spelling_remedy(std::string_view given, const std::vector<std::string>& known);

// "a, b, c".
std::string joined(const std::vector<std::string>& names);

// "a|b|c" -> a, b, c.
std::vector<std::string> split_choices(std::string_view choices);

}  // namespace costdrift::config
