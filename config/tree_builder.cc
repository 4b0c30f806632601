#include "config/tree_builder.h"

namespace costdrift::config {
namespace {

constexpr std::size_t kMaxNodes = 20'000;

Node make_node(NodeKind kind, const YAML::Mark& mark) {
  Node node;
  node.kind = kind;
  node.line = mark.line + 1;
  return node;
}

std::size_t count_nodes(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items) count += count_nodes(item);
  return count;
}

}  // namespace

std::optional<Node> TreeBuilder::take_root() {
  if (too_many_) return std::nullopt;
  return std::move(root_);
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (spend(1, mark.line + 1)) place(make_node(NodeKind::null, mark), anchor);
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                           const std::string& value) {
  if (!spend(1, mark.line + 1)) return;
  Node node = make_node(NodeKind::scalar, mark);
  node.text = value;
  place(std::move(node), anchor);
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  // An alias inside the very node that it names has no value yet.
  const Node target = found == anchors_.end() ? make_node(NodeKind::null, mark) : found->second;
  if (spend(count_nodes(target), mark.line + 1)) place(target, 0);
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value /*style*/) {
  open(NodeKind::list, mark, anchor);
}

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value /*style*/) {
  open(NodeKind::mapping, mark, anchor);
}

void TreeBuilder::open(NodeKind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (spend(1, mark.line + 1)) stack_.push_back({make_node(kind, mark), anchor, std::nullopt});
}

void TreeBuilder::close() {
  if (too_many_) return;
  Open done = std::move(stack_.back());
  stack_.pop_back();
  place(std::move(done.node), done.anchor);
}

void TreeBuilder::place(Node node, YAML::anchor_t anchor) {
  if (anchor != 0) anchors_[anchor] = node;
  if (stack_.empty()) {
    root_ = std::move(node);
  } else if (stack_.back().node.is(NodeKind::list)) {
    stack_.back().node.items.push_back(std::move(node));
  } else {
    place_in_mapping(stack_.back(), std::move(node));
  }
}

void TreeBuilder::place_in_mapping(Open& mapping, Node node) {
  if (!mapping.key) {
    take_key(mapping, node);
    return;
  }
  const Key key = *std::exchange(mapping.key, std::nullopt);
  if (key.name.empty() || mapping.node.find(key.name) != nullptr) return;  // a problem that take_key() reported
  mapping.node.keys.push_back(key);
  mapping.node.items.push_back(std::move(node));
}

void TreeBuilder::take_key(Open& mapping, const Node& node) {
  mapping.key = Key{node.text, node.line};
  if (node.text.empty()) {
    problems_.add(node.line, "a key is not a text", "write a name before the colon");
    return;
  }
  for (const Key& key : mapping.node.keys) {
    if (key.name != node.text) continue;
    problems_.add(node.line,
                  "the key " + in_quotes(node.text) + " stands twice, first on line " + std::to_string(key.line),
                  "remove or rename one");
  }
}

bool TreeBuilder::spend(std::size_t nodes, int line) {
  if (too_many_) return false;
  nodes_ += nodes;
  too_many_ = nodes_ > kMaxNodes;
  if (too_many_) problems_.add(line, "the document has more than 20,000 values", "shorten it; aliases count in full");
  return !too_many_;
}

}  // namespace costdrift::config
