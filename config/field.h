// FieldSpec and Values: how a component (detector, sink, ...) declares its settings once, and reads them.
//
// One record per field: name, type, default, range, unit, doc, secret. The loader checks a YAML mapping against the
// records, reports every error with its line, and hands the component a complete set of typed values; the reference
// page and `check --print-effective` are printed from the same records.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace costdrift::config {

enum class FieldType : std::uint8_t {
  text,
  integer,
  number,
  boolean,
  duration,     // "15m"
  ratio,        // "10%" or 0.1
  text_list,
  secret_file,  // `<name>_file`: path of a file that holds the secret; the value is read when the component starts
  choice,       // one of `choices`
};

struct FieldSpec {
  std::string_view name;
  FieldType type = FieldType::text;
  // As it would stand in YAML; empty with `required` false means absent ("" / 0 / empty list).
  std::string_view default_value;
  std::string_view doc;   // one sentence
  std::string_view unit;  // "USD/h"; empty: none
  bool required = false;
  double min = 0, max = 0;             // inclusive range of integer, number, ratio, duration (seconds); min == max: none
  std::string_view choices;            // "a|b|c" for choice
  bool secret = false;                 // never printed (secret_file values never are, their paths may be)
};

// What the configuration says about one named component, complete with defaults. Wrong name or type is a bug.
class Values {
 public:
  using Value = std::variant<std::string, std::int64_t, double, bool, core::Duration, std::vector<std::string>>;
  void set(std::string name, Value value) { values_[std::move(name)] = std::move(value); }
  const std::string& text(std::string_view name) const { return get<std::string>(name); }
  std::int64_t integer(std::string_view name) const { return get<std::int64_t>(name); }
  double number(std::string_view name) const { return get<double>(name); }  // also ratio
  bool boolean(std::string_view name) const { return get<bool>(name); }
  core::Duration duration(std::string_view name) const { return get<core::Duration>(name); }
  const std::vector<std::string>& list(std::string_view name) const { return get<std::vector<std::string>>(name); }
  const std::map<std::string, Value, std::less<>>& all() const { return values_; }

 private:
  template <class T>
  const T& get(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) core::bug("setting not declared");
    if (const T* value = std::get_if<T>(&found->second)) return *value;
    core::bug("setting read with another type than declared");
  }
  std::map<std::string, Value, std::less<>> values_;
};

// What the loader must know of a kind of component to check its settings. Detectors and sinks hand theirs to the
// loader through daemon, so that config/ knows neither.
struct ComponentSpec {
  std::string_view name;
  std::string_view summary;
  std::span<const FieldSpec> fields;
};

}  // namespace costdrift::config
