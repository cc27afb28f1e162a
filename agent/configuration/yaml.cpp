// The only place that sees yaml-cpp. By its events, not by YAML::Load(): that one makes 3.6 GB of
// 16 MiB, takes a quote that is never closed, forgets a second document, and gives aliases no
// place.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <sstream>
#include <utility>

#include "agent/configuration/input_tree.h"
#include "base/text.h"

namespace mcast::agent {
namespace {

using Kind = InputValue::Kind;

constexpr std::size_t kMaxYamlDepth = 16;
constexpr std::size_t kMaxYamlValues = 2'000'000;

// Leaves yaml-cpp's parser from within one of its callbacks; goes no further than parse_yaml.
struct Refusal {
  Position position;
  std::string message;
};

// yaml-cpp's null mark has -1 everywhere.
std::optional<Position> position_of(const YAML::Mark& mark) {
  if (mark.line < 0 || mark.column < 0) return std::nullopt;
  return Position{.line = static_cast<std::uint32_t>(mark.line) + 1,
                  .column = static_cast<std::uint32_t>(mark.column) + 1};
}

// yaml-cpp passes broken UTF-8 on, and takes one control character for the end of the file.
void check_characters(std::string_view text) {
  Position position;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) throw Refusal{position, "not valid UTF-8"};
    const auto first = static_cast<std::uint8_t>(text.front());
    if ((first < 0x20 && first != '\t' && first != '\n' && first != '\r') || first == 0x7F) {
      throw Refusal{position, "a control character, which YAML does not allow"};
    }
    text.remove_prefix(length);
    if (first == '\n') {
      ++position.line;
      position.column = 1;
    } else {
      position.column += static_cast<std::uint32_t>(length);
    }
  }
}

// yaml-cpp lets a quote run to the end of the file. What it swallowed is then the last scalar,
// which `text` begins with, an anchor included.
bool quote_stays_open(std::string_view text) {
  if (text.starts_with('&')) {
    text.remove_prefix(std::min(text.find_first_of(" \t\r\n"), text.size()));
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  }
  if (!text.starts_with('"') && !text.starts_with('\'')) return false;
  const char quote = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 == text.size() || text[i + 1] != quote) return false;
      ++i;
    }
  }
  return true;
}

class YamlReader final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (tree_.size() == 0) return;
    throw Refusal{position_of(mark).value_or(last_),
                  "text behind the end of the YAML document; a file holds one document"};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(mark, Kind::kNull, "", anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto position = position_of(mark).value_or(last_);
    const InputValue* value = anchor < anchors_.size() ? anchors_[anchor] : nullptr;
    if (value == nullptr) throw Refusal{position, "an alias to something that is not there"};
    if (std::ranges::find(tree_.open(), value) != tree_.open().end()) {
      throw Refusal{position, "an alias to something that contains the alias itself"};
    }
    // Counts like a value: it costs as much in the parent.
    if (++aliases_ > kMaxYamlValues) throw Refusal{position, "too many aliases"};
    tree_.attach(*value);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    InputValue& value = add(mark, Kind::kScalar, tag, anchor);
    value.quoted = tag == "!";  // or a block scalar
    value.text = text;
    last_scalar_ = {.value = &value, .offset = static_cast<std::size_t>(std::max(mark.pos, 0))};
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(add(mark, Kind::kList, tag, anchor));
  }
  void OnSequenceEnd() override { tree_.close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(add(mark, Kind::kMapping, tag, anchor));
  }
  void OnMapEnd() override { tree_.close(); }

  void check_last_quote(std::string_view text) const {
    if (last_scalar_.value == nullptr || last_scalar_.offset > text.size() ||
        !quote_stays_open(text.substr(last_scalar_.offset))) {
      return;
    }
    throw Refusal{last_scalar_.value->position,
                  "YAML syntax: the quote that opens here is never closed"};
  }
  // A syntax error, with a more useful place than the library gives it.
  [[nodiscard]] Refusal refusal(const YAML::Exception& error, std::string_view text) const {
    if (!tree_.open().empty() && error.msg.contains("flow not found")) {
      return {tree_.open().back()->position,
              "YAML syntax: this list or mapping is not closed properly"};
    }
    Refusal refusal{position_of(error.mark).value_or(last_), "YAML syntax: " + error.msg};
    for (std::uint32_t i = 1; i < refusal.position.line; ++i) {
      text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    }
    if (text.substr(0, text.find_first_not_of(" \t")).contains('\t')) {
      refusal.message += " (a line must be indented with spaces, not with tabs)";
    } else if (error.msg == "illegal map value") {
      refusal.message += " (a colon is missing in a line above, or this line is indented too far)";
    } else if (error.msg.starts_with("end of ") && error.msg.ends_with(" not found")) {
      refusal.message += " (this line is not indented as far as the lines that it belongs to)";
    }
    return refusal;
  }
  [[nodiscard]] Position last() const { return last_; }
  [[nodiscard]] InputTree take() { return std::move(tree_); }

 private:
  struct Scalar {
    const InputValue* value = nullptr;
    std::size_t offset = 0;  // in the text
  };

  InputValue& add(const YAML::Mark& mark, Kind kind, std::string_view tag, YAML::anchor_t anchor) {
    last_ = position_of(mark).value_or(last_);
    if (tree_.size() >= kMaxYamlValues) {
      throw Refusal{last_, "the file has too many values (more than 2,000,000)"};
    }
    // "?" stands for plain, "!" for quoted.
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Refusal{last_, "the YAML tag " + quote(tag) + ": tags have no meaning here"};
    }
    InputValue& value = tree_.add(kind, last_);
    if (anchor != YAML::NullAnchor) {
      // yaml-cpp numbers anchors 1, 2, 3 ... as they come.
      if (anchor >= anchors_.size()) anchors_.resize(anchor + 1);
      anchors_[anchor] = &value;
    }
    return value;
  }
  void open(InputValue& value) {
    if (tree_.open().size() >= kMaxYamlDepth) throw Refusal{last_, "nested too deeply"};
    tree_.open(value);
  }

  InputTree tree_;
  std::vector<const InputValue*> anchors_;
  std::size_t aliases_ = 0;
  Position last_;
  Scalar last_scalar_;
};

}  // namespace

std::expected<InputTree, ConfigurationErrors> parse_yaml(std::string_view text) {
  YamlReader reader;
  Refusal refusal;
  try {
    if (text.size() > kMaxConfigurationBytes) throw Refusal{{}, "the text is longer than 16 MiB"};
    check_characters(text);
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(reader)) {
    }
    reader.check_last_quote(text);
    return reader.take();
  } catch (Refusal& own) {
    refusal = std::move(own);
  } catch (const YAML::Exception& error) {
    refusal = reader.refusal(error, text);
  } catch (const std::exception& error) {
    refusal = {reader.last(), std::string("YAML: ") + error.what()};
  }
  ErrorList errors;
  errors.add(refusal.position, refusal.message);
  return std::unexpected(errors.take(text, "errors"));
}

}  // namespace mcast::agent
