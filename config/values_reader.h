// ValuesReader: a YAML mapping and the records of its fields -> typed values, with every problem reported.
//
// Operation  check_keys() once per mapping, then read_fields() for each group of fields that it holds.
// Errors     go to Problems, as "path.to.field: what"; a field with a problem gets no value. Nothing is thrown.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/field.h"
#include "config/field_value.h"
#include "config/node.h"
#include "config/problems.h"
#include "config/substitute.h"

namespace costdrift::config {

// Where a mapping stands: "kafka.topics[0]", and the line that a problem of the whole mapping names. "" is the
// document.
struct Place {
  std::string path;
  int line = 1;

  // "kafka" + "brokers" -> "kafka.brokers".
  std::string of(std::string_view name) const;
  Place item(std::size_t index, int item_line) const;
};

class ValuesReader {
 public:
  ValuesReader(Problems& problems, Environment environment)
      : problems_(problems), environment_(std::move(environment)) {}

  // Reports keys that are neither fields nor in `also_known`. `mapping` may be null (no entries).
  void check_keys(const Node& mapping, const Place& place, std::span<const FieldSpec> fields,
                  const std::vector<std::string>& also_known = {});

  // The fields that are present and right. Reports wrong values and missing required fields.
  Values read_fields(const Node& mapping, const Place& place, std::span<const FieldSpec> fields);

  // One value; nullopt after a problem.
  std::optional<Value> read_value(const Node& node, const Place& place, const FieldSpec& spec);

  // The entry `key` of `parent` as a mapping whose line is that of the key: null and absent are an empty one. nullopt
  // after a problem.
  std::optional<Node> section(const Node& parent, const Place& place, const std::string& key);

  // Line of a value that was read ("routes[1].send"); 0 when the file has no such value.
  int line_of(const std::string& path) const;
  Problems& problems() { return problems_; }

 private:
  std::optional<Value> read_list(const Node& node, const Place& place, const FieldSpec& spec);
  std::optional<Value> read_map(const Node& node, const Place& place, const FieldSpec& spec);
  std::optional<Value> read_records(const Node& node, const Place& place, const FieldSpec& spec);
  std::optional<Value> read_scalar(const Node& node, const Place& place, const FieldSpec& spec);
  void report_unknown(const Key& key, const Place& place, std::span<const FieldSpec> fields,
                      const std::vector<std::string>& known);
  void report(const Place& place, std::string_view what, std::string_view remedy);

  Problems& problems_;
  Environment environment_;
  std::map<std::string, int> lines_;
};

// Gives every field that has no value its default.
void fill_defaults(Values& values, std::span<const FieldSpec> fields);

}  // namespace costdrift::config
