#include "agent/configuration/request_json.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/text.h"

namespace mcast::agent {
namespace {

constexpr std::size_t kMaxRequestDepth = 8;

RequestError bad_json(std::string message) {
  return {.status = 400, .code = "bad_json", .message = std::move(message)};
}

}  // namespace

class JsonTreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override {
    add(YamlNode::Kind::kNull);
    return true;
  }
  bool boolean(bool value) override { return scalar(value ? "true" : "false", false); }
  bool number_integer(number_integer_t value) override {
    return scalar(std::to_string(value), false);
  }
  bool number_unsigned(number_unsigned_t value) override {
    return scalar(std::to_string(value), false);
  }
  // The number as it stands there: 2.5 must not become 2.500000001.
  bool number_float(number_float_t /*value*/, const string_t& text) override {
    return scalar(text, false);
  }
  bool string(string_t& value) override { return scalar(value, true); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*elements*/) override { return open(YamlNode::Kind::kMapping); }
  bool end_object() override {
    open_.pop_back();
    keys_.pop_back();
    return true;
  }
  bool start_array(std::size_t /*elements*/) override { return open(YamlNode::Kind::kList); }
  bool end_array() override {
    open_.pop_back();
    keys_.pop_back();
    return true;
  }
  bool key(string_t& name) override {
    if (open_.size() == 1) tree_.fields.push_back(name);
    if (!keys_.back().insert(name).second) {
      error_ = {.status = 400,
                .code = "bad_field",
                .message = agent::quoted(printable(name)) + " is given twice",
                .field = open_.size() == 1 ? name : tree_.fields.back()};
      return false;
    }
    YamlNode& node = add(YamlNode::Kind::kScalar);
    node.text = name;
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    std::string_view message = error.what();
    if (const auto end = message.find("] "); end != std::string_view::npos) {
      message.remove_prefix(end + 2);
    }
    error_ = bad_json("the body is not JSON: " + printable(message, 300) + " (byte " +
                      std::to_string(position) + ")");
    return false;
  }

  [[nodiscard]] RequestTree take() { return std::move(tree_); }
  [[nodiscard]] RequestError error() const { return error_; }

 private:
  YamlNode& add(YamlNode::Kind kind) {
    YamlNode& node = tree_.document.nodes_.emplace_back();
    node.kind = kind;
    node.place.line = static_cast<std::uint32_t>(std::max<std::size_t>(1, tree_.fields.size()));
    if (open_.empty()) {
      tree_.document.root_ = &node;
    } else {
      open_.back()->children.push_back(&node);
    }
    return node;
  }
  bool scalar(std::string text, bool in_quotes) {
    YamlNode& node = add(YamlNode::Kind::kScalar);
    node.text = std::move(text);
    node.in_quotes = in_quotes;
    return true;
  }
  bool open(YamlNode::Kind kind) {
    if (open_.size() >= kMaxRequestDepth) {
      error_ = bad_json("the body is nested too deeply");
      return false;
    }
    open_.push_back(&add(kind));
    keys_.emplace_back();
    return true;
  }

  RequestTree tree_;
  std::vector<YamlNode*> open_;
  std::vector<std::set<std::string>> keys_;  // of each open object
  RequestError error_ = bad_json("the body is not JSON");
};

std::expected<RequestTree, RequestError> parse_request_json(std::string_view body) {
  if (!is_utf8(body)) return std::unexpected(bad_json("the body is not UTF-8"));
  JsonTreeBuilder builder;
  try {
    if (!nlohmann::json::sax_parse(body, &builder)) return std::unexpected(builder.error());
  } catch (const std::exception& error) {
    // Numbers out of range come here.
    return std::unexpected(bad_json(std::string("the body is not JSON: ") + error.what()));
  }
  RequestTree tree = builder.take();
  if (tree.document.root()->kind != YamlNode::Kind::kMapping) {
    return std::unexpected(bad_json("the body must be a JSON object"));
  }
  return tree;
}

}  // namespace mcast::agent
