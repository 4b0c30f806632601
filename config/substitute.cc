#include "config/substitute.h"

#include <cstdlib>

#include "core/text.h"

namespace costdrift::config {
namespace {

bool is_name(const std::string& text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

using Outcome = std::variant<Substituted, ValueProblem>;

// `reference` is what stands between the braces.
Outcome resolve(const std::string& reference, const Environment& environment) {
  const std::size_t colon = reference.find(':');
  const std::string name = reference.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : reference.substr(colon);
  const bool known_form = rest.empty() || rest.starts_with(":-") || rest.starts_with(":?");
  if (!is_name(name) || !known_form) {
    return ValueProblem{"\"${\" begins no variable", "write ${NAME} or ${NAME:-default}, or $$ for a dollar sign"};
  }
  const char* value = environment(name);
  if (value != nullptr && (rest.empty() || *value != '\0')) return Substituted{value, true};
  if (rest.starts_with(":-")) return Substituted{rest.substr(2), false};
  return ValueProblem{
      "the environment variable " + name + " is not set",
      rest.size() > 2 ? core::escape_for_log(rest.substr(2)) : "set it, or write ${" + name + ":-default}"};
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> const char* { return std::getenv(name.c_str()); };
}

std::variant<Substituted, ValueProblem> substitute(const std::string& text, const Environment& environment) {
  Substituted result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (text[i] != '$' || (next != '$' && next != '{')) {
      result.text += text[i];
      continue;
    }
    if (next == '$') {
      result.text += '$';
      ++i;
      continue;
    }
    const std::size_t end = text.find('}', i);
    if (end == std::string::npos) return ValueProblem{"\"${\" has no \"}\"", "close it, or write $$ for a dollar sign"};
    auto resolved = resolve(text.substr(i + 2, end - i - 2), environment);
    const auto* part = std::get_if<Substituted>(&resolved);
    if (part == nullptr) return resolved;
    result.text += part->text;
    result.from_environment = result.from_environment || part->from_environment;
    i = end;
  }
  return result;
}

std::string escape_dollars(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '$' ? std::string("$$") : std::string(1, c);
  return escaped;
}

}  // namespace costdrift::config
