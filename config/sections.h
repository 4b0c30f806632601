// The sections of the configuration file: one record per field, bound to its place in Settings.
//
// Loading, `check --print-effective` and the reference page all walk these records; the default of a field is what
// Settings holds when nothing is said (settings.h), so it stands once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/field.h"
#include "config/settings.h"

namespace costdrift::config {

struct SectionField {
  FieldSpec spec;  // without default_value: see specs_of()
  std::string default_text;
  Values::Value (*get)(const Settings& settings) = nullptr;
  void (*set)(Settings& settings, const Values::Value& value) = nullptr;
};

struct Section {
  std::string_view name;  // empty: the fields stand at the top level of the file
  std::string_view summary;
  std::vector<SectionField> fields;
};

// In the order of the reference page. `detectors` and `sinks` are not among them: the catalogue describes those.
std::vector<Section> sections();

// The records with their defaults; they borrow from `section`.
std::vector<FieldSpec> specs_of(const Section& section);

// Writes the values that are present into `settings`.
void apply(const Section& section, const Values& values, Settings& settings);

// The value of every field.
Values values_of(const Section& section, const Settings& settings);

}  // namespace costdrift::config
