#include "config/values_writer.h"

#include <algorithm>
#include <cctype>

#include "config/field_value.h"
#include "config/substitute.h"

namespace costdrift::config {
namespace {

constexpr const char* kHidden = "<secret>";

Node text_node(const std::string& text) { return Node::scalar(escape_dollars(text)); }

bool speaks_of_a_secret(std::string key) {
  std::transform(key.begin(), key.end(), key.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const char* word : {"password", "passphrase", "secret", "key", "token"}) {
    if (key.find(word) != std::string::npos) return true;
  }
  return false;
}

Node map_node(const FieldSpec& spec, const Values::TextMap& map) {
  Node node = Node::mapping();
  for (const auto& [key, text] : map) {
    const bool hidden = spec.secret && speaks_of_a_secret(key);
    node.add(key, hidden ? Node::scalar(kHidden) : text_node(text));
  }
  return node;
}

// An absent number or choice has no text of its own: 0 may be outside the range.
bool is_unset(const FieldSpec& spec, const Value& value) {
  const bool has_text =
      spec.type == FieldType::text || spec.type == FieldType::secret_file || spec.type == FieldType::boolean;
  return !has_text && !spec.required && spec.default_value.empty() && value == absent_value(spec.type);
}

Node scalar_node(const FieldSpec& spec, const Value& value) {
  if (is_unset(spec, value)) return Node();
  const std::string text = scalar_text(spec, value);
  return spec.secret && !text.empty() ? Node::scalar(kHidden) : text_node(text);
}

Node list_node(const FieldSpec& spec, const Value& value) {
  Node node = Node::list();
  const FieldSpec element = element_spec(spec);
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    for (const std::string& text : *texts) node.items.push_back(spec.secret ? Node::scalar(kHidden) : text_node(text));
  }
  if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&value)) {
    for (const std::int64_t number : *numbers) node.items.push_back(Node::scalar(scalar_text(element, number)));
  }
  if (const auto* records = std::get_if<std::vector<Values>>(&value)) {
    for (const Values& record : *records) node.items.push_back(to_node(record, spec.record->fields));
  }
  return node;
}

}  // namespace

Node to_node(const Values& values, std::span<const FieldSpec> fields) {
  Node node = Node::mapping();
  for (const FieldSpec& spec : fields) {
    const std::string name(spec.name);
    const auto found = values.all().find(spec.name);
    if (found == values.all().end()) core::bug("a declared field has no value");
    const Value& value = found->second;
    if (spec.type == FieldType::text_map) {
      node.add(name, map_node(spec, std::get<Values::TextMap>(value)));
    } else {
      node.add(name, is_scalar(spec.type) ? scalar_node(spec, value) : list_node(spec, value));
    }
  }
  return node;
}

}  // namespace costdrift::config
