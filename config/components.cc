#include "config/components.h"

#include "config/nearest.h"
#include "config/values_writer.h"

namespace costdrift::config {
namespace {

constexpr FieldSpec kDetectorFields[] = {
    {.name = "enabled",
     .type = FieldType::boolean,
     .default_value = "true",
     .doc = "Whether the detector watches; `name: false` says the same in short."},
    {.name = "shadow",
     .type = FieldType::boolean,
     .default_value = "false",
     .doc = "Whether it only watches: it learns and judges, but tells nobody and changes no alert of another detector; "
            "`costdrift alerts diff` shows what it would have told."},
};

constexpr FieldSpec kSinkFields[] = {
    {.name = "type", .doc = "Kind of sink: one of those described below.", .required = true},
};

constexpr const char* kSinkExample = "sinks: {finops: {type: slack, webhook_url_file: /run/secrets/slack}}";

std::vector<FieldSpec> joined_fields(std::span<const FieldSpec> common, std::span<const FieldSpec> own) {
  std::vector<FieldSpec> fields(common.begin(), common.end());
  fields.insert(fields.end(), own.begin(), own.end());
  return fields;
}

// `name: false` as the mapping that it stands for.
Node written_out(const Node& node) {
  if (!node.is(NodeKind::scalar)) return node;
  Node mapping = Node::mapping();
  mapping.add("enabled", node);
  return mapping;
}

DetectorSettings read_detector(const Node& section, const ComponentSpec& spec, ValuesReader& reader) {
  DetectorSettings detector;
  detector.name = spec.name;
  Node shorthand = Node::mapping();
  if (const Node* node = section.find(spec.name)) shorthand.add(detector.name, written_out(*node));
  if (!shorthand.keys.empty()) shorthand.keys[0].line = section.line_of_key(spec.name);
  const Place parent{"detectors", section.line};
  const auto node = reader.section(shorthand, parent, detector.name);
  if (!node) return detector;
  const Place place{parent.of(spec.name), node->line};
  reader.check_keys(*node, place, joined_fields(kDetectorFields, spec.fields));
  Values common = reader.read_fields(*node, place, kDetectorFields);
  fill_defaults(common, kDetectorFields);
  detector.enabled = common.boolean("enabled");
  detector.shadow = common.boolean("shadow");
  detector.values = reader.read_fields(*node, place, spec.fields);
  fill_defaults(detector.values, spec.fields);
  return detector;
}

SinkSettings read_sink(const Node& section, const std::string& name, const Catalogue& catalogue, ValuesReader& reader) {
  SinkSettings sink;
  sink.name = name;
  const Place parent{"sinks", section.line};
  const auto node = reader.section(section, parent, name);
  if (!node) return sink;
  const Place place{parent.of(name), node->line};
  if (node->find("type") == nullptr) {
    reader.problems().add(place.line, place.of("type") + ": missing",
                          "choose one of " + joined(component_names(catalogue.sinks)));
    return sink;
  }
  const Values common = reader.read_fields(*node, place, kSinkFields);
  if (!common.has("type")) return sink;
  sink.type = common.text("type");
  const ComponentSpec* spec = find_component(catalogue.sinks, sink.type);
  if (spec == nullptr) {
    reader.problems().add(reader.line_of(place.of("type")),
                          place.of("type") + ": there is no sink type " + in_quotes(sink.type),
                          spelling_remedy(sink.type, component_names(catalogue.sinks)));
    return sink;
  }
  reader.check_keys(*node, place, joined_fields(kSinkFields, spec->fields));
  sink.values = reader.read_fields(*node, place, spec->fields);
  fill_defaults(sink.values, spec->fields);
  return sink;
}

}  // namespace

std::vector<DetectorSettings> read_detectors(const Node& root, const Catalogue& catalogue, ValuesReader& reader) {
  const Node section = reader.section(root, {}, "detectors").value_or(Node::mapping());
  reader.check_keys(section, {"detectors", section.line}, {}, component_names(catalogue.detectors));
  std::vector<DetectorSettings> detectors;
  for (const ComponentSpec& spec : catalogue.detectors) detectors.push_back(read_detector(section, spec, reader));
  return detectors;
}

std::vector<SinkSettings> read_sinks(const Node& root, const Catalogue& catalogue, ValuesReader& reader) {
  const Node* given = root.find("sinks");
  if (given == nullptr || given->is(NodeKind::null)) {
    reader.problems().add(
        root.line_of_key("sinks"), "sinks: there is none, so nobody would be told",
        std::string("add one, for example \"") + kSinkExample + "\", or write \"sinks: {}\" to tell nobody on purpose");
    return {};
  }
  const Node section = reader.section(root, {}, "sinks").value_or(Node::mapping());
  std::vector<SinkSettings> sinks;
  for (const Key& key : section.keys) sinks.push_back(read_sink(section, key.name, catalogue, reader));
  return sinks;
}

Node detectors_node(const Settings& settings, const Catalogue& catalogue) {
  Node node = Node::mapping();
  for (const DetectorSettings& detector : settings.detectors) {
    const ComponentSpec* spec = find_component(catalogue.detectors, detector.name);
    if (spec == nullptr) core::bug("settings name a detector that the catalogue does not have");
    Values values = detector.values;
    values.set("enabled", detector.enabled);
    values.set("shadow", detector.shadow);
    node.add(detector.name, to_node(values, joined_fields(kDetectorFields, spec->fields)));
  }
  return node;
}

Node sinks_node(const Settings& settings, const Catalogue& catalogue) {
  Node node = Node::mapping();
  for (const SinkSettings& sink : settings.sinks) {
    const ComponentSpec* spec = find_component(catalogue.sinks, sink.type);
    if (spec == nullptr) core::bug("settings name a sink type that the catalogue does not have");
    Values values = sink.values;
    values.set("type", sink.type);
    node.add(sink.name, to_node(values, joined_fields(kSinkFields, spec->fields)));
  }
  return node;
}

std::span<const FieldSpec> common_detector_fields() { return kDetectorFields; }
std::span<const FieldSpec> common_sink_fields() { return kSinkFields; }

const ComponentSpec* find_component(const std::vector<ComponentSpec>& components, std::string_view name) {
  for (const ComponentSpec& component : components) {
    if (component.name == name) return &component;
  }
  return nullptr;
}

std::vector<std::string> component_names(const std::vector<ComponentSpec>& components) {
  std::vector<std::string> names;
  for (const ComponentSpec& component : components) names.emplace_back(component.name);
  return names;
}

}  // namespace costdrift::config
