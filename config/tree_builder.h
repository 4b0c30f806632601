// TreeBuilder: turns the YAML library's events into a Node tree. Only for config/node.cc.
#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/node.h"

namespace costdrift::config {

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Problems& problems) : problems_(problems) {}

  // nullopt: the document holds more nodes than node.h allows (a problem was added), or none.
  std::optional<Node> take_root();
  int first_line() const { return first_line_; }

  void OnDocumentStart(const YAML::Mark& mark) override { first_line_ = mark.line + 1; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { close(); }

 private:
  // A list or mapping whose end has not been seen.
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    std::optional<Key> key;  // of a mapping: seen, its value not yet
  };

  void open(NodeKind kind, const YAML::Mark& mark, YAML::anchor_t anchor);
  void close();
  void place(Node node, YAML::anchor_t anchor);
  void place_in_mapping(Open& mapping, Node node);
  void take_key(Open& mapping, const Node& node);
  bool spend(std::size_t nodes, int line);

  Problems& problems_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::optional<Node> root_;
  std::size_t nodes_ = 0;
  bool too_many_ = false;
  int first_line_ = 1;
};

}  // namespace costdrift::config
