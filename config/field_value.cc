#include "config/field_value.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "config/nearest.h"
#include "core/text.h"

namespace costdrift::config {
namespace {

using Parsed = std::variant<Value, ValueProblem>;

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  if (!std::isfinite(static_cast<double>(number))) return std::nullopt;
  return number;
}

template <class Number>
std::string number_text(Number number) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  return {buffer.data(), end};
}

std::optional<double> parse_ratio(std::string_view text) {
  if (text.empty() || text.back() != '%') return parse_number<double>(text);
  text.remove_suffix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  const auto percent = parse_number<double>(text);
  if (!percent) return std::nullopt;
  return *percent / 100;
}

// In percent where that reads back to the same number.
std::string ratio_text(double ratio) {
  const std::string percent = number_text(ratio * 100) + "%";
  return parse_ratio(percent) == ratio ? percent : number_text(ratio);
}

bool has_range(const FieldSpec& spec) { return spec.min != spec.max; }
bool in_range(const FieldSpec& spec, double number) {
  return !has_range(spec) || (number >= spec.min && (spec.max >= kNoLimit || number <= spec.max));
}

// A bound of the range, as a person would write it.
std::string bound_text(const FieldSpec& spec, double bound) {
  if (spec.type == FieldType::ratio) return number_text(std::round(bound * 1e6) / 1e4) + "%";
  if (spec.type == FieldType::duration) {
    return core::format_duration(core::microseconds(static_cast<std::int64_t>(std::llround(bound * 1e6))));
  }
  if (bound == std::floor(bound)) return core::group_digits(static_cast<std::int64_t>(bound));
  return number_text(bound);
}

std::string shown(const std::string& text, bool may_show) { return may_show ? in_quotes(text) : "the value"; }

Parsed out_of_range(const FieldSpec& spec, const std::string& text, double number, bool may_show) {
  std::string remedy = "choose " + range_text(spec);
  if (spec.type == FieldType::ratio && text.find('%') == std::string::npos && in_range(spec, number / 100)) {
    remedy = "write " + (may_show ? core::escape_for_log(text, 60) : "it") + "% if percent are meant, or " + remedy;
  }
  return ValueProblem{shown(text, may_show) + " is out of range", std::move(remedy)};
}

Parsed parse_integer(const FieldSpec& spec, const std::string& text, bool may_show) {
  const auto number = parse_number<std::int64_t>(text);
  if (!number)
    return ValueProblem{shown(text, may_show) + " is not a whole number", "write digits only, for example 100"};
  if (!in_range(spec, static_cast<double>(*number))) {
    return out_of_range(spec, text, static_cast<double>(*number), may_show);
  }
  return Value(*number);
}

Parsed parse_double(const FieldSpec& spec, const std::string& text, bool may_show) {
  const bool ratio = spec.type == FieldType::ratio;
  const auto number = ratio ? parse_ratio(text) : parse_number<double>(text);
  if (!number && ratio) return ValueProblem{shown(text, may_show) + " is not a ratio", "write for example 10% or 0.1"};
  if (!number) return ValueProblem{shown(text, may_show) + " is not a number", "write for example 2 or 0.5"};
  if (!in_range(spec, *number)) return out_of_range(spec, text, *number, may_show);
  return Value(*number);
}

Parsed parse_duration_value(const FieldSpec& spec, const std::string& text, bool may_show) {
  const auto duration = core::parse_duration(text);
  if (!duration) {
    return ValueProblem{shown(text, may_show) + " is not a duration",
                        "write a number and a unit, for example 250ms, 90s, 15m, 2h or 7d"};
  }
  if (!in_range(spec, core::to_seconds(*duration))) {
    return out_of_range(spec, text, core::to_seconds(*duration), may_show);
  }
  return Value(*duration);
}

Parsed parse_boolean(const std::string& text, bool may_show) {
  if (text == "true") return Value(true);
  if (text == "false") return Value(false);
  return ValueProblem{shown(text, may_show) + " is neither true nor false", "write true or false"};
}

Parsed parse_choice(const FieldSpec& spec, const std::string& text, bool may_show) {
  const std::vector<std::string> choices = split_choices(spec.choices);
  for (const std::string& choice : choices) {
    if (choice == text) return Value(text);
  }
  return ValueProblem{shown(text, may_show) + " is not known here",
                      (choices.size() > 1 ? "choose one of " : "write ") + joined(choices)};
}

Parsed parse_secret_file(const std::string& text) {
  if (text.find("://") == std::string::npos) return Value(text);
  return ValueProblem{"the path of a file is wanted, and this looks like the secret itself",
                      "put the secret into a file that only costdrift can read, and give its path here"};
}

}  // namespace

bool is_scalar(FieldType type) {
  switch (type) {
    case FieldType::text:
    case FieldType::integer:
    case FieldType::number:
    case FieldType::boolean:
    case FieldType::duration:
    case FieldType::ratio:
    case FieldType::secret_file:
    case FieldType::choice:
      return true;
    case FieldType::text_list:
    case FieldType::integer_list:
    case FieldType::text_map:
    case FieldType::record_list:
      return false;
  }
  core::bug("field type");
}

std::variant<Value, ValueProblem> parse_scalar(const FieldSpec& spec, const std::string& text, bool may_show) {
  switch (spec.type) {
    case FieldType::text:
      return Value(text);
    case FieldType::integer:
      return parse_integer(spec, text, may_show);
    case FieldType::number:
    case FieldType::ratio:
      return parse_double(spec, text, may_show);
    case FieldType::boolean:
      return parse_boolean(text, may_show);
    case FieldType::duration:
      return parse_duration_value(spec, text, may_show);
    case FieldType::secret_file:
      return parse_secret_file(text);
    case FieldType::choice:
      return parse_choice(spec, text, may_show);
    case FieldType::text_list:
    case FieldType::integer_list:
    case FieldType::text_map:
    case FieldType::record_list:
      break;
  }
  core::bug("parse_scalar() of a list or mapping");
}

std::string scalar_text(const FieldSpec& spec, const Value& value) {
  switch (spec.type) {
    case FieldType::text:
    case FieldType::secret_file:
    case FieldType::choice:
      return std::get<std::string>(value);
    case FieldType::integer:
      return number_text(std::get<std::int64_t>(value));
    case FieldType::number:
      return number_text(std::get<double>(value));
    case FieldType::ratio:
      return ratio_text(std::get<double>(value));
    case FieldType::boolean:
      return std::get<bool>(value) ? "true" : "false";
    case FieldType::duration:
      return core::format_duration(std::get<core::Duration>(value));
    case FieldType::text_list:
    case FieldType::integer_list:
    case FieldType::text_map:
    case FieldType::record_list:
      break;
  }
  core::bug("scalar_text() of a list or mapping");
}

Value absent_value(FieldType type) {
  switch (type) {
    case FieldType::text:
    case FieldType::secret_file:
    case FieldType::choice:
      return std::string();
    case FieldType::integer:
      return std::int64_t{0};
    case FieldType::number:
    case FieldType::ratio:
      return 0.0;
    case FieldType::boolean:
      return false;
    case FieldType::duration:
      return core::Duration{};
    case FieldType::text_list:
      return std::vector<std::string>();
    case FieldType::integer_list:
      return std::vector<std::int64_t>();
    case FieldType::text_map:
      return Values::TextMap();
    case FieldType::record_list:
      return std::vector<Values>();
  }
  core::bug("field type");
}

FieldSpec element_spec(const FieldSpec& spec) {
  FieldSpec element = spec;
  element.type = spec.type == FieldType::integer_list ? FieldType::integer : FieldType::text;
  return element;
}

std::string range_text(const FieldSpec& spec) {
  if (!has_range(spec)) return "";
  if (spec.max >= kNoLimit) return "at least " + bound_text(spec, spec.min);
  return bound_text(spec, spec.min) + " to " + bound_text(spec, spec.max);
}

std::string type_text(const FieldSpec& spec) {
  switch (spec.type) {
    case FieldType::text:
      return "text";
    case FieldType::integer:
      return "whole number";
    case FieldType::number:
      return "number";
    case FieldType::boolean:
      return "true or false";
    case FieldType::duration:
      return "duration";
    case FieldType::ratio:
      return "ratio";
    case FieldType::text_list:
      return "list of texts";
    case FieldType::secret_file:
      return "path of a secret file";
    case FieldType::choice:
      return "one of " + joined(split_choices(spec.choices));
    case FieldType::integer_list:
      return "list of whole numbers";
    case FieldType::text_map:
      return "mapping of texts";
    case FieldType::record_list:
      return "list of mappings";
  }
  core::bug("field type");
}

}  // namespace costdrift::config
