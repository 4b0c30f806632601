// Node: a YAML document as a plain tree with line numbers, and the two functions that know the YAML library.
//
// Limits  one document of at most 1 MiB and 20,000 nodes; aliases are resolved, tags ignored, merge keys ("<<") not
//         supported. Keys are texts; a key that stands twice in one mapping is a problem.
// Errors  added to Problems with their line; the library's exceptions do not leave this file pair.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problems.h"

namespace costdrift::config {

enum class NodeKind : std::uint8_t { null, scalar, list, mapping };

struct Key {
  std::string name;
  int line = 0;
};

struct Node {
  NodeKind kind = NodeKind::null;
  int line = 0;             // from 1; 0: not from a file
  std::string text;         // scalar
  std::vector<Key> keys;    // mapping, in file order
  std::vector<Node> items;  // list: its elements; mapping: the values of `keys`

  bool is(NodeKind other) const { return kind == other; }
  // nullptr: the mapping has no such key (or the node is no mapping).
  const Node* find(std::string_view key) const;
  // 0: no such key.
  int line_of_key(std::string_view key) const;
  void add(std::string key, Node value);

  static Node scalar(std::string text);
  static Node list();
  static Node mapping();
};

// nullopt: `problems` says why. An empty document is a problem, too.
std::optional<Node> parse_yaml(const std::string& text, Problems& problems);

// Block style, except that lists of scalars and everything inside a list stand on one line.
std::string write_yaml(const Node& node);

}  // namespace costdrift::config
