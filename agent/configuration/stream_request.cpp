#include "agent/configuration/stream_request.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "agent/configuration/input_tree.h"
#include "agent/configuration/stream_entry.h"
#include "base/text.h"

namespace mcast::agent {
namespace {

using Kind = InputValue::Kind;

constexpr std::size_t kMaxRequestDepth = 8;
// In one request; the configuration file may have more.
constexpr std::uint64_t kMaxCount = 10'000;
// Every stream has its own copy.
constexpr std::size_t kMaxLabelBytes = std::size_t{1} << 20U;

RequestError bad_json(const std::string& what) {
  return {.status = 400, .code = "bad_json", .message = "the body " + what};
}
RequestError bad_field(std::string message, std::string field) {
  return {
      .status = 400, .code = "bad_field", .message = std::move(message), .field = std::move(field)};
}

// The name of the outermost field that a position lies in.
std::string field_at(const InputValue& body, std::size_t column) {
  std::string field;
  for (std::size_t i = 0; i + 1 < body.children.size(); i += 2) {
    if (body.children[i]->position.column <= column) field = body.children[i]->text;
  }
  return field;
}

// Events rather than nlohmann's tree: it keeps the last of two fields with one name, and
// 2.5 as the nearest double.
class JsonReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override {
    add(Kind::kNull);
    return true;
  }
  bool boolean(bool value) override { return scalar(value ? "true" : "false", false); }
  bool number_integer(number_integer_t value) override {
    return scalar(std::to_string(value), false);
  }
  bool number_unsigned(number_unsigned_t value) override {
    return scalar(std::to_string(value), false);
  }
  bool number_float(number_float_t /*value*/, const string_t& text) override {
    return scalar(text, false);
  }
  bool string(string_t& value) override { return scalar(value, true); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*elements*/) override { return open(Kind::kMapping); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*elements*/) override { return open(Kind::kList); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    scalar(name, true);
    if (fields_.back().insert(name).second) return true;
    const std::string field = field_at(*tree_.root(), tree_.size());
    error_ = bad_field(quote(printable(name)) + " is given twice", field);
    return false;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    std::string_view message = error.what();
    if (const auto end = message.find("] "); end != std::string_view::npos) {
      message.remove_prefix(end + 2);
    }
    error_ = bad_json("is not JSON: " + printable(message, 300) + " (byte " +
                      std::to_string(position) + ")");
    return false;
  }

  [[nodiscard]] InputTree take() { return std::move(tree_); }
  [[nodiscard]] const RequestError& error() const { return error_; }

 private:
  InputValue& add(Kind kind) {
    return tree_.add(kind, {.column = static_cast<std::uint32_t>(tree_.size() + 1)});
  }
  bool scalar(std::string text, bool quoted) {
    InputValue& value = add(Kind::kScalar);
    value.text = std::move(text);
    value.quoted = quoted;
    return true;
  }
  bool open(Kind kind) {
    if (tree_.open().size() >= kMaxRequestDepth) {
      error_ = bad_json("is nested too deeply");
      return false;
    }
    tree_.open(add(kind));
    fields_.emplace_back();
    return true;
  }
  bool close() {
    tree_.close();
    fields_.pop_back();
    return true;
  }

  InputTree tree_;
  std::vector<std::set<std::string>> fields_;  // of each object that is open
  RequestError error_ = bad_json("is not JSON");
};

std::expected<InputTree, RequestError> parse_json(std::string_view body) {
  if (!is_utf8(body)) return std::unexpected(bad_json("is not UTF-8"));
  JsonReader reader;
  try {
    if (!nlohmann::json::sax_parse(body, &reader)) return std::unexpected(reader.error());
  } catch (const std::exception& error) {
    // Numbers out of range come here.
    return std::unexpected(bad_json(std::string("is not JSON: ") + error.what()));
  }
  InputTree tree = reader.take();
  if (tree.root()->kind == Kind::kMapping) return tree;
  return std::unexpected(bad_json("must be a JSON object"));
}

template <typename Spec>
std::expected<StreamRequest<Spec>, RequestError> parse(std::string_view body, Section section) {
  const auto tree = parse_json(body);
  if (!tree) return std::unexpected(tree.error());
  ErrorList errors;
  ErrorList warnings;
  StreamEntry entry = read_stream(*tree->root(), section, {}, errors);
  StreamRequest<Spec> request;
  if (const auto* name = entry.value<std::string>("name")) request.name = *name;
  if (const auto* detach = entry.value<bool>("detach")) request.detach = *detach;
  // Until the agent gives it one.
  if (entry.find("name") == nullptr) entry.settings["name"].value = "unnamed";
  std::optional<Spec> spec = make_spec<Spec>(entry, errors, warnings);
  if (!errors.empty()) {
    const ConfigurationError first = errors.take("", "errors").front();
    return std::unexpected(bad_field(first.message, field_at(*tree->root(), first.column)));
  }
  if (entry.find("group") == nullptr) {
    return std::unexpected(bad_field("the field 'group' is missing", "group"));
  }
  if (entry.count() > kMaxCount) {
    return std::unexpected(
        bad_field("count must be at most " + std::to_string(kMaxCount) + " here", "count"));
  }
  std::size_t label_bytes = 0;
  for (const auto& [name, value] : spec->labels) label_bytes += name.size() + value.size();
  if (label_bytes * entry.count() > kMaxLabelBytes) {
    return std::unexpected(bad_field("the labels of all streams together exceed 1 MiB", "labels"));
  }
  spec->origin = request.detach ? StreamOrigin::kDetached : StreamOrigin::kClient;
  expand(*spec, entry.count(), request.streams);
  for (Spec& stream : request.streams) stream.name.clear();
  return request;
}

}  // namespace

std::expected<StreamRequest<ReceiverSpec>, RequestError> parse_receiver_request(
    std::string_view body) {
  return parse<ReceiverSpec>(body, kInReceiverRequest);
}

std::expected<StreamRequest<SenderSpec>, RequestError> parse_sender_request(std::string_view body) {
  return parse<SenderSpec>(body, kInSenderRequest);
}

}  // namespace mcast::agent
