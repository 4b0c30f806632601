// ${VAR} in configuration values.
//
//   ${VAR}            the variable; it must be set
//   ${VAR:-default}   the default (up to the next "}") when the variable is not set or empty
//   ${VAR:?message}   a problem with this message when the variable is not set or empty
//   $$                one "$"; a "$" before anything else stands for itself
//
// What a variable holds is never looked at again: it can hold no further reference and no YAML.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "config/problems.h"

namespace costdrift::config {

// The value of a variable, nullptr when it is not set.
using Environment = std::function<const char*(const std::string& name)>;

Environment process_environment();

struct Substituted {
  std::string text;
  bool from_environment = false;  // holds the value of a variable: do not show it
};

// A problem names variables, never their values.
std::variant<Substituted, ValueProblem> substitute(const std::string& text, const Environment& environment);

// The text that substitute() turns into `text`.
std::string escape_dollars(const std::string& text);

}  // namespace costdrift::config
