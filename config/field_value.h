// One field's value: from the text in YAML, and back.
#pragma once

#include <string>
#include <variant>

#include "config/field.h"
#include "config/problems.h"

namespace costdrift::config {

using Value = Values::Value;

// Scalar types only (lists: their elements, of a spec made by element_spec()). `may_show`: whether the problem may
// quote the text.
std::variant<Value, ValueProblem> parse_scalar(const FieldSpec& spec, const std::string& text, bool may_show);

// The text that parse_scalar() turns into `value`. Scalar types only.
std::string scalar_text(const FieldSpec& spec, const Value& value);

// What a field without value and without default holds: "" / 0 / false / empty list.
Value absent_value(FieldType type);

bool is_scalar(FieldType type);

// The spec of one element of a text_list, integer_list or text_map.
FieldSpec element_spec(const FieldSpec& spec);

// "1s to 1m", "at least 1", "" when the field has no range.
std::string range_text(const FieldSpec& spec);

// "duration", "one of a, b", "path of a secret file", ...
std::string type_text(const FieldSpec& spec);

}  // namespace costdrift::config
