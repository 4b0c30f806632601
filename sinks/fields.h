// Shorthand for the FieldSpec records of sinks.
#pragma once

#include "config/field.h"

namespace costdrift::sinks {

enum class Need { optional, required };

// Path of a file that holds a secret; `name` ends in "_file".
constexpr config::FieldSpec secret_field(std::string_view name, Need need, std::string_view doc) {
  config::FieldSpec field;
  field.name = name;
  field.type = config::FieldType::secret_file;
  field.required = need == Need::required;
  field.doc = doc;
  return field;
}

constexpr config::FieldSpec text_field(std::string_view name, std::string_view default_value, std::string_view doc) {
  config::FieldSpec field;
  field.name = name;
  field.default_value = default_value;
  field.doc = doc;
  return field;
}

constexpr config::FieldSpec flag_field(std::string_view name, bool default_value, std::string_view doc) {
  config::FieldSpec field;
  field.name = name;
  field.type = config::FieldType::boolean;
  field.default_value = default_value ? "true" : "false";
  field.doc = doc;
  return field;
}

}  // namespace costdrift::sinks
