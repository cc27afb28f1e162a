#include "agent/configuration/stream_request.h"

#include <optional>
#include <utility>

#include "agent/configuration/configuration_stream.h"

namespace mcast::agent {
namespace {

// Of one request; the configuration file may have more.
constexpr std::uint64_t kMaxCount = 10'000;
// Every stream has its own copy.
constexpr std::size_t kMaxLabelBytes = std::size_t{1} << 20U;

RequestError bad_field(std::string message, std::string field) {
  return {
      .status = 400, .code = "bad_field", .message = std::move(message), .field = std::move(field)};
}

template <typename Spec, typename Make>
std::expected<StreamRequest<Spec>, RequestError> parse(std::string_view body, Section section,
                                                       Make make) {
  auto tree = parse_request_json(body);
  if (!tree) return std::unexpected(tree.error());
  ErrorList errors;
  ErrorList warnings;
  StreamSettings settings = read_stream(*tree->document.root(), section, {}, errors);
  StreamRequest<Spec> request;
  request.name = settings.name.value.value_or("");
  request.detach = settings.detach.value.value_or(false);
  // Until the agent gives it one.
  if (!settings.name.place) settings.name.value = "unnamed";
  std::optional<Spec> spec = make(settings, errors, warnings);
  if (!errors.empty()) {
    const ConfigurationError first = errors.take("", "errors").front();
    const std::size_t field = first.line - 1;
    return std::unexpected(
        bad_field(first.message, field < tree->fields.size() ? tree->fields[field] : ""));
  }
  if (!settings.group.place) {
    return std::unexpected(bad_field("the field 'group' is missing", "group"));
  }
  const std::uint64_t count = settings.count.value.value_or(1);
  if (count > kMaxCount) {
    return std::unexpected(
        bad_field("count must be at most " + std::to_string(kMaxCount) + " here", "count"));
  }
  std::size_t label_bytes = 0;
  for (const auto& [name, value] : spec->labels) label_bytes += name.size() + value.size();
  if (label_bytes * count > kMaxLabelBytes) {
    return std::unexpected(bad_field("the labels of all streams together exceed 1 MiB", "labels"));
  }
  spec->name.clear();
  spec->origin = request.detach ? StreamOrigin::kDetached : StreamOrigin::kClient;
  expand(*spec, count, request.streams);
  for (Spec& stream : request.streams) stream.name.clear();
  return request;
}

}  // namespace

std::expected<StreamRequest<ReceiverSpec>, RequestError> parse_receiver_request(
    std::string_view body) {
  return parse<ReceiverSpec>(body, Section::kReceiverRequest, make_receiver);
}

std::expected<StreamRequest<SenderSpec>, RequestError> parse_sender_request(std::string_view body) {
  return parse<SenderSpec>(body, Section::kSenderRequest, make_sender);
}

}  // namespace mcast::agent
