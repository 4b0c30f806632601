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
#include <utility>
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
  duration,  // "15m"
  ratio,     // "10%" or 0.1
  text_list,
  secret_file,  // `<name>_file`: path of a file that holds the secret; the value is read when the component starts
  choice,       // one of `choices`
  integer_list,
  text_map,     // free keys, text values
  record_list,  // a list of mappings, each checked against `record`
};

struct RecordSpec;

struct FieldSpec {
  std::string_view name;
  FieldType type = FieldType::text;
  // As it would stand in YAML; empty with `required` false means absent ("" / 0 / false / empty list).
  std::string_view default_value;
  std::string_view doc;   // one sentence
  std::string_view unit;  // "USD/h"; empty: none
  bool required = false;  // must be given; a list must then not be empty
  // Inclusive range of integer (also each of integer_list), number, ratio, duration (seconds); min == max: none,
  // max >= kNoLimit: no upper end.
  double min = 0, max = 0;
  std::string_view choices;  // "a|b|c" for choice
  // Never printed (what a secret_file holds never is, its path may be). Of a text_map: the values under keys that
  // speak of a password, secret, key or token.
  bool secret = false;
  const RecordSpec* record = nullptr;  // of record_list
};

inline constexpr double kNoLimit = 1e15;

// The fields of one element of a record_list.
struct RecordSpec {
  std::span<const FieldSpec> fields;
};

// What the configuration says about one named component, complete with defaults. Wrong name or type is a bug.
class Values {
 public:
  using TextMap = std::map<std::string, std::string>;
  using Value = std::variant<std::string, std::int64_t, double, bool, core::Duration, std::vector<std::string>,
                             std::vector<std::int64_t>, TextMap, std::vector<Values>>;
  void set(std::string name, Value value) { values_[std::move(name)] = std::move(value); }
  // Whether the name has a value. The loader gives a component a value for every field that it declares.
  bool has(std::string_view name) const { return values_.find(name) != values_.end(); }
  // Also choice and secret_file (the path; config/settings.h read_secret() reads it).
  const std::string& text(std::string_view name) const { return get<std::string>(name); }
  std::int64_t integer(std::string_view name) const { return get<std::int64_t>(name); }
  double number(std::string_view name) const { return get<double>(name); }  // also ratio
  bool boolean(std::string_view name) const { return get<bool>(name); }
  core::Duration duration(std::string_view name) const { return get<core::Duration>(name); }
  const std::vector<std::string>& list(std::string_view name) const { return get<std::vector<std::string>>(name); }
  const std::vector<std::int64_t>& integers(std::string_view name) const {
    return get<std::vector<std::int64_t>>(name);
  }
  const TextMap& map(std::string_view name) const { return get<TextMap>(name); }
  const std::vector<Values>& records(std::string_view name) const { return get<std::vector<Values>>(name); }
  const std::map<std::string, Value, std::less<>>& all() const { return values_; }
  // Where the mapping stands in the configuration file, for problems that its component finds; from 1, 0: nowhere. No
  // part of the value.
  int line() const { return line_; }
  void set_line(int line) { line_ = line; }
  bool operator==(const Values& other) const { return values_ == other.values_; }

 private:
  template <class T>
  const T& get(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) core::bug("setting not declared");
    if (const T* value = std::get_if<T>(&found->second)) return *value;
    core::bug("setting read with another type than declared");
  }
  std::map<std::string, Value, std::less<>> values_;
  int line_ = 0;
};

// What the loader must know of a kind of component to check its settings. Detectors and sinks hand theirs to the
// loader through daemon, so that config/ knows neither.
struct ComponentSpec {
  std::string_view name;
  std::string_view summary;
  std::span<const FieldSpec> fields;
};

}  // namespace costdrift::config
