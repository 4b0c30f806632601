// print_effective(): settings -> YAML.
#include "config/components.h"
#include "config/sections.h"
#include "config/settings.h"
#include "config/values_writer.h"

namespace costdrift::config {
namespace {

void append(Node& into, Node from) {
  for (std::size_t i = 0; i < from.keys.size(); ++i) into.add(from.keys[i].name, std::move(from.items[i]));
}

}  // namespace

std::string print_effective(const Settings& settings, const Catalogue& catalogue) {
  Node root = Node::mapping();
  const std::vector<Section> all = sections();
  for (const Section& section : all) {
    if (&section == &all.back()) {  // routes, which speak of detectors and sinks
      root.add("detectors", detectors_node(settings, catalogue));
      root.add("sinks", sinks_node(settings, catalogue));
    }
    Node node = to_node(values_of(section, settings), specs_of(section));
    if (section.name.empty()) {
      append(root, std::move(node));
    } else {
      root.add(std::string(section.name), std::move(node));
    }
  }
  return write_yaml(root);
}

}  // namespace costdrift::config
