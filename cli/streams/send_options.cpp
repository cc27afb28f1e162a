#include "cli/streams/send_options.h"

#include "base/dscp.h"
#include "base/rate.h"
#include "cli/arguments/argument_reader.h"
#include "cli/arguments/argument_values.h"

namespace mcast::cli {
namespace {

// Errors of base/ do not know which argument they speak of.
template <typename T>
Result<T> named(std::string_view name, Result<T> result) {
  if (result) return result;
  return fail(std::string(name) + ": " + result.error().message);
}

}  // namespace

std::variant<SendOptions, EndNow> parse_send_options(std::span<const std::string_view> arguments) {
  const CommandDescription& command = send_description();
  auto parsed = parse_arguments(command, arguments);
  if (auto* end = std::get_if<EndNow>(&parsed); end != nullptr) return std::move(*end);
  const auto& given = std::get<ParsedArguments>(parsed);

  SendOptions options;
  SenderSpec spec;
  std::uint64_t groups = 1;
  ArgumentReader reader(given);
  reader.read("GROUP", spec.group, group);
  // Both are checked, the named one wins.
  for (const std::string_view name : {"DURATION", "--duration"}) {
    reader.read(name, options.duration_seconds, run_time);
  }
  for (const std::string_view name : {"TTL", "--ttl"})
    reader.read(name, spec.ttl, number_of("ttl"));
  reader.read("--size", spec.size, number_of("size"));
  reader.read("--rate", spec.packets_per_second, [&](std::string_view name, std::string_view text) {
    return named(name, parse_rate(text, spec.size));
  });
  reader.read("--dscp", spec.dscp, [](std::string_view name, std::string_view text) {
    return named(name, parse_dscp(text));
  });
  reader.read("--interface", spec.interface, interface_name);
  reader.read("--source", spec.source, host_address);
  reader.read("--port", spec.port, number_of("port"));
  reader.read("--count", spec.packet_limit, number_of("packets"));
  reader.read("--groups", groups, number_of("count"));
  spec.name = spec.group.to_string();
  reader.read("--name", spec.name, stream_name);
  reader.read("--name", options.name, stream_name);
  reader.check(check_group_range(spec.group, groups));
  reader.read("--agent", options.agent, agent_socket);
  options.detach = given.has("--detach");
  if (options.detach && !options.agent)
    reader.refuse("--detach leaves the stream to an agent: it goes with --agent");
  if (options.detach && given.has("--quiet"))
    reader.refuse("--quiet: with --detach there is nothing to show");
  if (reader.error()) return wrong_use(command, *reader.error());

  spec.loopback = !given.has("--no-loopback");
  spec.duration = static_cast<Nanoseconds>(options.duration_seconds) * kSecond;
  options.quiet = given.has("--quiet");
  options.json = given.has("--json");
  expand(spec, groups, options.streams);
  return options;
}

}  // namespace mcast::cli
