// load_settings() and parse_settings(): the walk over a whole configuration file.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/components.h"
#include "config/cross_checks.h"
#include "config/sections.h"
#include "config/settings.h"
#include "config/values_reader.h"

namespace costdrift::config {
namespace {

Values read_section(const Section& section, const Node& root, ValuesReader& reader) {
  const std::vector<FieldSpec> specs = specs_of(section);
  // The keys of a nameless section are checked with the other keys of the top level.
  if (section.name.empty()) return reader.read_fields(root, {}, specs);
  const auto node = reader.section(root, {}, std::string(section.name));
  if (!node) return {};
  const Place place{std::string(section.name), node->line};
  reader.check_keys(*node, place, specs);
  return reader.read_fields(*node, place, specs);
}

void check_top_level_keys(const Node& root, const std::vector<Section>& all, ValuesReader& reader) {
  std::vector<std::string> known;
  for (const Section& section : all) {
    if (!section.name.empty()) known.emplace_back(section.name);
    for (const SectionField& field : section.fields) {
      if (section.name.empty()) known.emplace_back(field.spec.name);
    }
  }
  known.insert(known.end(), {"detectors", "sinks"});
  reader.check_keys(root, {}, {}, known);
}

void read_document(const Node& root, const Catalogue& catalogue, ValuesReader& reader, Settings& settings) {
  const std::vector<Section> all = sections();
  check_top_level_keys(root, all, reader);
  std::vector<Values> routes;
  for (const Section& section : all) {
    const Values values = read_section(section, root, reader);
    apply(section, values, settings);
    if (values.has("routes")) routes = values.records("routes");
  }
  settings.detectors = read_detectors(root, catalogue, reader);
  settings.sinks = read_sinks(root, catalogue, reader);
  check_across(settings, reader);
  check_routes(routes, settings.sinks, catalogue, reader);
}

core::Error cannot_read(const std::string& path, const std::string& why) {
  return core::fail(core::ErrorCode::config, "reading the configuration " + in_quotes(path) + ": " + why +
                                                 "; name a readable file with --config");
}

}  // namespace

core::Result<Settings> parse_settings(const std::string& yaml, const std::string& name, const Catalogue& catalogue) {
  Problems problems(name);
  const std::optional<Node> root = parse_yaml(yaml, problems);
  if (!root) return problems.error();
  Settings settings;
  settings.source_path = name;
  ValuesReader reader(problems, process_environment());
  if (root->is(NodeKind::mapping)) {
    read_document(*root, catalogue, reader, settings);
  } else {
    problems.add(root->line, "the file is not a mapping of sections",
                 "begin with a copy of config/examples/minimal.yaml");
  }
  if (!problems.empty()) return problems.error();
  return settings;
}

core::Result<Settings> load_settings(const std::string& path, const Catalogue& catalogue) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return cannot_read(path, "it is a directory");
  std::ifstream in(path, std::ios::binary);
  if (!in) return cannot_read(path, std::strerror(errno));
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) return cannot_read(path, std::strerror(errno));
  return parse_settings(text.str(), path, catalogue);
}

}  // namespace costdrift::config
