#include "config/node.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <sstream>

#include "config/tree_builder.h"
#include "core/text.h"

namespace costdrift::config {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;

// The first of `first` to `last` that is indented with a tab; 0: none is.
int line_with_tab(const std::string& text, int first, int last) {
  std::istringstream in(text);
  std::string line;
  for (int number = 1; number <= last && std::getline(in, line); ++number) {
    const std::size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
    if (number >= first && line.find('\t') < indent) return number;
  }
  return 0;
}

void add_syntax_problem(const YAML::Exception& error, const std::string& text, Problems& problems) {
  const int line = error.mark.is_null() ? 0 : error.mark.line + 1;
  // The library often reports another error, on the line after.
  if (const int tab = line_with_tab(text, line - 1, line); tab > 0) {
    problems.add(tab, "the line is indented with a tab, which YAML does not allow", "indent with spaces");
    return;
  }
  problems.add(line, "this is not valid YAML (" + core::escape_for_log(error.msg) + ")",
               "check indentation, quotes, brackets and colons on this line and the one before");
}

// False: not a text that the library should see.
bool check_text(const std::string& text, Problems& problems) {
  if (text.size() > kMaxBytes) {
    problems.add(0, "the file is larger than 1 MiB", "name the configuration file of costdrift");
    return false;
  }
  if (text.find('\0') != std::string::npos || !core::is_valid_utf8(text)) {
    problems.add(0, "the file is not UTF-8 text", "save it as UTF-8");
    return false;
  }
  return true;
}

std::optional<Node> build(const std::string& text, Problems& problems) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  TreeBuilder builder(problems);
  parser.HandleNextDocument(builder);
  TreeBuilder second(problems);
  if (parser.HandleNextDocument(second)) {
    problems.add(second.first_line(), "a second YAML document begins here", "keep one document in the file");
  }
  return builder.take_root();
}

void emit(YAML::Emitter& out, const Node& node, bool flow) {
  switch (node.kind) {
    case NodeKind::null:
      out << YAML::Null;
      return;
    case NodeKind::scalar:
      out << node.text;
      return;
    case NodeKind::list: {
      bool scalars = true;
      for (const Node& item : node.items) scalars = scalars && item.is(NodeKind::scalar);
      if (flow || scalars) out << YAML::Flow;
      out << YAML::BeginSeq;
      for (const Node& item : node.items) emit(out, item, true);
      out << YAML::EndSeq;
      return;
    }
    case NodeKind::mapping:
      if (flow || node.keys.empty()) out << YAML::Flow;
      out << YAML::BeginMap;
      for (std::size_t i = 0; i < node.keys.size(); ++i) {
        out << YAML::Key << node.keys[i].name << YAML::Value;
        emit(out, node.items[i], flow);
      }
      out << YAML::EndMap;
      return;
  }
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].name == key) return &items[i];
  }
  return nullptr;
}

int Node::line_of_key(std::string_view key) const {
  for (const Key& candidate : keys) {
    if (candidate.name == key) return candidate.line;
  }
  return 0;
}

void Node::add(std::string key, Node value) {
  keys.push_back({std::move(key), value.line});
  items.push_back(std::move(value));
}

Node Node::scalar(std::string text) {
  Node node;
  node.kind = NodeKind::scalar;
  node.text = std::move(text);
  return node;
}

Node Node::list() {
  Node node;
  node.kind = NodeKind::list;
  return node;
}

Node Node::mapping() {
  Node node;
  node.kind = NodeKind::mapping;
  return node;
}

std::optional<Node> parse_yaml(const std::string& text, Problems& problems) {
  if (!check_text(text, problems)) return std::nullopt;
  try {
    std::optional<Node> root = build(text, problems);
    if (root && !root->is(NodeKind::null)) return root;
    if (problems.empty()) {
      problems.add(0, "the file is empty", "begin with a copy of config/examples/minimal.yaml");
    }
  } catch (const YAML::Exception& error) {
    add_syntax_problem(error, text, problems);
  } catch (const std::exception& error) {
    problems.add(0, std::string("the YAML library fails (") + error.what() + ")", "simplify the file");
  }
  return std::nullopt;
}

std::string write_yaml(const Node& node) {
  try {
    YAML::Emitter out;
    emit(out, node, false);
    return std::string(out.c_str(), out.size()) + "\n";
  } catch (const std::exception& error) {
    core::bug(error.what());
  }
}

}  // namespace costdrift::config
