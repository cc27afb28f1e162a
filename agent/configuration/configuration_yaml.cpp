#include "agent/configuration/configuration_yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <sstream>
#include <utility>

#include "agent/configuration/configuration_text.h"

namespace mcast::agent {
namespace {

// Leaves yaml-cpp's parser from within one of its callbacks; goes no further
// than parse_yaml.
struct Refusal {
  Place place;
  std::string message;
};

// yaml-cpp's null mark has -1 everywhere.
std::optional<Place> place_of(const YAML::Mark& mark) {
  if (mark.line < 0 || mark.column < 0) return std::nullopt;
  return Place{.line = static_cast<std::uint32_t>(mark.line) + 1,
               .column = static_cast<std::uint32_t>(mark.column) + 1};
}

// yaml-cpp lets a quote run to the end of the file. What it swallowed is then
// the last scalar: `start` is where that one begins, an anchor included.
bool quote_stays_open(std::string_view text, std::size_t start) {
  auto rest = text.substr(std::min(start, text.size()));
  if (rest.starts_with('&')) {
    const auto blank = rest.find_first_of(" \t\r\n");
    const auto next = rest.find_first_not_of(" \t\r\n", blank);
    rest = next == std::string_view::npos ? "" : rest.substr(next);
  }
  if (!rest.starts_with('"') && !rest.starts_with('\'')) return false;
  const char quote = rest.front();
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (quote == '"' && rest[i] == '\\') {
      ++i;
    } else if (rest[i] == quote) {
      if (quote == '"' || i + 1 == rest.size() || rest[i + 1] != quote) return false;
      ++i;
    }
  }
  return true;
}

// Places of syntax errors, made more useful than the library leaves them.
Refusal describe(const YAML::Exception& error, std::string_view text, Place last,
                 std::optional<Place> innermost_open) {
  const std::string& message = error.msg;
  if (innermost_open && message.find("flow not found") != std::string::npos) {
    return {*innermost_open, "YAML syntax: this list or mapping is not closed properly"};
  }
  Refusal refusal{place_of(error.mark).value_or(last), "YAML syntax: " + message};
  auto line = text;
  for (std::uint32_t i = 1; i < refusal.place.line; ++i) {
    const auto end = line.find('\n');
    if (end == std::string_view::npos) break;
    line.remove_prefix(end + 1);
  }
  const auto indent = line.substr(0, line.find_first_not_of(" \t"));
  if (indent.find('\t') != std::string_view::npos) {
    refusal.message += " (a line must be indented with spaces, not with tabs)";
  }
  return refusal;
}

}  // namespace

class YamlTreeBuilder final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (document_.root_ != nullptr) {
      throw Refusal{place_of(mark).value_or(last_),
                    "text behind the end of the YAML document; a file holds one document"};
    }
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(mark, YamlNode::Kind::kNull, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto place = place_of(mark).value_or(last_);
    const YamlNode* node = anchor < anchors_.size() ? anchors_[anchor] : nullptr;
    if (node == nullptr) throw Refusal{place, "an alias to something that is not there"};
    if (std::ranges::find(open_, node) != open_.end()) {
      throw Refusal{place, "an alias to something that contains the alias itself"};
    }
    // Counts like a node: it costs as much in the parent.
    if (++aliases_ > kMaxYamlNodes) throw Refusal{place, "too many aliases"};
    attach(node);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode& node = add(mark, YamlNode::Kind::kScalar, anchor);
    refuse_tag(tag, node.place);
    node.in_quotes = tag == "!";
    node.text = value;
    last_scalar_ = mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos);
    last_scalar_place_ = node.place;
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, YamlNode::Kind::kList, tag, anchor);
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, YamlNode::Kind::kMapping, tag, anchor);
  }
  void OnMapEnd() override { open_.pop_back(); }

  [[nodiscard]] Place last() const { return last_; }
  [[nodiscard]] std::optional<Place> innermost_open() const {
    return open_.empty() ? std::nullopt : std::optional(open_.back()->place);
  }
  void check_last_quote(std::string_view text) const {
    if (last_scalar_place_ && quote_stays_open(text, last_scalar_)) {
      throw Refusal{*last_scalar_place_, "YAML syntax: the quote that opens here is never closed"};
    }
  }
  [[nodiscard]] YamlDocument take() { return std::move(document_); }

 private:
  YamlNode& add(const YAML::Mark& mark, YamlNode::Kind kind, YAML::anchor_t anchor) {
    last_ = place_of(mark).value_or(last_);
    if (document_.nodes_.size() >= kMaxYamlNodes) {
      throw Refusal{last_, "the file has too many values (more than 2,000,000)"};
    }
    YamlNode& node = document_.nodes_.emplace_back();
    node.kind = kind;
    node.place = last_;
    if (anchor != YAML::NullAnchor) {
      // yaml-cpp numbers anchors 1, 2, 3 ... as they come.
      if (anchor >= anchors_.size()) anchors_.resize(anchor + 1);
      anchors_[anchor] = &node;
    }
    attach(&node);
    return node;
  }
  void attach(const YamlNode* node) {
    if (open_.empty()) {
      document_.root_ = node;
    } else {
      open_.back()->children.push_back(node);
    }
  }
  void open(const YAML::Mark& mark, YamlNode::Kind kind, const std::string& tag,
            YAML::anchor_t anchor) {
    YamlNode& node = add(mark, kind, anchor);
    refuse_tag(tag, node.place);
    if (open_.size() >= kMaxYamlDepth) throw Refusal{last_, "nested too deeply"};
    open_.push_back(&node);
  }
  static void refuse_tag(const std::string& tag, Place place) {
    // "?" stands for plain, "!" for quoted.
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw Refusal{place, "the YAML tag " + quoted(tag) + ": tags have no meaning here"};
  }

  YamlDocument document_;
  std::vector<YamlNode*> open_;
  std::vector<const YamlNode*> anchors_;
  std::size_t aliases_ = 0;
  Place last_;
  std::size_t last_scalar_ = 0;  // offset in the text
  std::optional<Place> last_scalar_place_;
};

std::expected<YamlDocument, ConfigurationErrors> parse_yaml(std::string_view text) {
  YamlTreeBuilder builder;
  Refusal refusal;
  try {
    if (text.size() > kMaxConfigurationBytes) throw Refusal{{}, "the text is longer than 16 MiB"};
    if (const auto fault = find_text_fault(text)) {
      throw Refusal{fault->place, std::string(fault->message)};
    }
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    builder.check_last_quote(text);
    return builder.take();
  } catch (Refusal& own) {
    refusal = std::move(own);
  } catch (const YAML::Exception& error) {
    refusal = describe(error, text, builder.last(), builder.innermost_open());
  } catch (const std::exception& error) {
    refusal = {builder.last(), std::string("YAML: ") + error.what()};
  }
  ErrorList errors;
  errors.add(refusal.place, refusal.message);
  return std::unexpected(errors.take(text, "errors"));
}

}  // namespace mcast::agent
