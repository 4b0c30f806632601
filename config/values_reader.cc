#include "config/values_reader.h"

#include <algorithm>

#include "config/nearest.h"
#include "core/text.h"

namespace costdrift::config {
namespace {

std::string_view shape_text(NodeKind kind) {
  switch (kind) {
    case NodeKind::null:
      return "nothing";
    case NodeKind::scalar:
      return "a single value";
    case NodeKind::list:
      return "a list";
    case NodeKind::mapping:
      return "a mapping";
  }
  core::bug("node kind");
}

// "{name: ..., format: ...}".
std::string record_example(const RecordSpec& record) {
  std::string text;
  for (const FieldSpec& field : record.fields) text += (text.empty() ? "" : ", ") + std::string(field.name) + ": ...";
  return "{" + text + "}";
}

// Whether "not set" may be written as an empty value.
bool may_be_null(const FieldSpec& spec) { return !spec.required && spec.default_value.empty(); }

bool is_empty(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->empty();
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return list->empty();
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) return list->empty();
  if (const auto* map = std::get_if<Values::TextMap>(&value)) return map->empty();
  if (const auto* records = std::get_if<std::vector<Values>>(&value)) return records->empty();
  return false;
}

Value default_value(const FieldSpec& spec) {
  if (spec.default_value.empty()) return absent_value(spec.type);
  Problems problems(std::string(spec.name));
  const std::string text(spec.default_value);
  std::optional<Node> node = is_scalar(spec.type) ? Node::scalar(escape_dollars(text)) : parse_yaml(text, problems);
  ValuesReader reader(problems, [](const std::string&) -> const char* { return nullptr; });
  std::optional<Value> value;
  if (node) value = reader.read_value(*node, {std::string(spec.name)}, spec);
  if (!value) core::bug(("default of a field: " + problems.error().message).c_str());
  return *value;
}

}  // namespace

std::string Place::of(std::string_view name) const {
  const std::string harmless = core::escape_for_log(name, 60);
  return path.empty() ? harmless : path + "." + harmless;
}

Place Place::item(std::size_t index, int item_line) const {
  return {path + "[" + std::to_string(index) + "]", item_line};
}

void ValuesReader::report(const Place& place, std::string_view what, std::string_view remedy) {
  problems_.add(place.line, place.path.empty() ? std::string(what) : place.path + ": " + std::string(what), remedy);
}

int ValuesReader::line_of(const std::string& path) const {
  const auto found = lines_.find(path);
  return found == lines_.end() ? 0 : found->second;
}

void ValuesReader::check_keys(const Node& mapping, const Place& place, std::span<const FieldSpec> fields,
                              const std::vector<std::string>& also_known) {
  std::vector<std::string> known;
  for (const FieldSpec& field : fields) known.emplace_back(field.name);
  known.insert(known.end(), also_known.begin(), also_known.end());
  for (const Key& key : mapping.keys) {
    if (std::find(known.begin(), known.end(), key.name) == known.end()) report_unknown(key, place, fields, known);
  }
}

void ValuesReader::report_unknown(const Key& key, const Place& place, std::span<const FieldSpec> fields,
                                  const std::vector<std::string>& known) {
  const Place here{place.of(key.name), key.line};
  for (const FieldSpec& field : fields) {
    if (field.type != FieldType::secret_file || field.name != key.name + "_file") continue;
    report(here, "a secret must not stand in the configuration",
           "put it into a file that only costdrift can read, and give the path as " + std::string(field.name));
    return;
  }
  report(here, "unknown key", spelling_remedy(key.name, known));
}

Values ValuesReader::read_fields(const Node& mapping, const Place& place, std::span<const FieldSpec> fields) {
  Values values;
  values.set_line(place.line);
  for (const FieldSpec& spec : fields) {
    const Node* node = mapping.find(spec.name);
    Place here{place.of(spec.name), place.line};
    if (node == nullptr) {
      if (spec.required) report(here, "missing", "it must be given: " + std::string(spec.doc));
      continue;
    }
    here.line = mapping.line_of_key(spec.name);
    lines_[here.path] = here.line;
    if (node->is(NodeKind::null)) {
      if (!may_be_null(spec)) report(here, "has no value", "give it one or remove the line");
    } else if (auto value = read_value(*node, here, spec)) {
      values.set(std::string(spec.name), std::move(*value));
    }
  }
  return values;
}

std::optional<Value> ValuesReader::read_value(const Node& node, const Place& place, const FieldSpec& spec) {
  std::optional<Value> value;
  switch (spec.type) {
    case FieldType::text_list:
    case FieldType::integer_list:
      value = read_list(node, place, spec);
      break;
    case FieldType::text_map:
      value = read_map(node, place, spec);
      break;
    case FieldType::record_list:
      value = read_records(node, place, spec);
      break;
    case FieldType::text:
    case FieldType::integer:
    case FieldType::number:
    case FieldType::boolean:
    case FieldType::duration:
    case FieldType::ratio:
    case FieldType::secret_file:
    case FieldType::choice:
      value = read_scalar(node, place, spec);
      break;
  }
  if (value && spec.required && is_empty(*value)) {
    report(place, "must not be empty", "it must be given: " + std::string(spec.doc));
    return std::nullopt;
  }
  return value;
}

std::optional<Value> ValuesReader::read_scalar(const Node& node, const Place& place, const FieldSpec& spec) {
  if (!node.is(NodeKind::scalar)) {
    report(place, std::string(shape_text(node.kind)) + " stands where a single value is wanted",
           "write one value: " + type_text(spec));
    return std::nullopt;
  }
  const auto substituted = substitute(node.text, environment_);
  if (const auto* problem = std::get_if<ValueProblem>(&substituted)) {
    report(place, problem->what, problem->remedy);
    return std::nullopt;
  }
  const auto& given = std::get<Substituted>(substituted);
  auto parsed = parse_scalar(spec, given.text, !spec.secret && !given.from_environment);
  if (const auto* problem = std::get_if<ValueProblem>(&parsed)) {
    report(place, problem->what, problem->remedy);
    return std::nullopt;
  }
  return std::get<Value>(std::move(parsed));
}

std::optional<Value> ValuesReader::read_list(const Node& node, const Place& place, const FieldSpec& spec) {
  const FieldSpec element = element_spec(spec);
  Value value = absent_value(spec.type);
  bool right = true;
  const auto add = [&](const Node& item, const Place& where) {
    const auto read = read_scalar(item, where, element);
    right = right && read.has_value();
    if (!read) return;
    if (const auto* text = std::get_if<std::string>(&*read)) std::get<std::vector<std::string>>(value).push_back(*text);
    if (const auto* number = std::get_if<std::int64_t>(&*read)) {
      std::get<std::vector<std::int64_t>>(value).push_back(*number);
    }
  };
  if (node.is(NodeKind::list)) {
    for (std::size_t i = 0; i < node.items.size(); ++i) add(node.items[i], place.item(i, node.items[i].line));
  } else if (node.is(NodeKind::scalar)) {
    add(node, place);  // one element may be written without brackets
  } else {
    report(place, std::string(shape_text(node.kind)) + " stands where a list is wanted", "write [first, second]");
    right = false;
  }
  return right ? std::optional<Value>(std::move(value)) : std::nullopt;
}

std::optional<Value> ValuesReader::read_map(const Node& node, const Place& place, const FieldSpec& spec) {
  if (!node.is(NodeKind::mapping)) {
    report(place, std::string(shape_text(node.kind)) + " stands where a mapping is wanted", "write {key: value}");
    return std::nullopt;
  }
  const FieldSpec element = element_spec(spec);
  Values::TextMap map;
  bool right = true;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Place here{place.of(node.keys[i].name), node.keys[i].line};
    lines_[here.path] = here.line;
    const auto value = read_scalar(node.items[i], here, element);
    right = right && value.has_value();
    if (value) map[node.keys[i].name] = std::get<std::string>(*value);
  }
  return right ? std::optional<Value>(std::move(map)) : std::nullopt;
}

std::optional<Value> ValuesReader::read_records(const Node& node, const Place& place, const FieldSpec& spec) {
  if (!node.is(NodeKind::list)) {
    report(place, std::string(shape_text(node.kind)) + " stands where a list is wanted",
           "write [" + record_example(*spec.record) + "]");
    return std::nullopt;
  }
  std::vector<Values> records;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Node& item = node.items[i];
    const Place here = place.item(i, item.line);
    lines_[here.path] = here.line;
    if (!item.is(NodeKind::mapping)) {
      report(here, std::string(shape_text(item.kind)) + " stands where a mapping is wanted",
             "write " + record_example(*spec.record));
      continue;
    }
    check_keys(item, here, spec.record->fields);
    Values record = read_fields(item, here, spec.record->fields);
    fill_defaults(record, spec.record->fields);
    records.push_back(std::move(record));
  }
  // Kept in spite of problems, so that checks across the file see what there is.
  return records;
}

std::optional<Node> ValuesReader::section(const Node& parent, const Place& place, const std::string& key) {
  const Node* node = parent.find(key);
  const int line = node == nullptr ? place.line : parent.line_of_key(key);
  Node found = node == nullptr || node->is(NodeKind::null) ? Node::mapping() : *node;
  found.line = line;
  if (found.is(NodeKind::mapping)) return found;
  report({place.of(key), line}, std::string(shape_text(node->kind)) + " stands where a mapping is wanted",
         "put its fields below it, indented");
  return std::nullopt;
}

void fill_defaults(Values& values, std::span<const FieldSpec> fields) {
  for (const FieldSpec& spec : fields) {
    if (!values.has(spec.name)) values.set(std::string(spec.name), default_value(spec));
  }
}

}  // namespace costdrift::config
