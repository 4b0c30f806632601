// The `detectors` and `sinks` sections, whose fields the catalogue declares.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "config/values_reader.h"

namespace costdrift::config {

// `name: {enabled: ..., fields}`, or `name: true|false`. Every detector of the catalogue is in the answer.
std::vector<DetectorSettings> read_detectors(const Node& root, const Catalogue& catalogue, ValuesReader& reader);

// `name: {type: ..., fields of the type}`. Sinks with problems are in the answer too, so that routes find their names.
std::vector<SinkSettings> read_sinks(const Node& root, const Catalogue& catalogue, ValuesReader& reader);

Node detectors_node(const Settings& settings, const Catalogue& catalogue);
Node sinks_node(const Settings& settings, const Catalogue& catalogue);

// The fields that every detector and every sink has besides its own.
std::span<const FieldSpec> common_detector_fields();
std::span<const FieldSpec> common_sink_fields();

// nullptr: no such component.
const ComponentSpec* find_component(const std::vector<ComponentSpec>& components, std::string_view name);
std::vector<std::string> component_names(const std::vector<ComponentSpec>& components);

}  // namespace costdrift::config
