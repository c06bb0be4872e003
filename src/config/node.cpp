// yaml-cpp's events turned into Nodes; everything that makes YAML surprising is refused here.
#include "config/node.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <fstream>
#include <sstream>

namespace bulwark::config {
namespace {

/// Leaves yaml-cpp's parser from inside a callback; caught in Node::parse.
struct Refused {
  int line;
  std::string message;
};

}  // namespace

/// Builds the tree from the stream of events, so that no alias is ever expanded.
class TreeBuilder final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node = make(mark, "", anchor);
    place(std::move(node), mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark, "aliases ('*') are not supported"); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    Node node = make(mark, tag, anchor);
    node.quoted_ = tag == "!";
    node.kind_ = !node.quoted_ && (value.empty() || value == "~" || value == "null") ? Node::Kind::null : Node::Kind::scalar;
    node.scalar_ = value;
    place(std::move(node), mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::map);
  }
  void OnMapEnd() override { close(); }

  Node take() { return std::move(root_); }

 private:
  struct Open {
    Node node;
    std::string key;
    bool has_key = false;
  };

  [[noreturn]] static void refuse(const YAML::Mark& mark, std::string message) { throw Refused{mark.line + 1, std::move(message)}; }

  Node make(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) refuse(mark, "anchors ('&') are not supported");
    if (!tag.empty() && tag != "?" && tag != "!") refuse(mark, "tags ('!') are not supported");
    if (++count_ > Node::kMaxNodes) refuse(mark, "more than " + std::to_string(Node::kMaxNodes) + " values");
    Node node;
    node.line_ = mark.line + 1;
    return node;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
    Node node = make(mark, tag, anchor);
    node.kind_ = kind;
    if (stack_.size() >= Node::kMaxDepth) refuse(mark, "nested deeper than " + std::to_string(Node::kMaxDepth));
    if (expects_key()) refuse(mark, "a key must be a plain word");
    stack_.push_back({std::move(node), {}, false});
  }

  void close() {
    Node node = std::move(stack_.back().node);
    stack_.pop_back();
    YAML::Mark mark;
    mark.line = node.line_ - 1;
    place(std::move(node), mark);
  }

  bool expects_key() const { return !stack_.empty() && stack_.back().node.kind_ == Node::Kind::map && !stack_.back().has_key; }

  void place(Node node, const YAML::Mark& mark) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = stack_.back();
    if (parent.node.kind_ == Node::Kind::sequence) {
      parent.node.items_.push_back(std::move(node));
    } else if (!parent.has_key) {
      if (node.kind_ != Node::Kind::scalar) refuse(mark, "a key must be a plain word");
      if (node.scalar_ == "<<") refuse(mark, "merge keys ('<<') are not supported");
      if (parent.node.find(node.scalar_) != nullptr) refuse(mark, "duplicate key '" + node.scalar_ + "'");
      parent.key = node.scalar_;
      parent.has_key = true;
    } else {
      parent.node.entries_.emplace_back(std::move(parent.key), std::move(node));
      parent.has_key = false;
    }
  }

  Node root_;
  std::vector<Open> stack_;
  std::size_t count_ = 0;
};

Result<Node> Node::parse(std::string_view yaml, std::string_view file) {
  const auto at = [&](int line) { return std::string(file) + ":" + std::to_string(line) + ": "; };
  if (yaml.size() > kMaxBytes) return config_error(std::string(file) + ": larger than " + std::to_string(kMaxBytes) + " bytes");
  try {
    std::istringstream input{std::string(yaml)};
    YAML::Parser parser(input);
    TreeBuilder builder;
    parser.HandleNextDocument(builder);
    TreeBuilder second;
    if (parser.HandleNextDocument(second)) return config_error(std::string(file) + ": more than one document ('---')");
    return builder.take();
  } catch (const Refused& refused) {
    return config_error(at(refused.line) + refused.message);
  } catch (const YAML::Exception& exception) {
    return config_error(at(exception.mark.line + 1) + exception.msg);
  }
}

Result<Node> Node::load(const std::string& path) {
  std::ifstream input(path, std::ios::binary);
  if (!input) return config_error(errno_error("cannot read " + path).message);
  std::string text(kMaxBytes + 1, '\0');
  input.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(input.gcount()));
  return parse(text, path);
}

bool Node::operator==(const Node& other) const {
  return kind_ == other.kind_ && scalar_ == other.scalar_ && items_ == other.items_ && entries_ == other.entries_;
}

const Node* Node::find(std::string_view key) const {
  for (const auto& [name, node] : entries_)
    if (name == key) return &node;
  return nullptr;
}

}  // namespace bulwark::config
