#include "cli/streams/receive_options.h"

#include "cli/arguments/argument_reader.h"
#include "cli/arguments/argument_values.h"

namespace mcast::cli {
namespace {

void read_output(const ParsedArguments& given, ReceiveOptions& options) {
  options.fail_on_stall = given.has("--fail-on-stall");
  options.quiet = given.has("--quiet");
  options.json = given.has("--json");
  options.events = given.has("--events");
}

void check_detach(const ParsedArguments& given, ArgumentReader& reader) {
  if (!given.has("--detach")) return;
  if (!given.has("--agent")) {
    reader.refuse("--detach leaves the stream to an agent: it goes with --agent");
  }
  for (const std::string_view name :
       {"--duration", "--fail-on-loss", "--fail-on-stall", "--events", "--quiet"}) {
    if (given.has(name)) {
      reader.refuse(std::string(name) + ": with --detach the command ends before anything arrives");
    }
  }
}

// --agent --name NAME without a group: a stream that is there.
std::variant<ReceiveOptions, EndNow> parse_watch(const CommandDescription& command,
                                                 const ParsedArguments& given) {
  ReceiveOptions options;
  ArgumentReader reader(given);
  reader.read("--agent", options.agent, agent_socket);
  reader.read("--name", options.name, stream_name);
  if (!given.has("--name")) {
    reader.refuse("GROUP is missing; --agent alone needs --name NAME, of a stream to watch");
  }
  for (const std::string_view name :
       {"--source", "--igmp-version", "--no-force", "--interface", "--port", "--stall-timeout",
        "--count", "--groups", "--detach"}) {
    if (given.has(name)) {
      reader.refuse(std::string(name) +
                    " is for a new stream and needs a GROUP; without one, a stream "
                    "that the agent has is watched as it is");
    }
  }
  reader.read("--duration", options.duration_seconds, run_time);
  reader.read("--fail-on-loss", options.fail_on_loss, percent);
  if (reader.error()) return wrong_use(command, *reader.error());
  read_output(given, options);
  return options;
}

}  // namespace

std::variant<ReceiveOptions, EndNow> parse_receive_options(
    std::span<const std::string_view> arguments) {
  const CommandDescription& command = receive_description();
  auto parsed = parse_arguments(command, arguments);
  if (auto* end = std::get_if<EndNow>(&parsed); end != nullptr) return std::move(*end);
  const auto& given = std::get<ParsedArguments>(parsed);

  if (!given.has("GROUP")) return parse_watch(command, given);
  ReceiveOptions options;
  ReceiverSpec spec;
  std::uint64_t groups = 1;
  ArgumentReader reader(given);
  reader.read("GROUP", spec.group, group);
  // Both are checked, the named one wins.
  for (const std::string_view name : {"SOURCE", "--source"}) {
    reader.read(name, spec.source, host_address);
  }
  for (const std::string_view name : {"IGMP_VERSION", "--igmp-version"}) {
    reader.read(name, options.igmp_version, number_of("igmp_version"));
    options.igmp_version_given = options.igmp_version_given || given.has(name);
  }
  reader.read("--interface", spec.interface, interface_name);
  reader.read("--port", spec.port, number_of("port"));
  reader.read("--stall-timeout", spec.stall_timeout, seconds_of("stall_timeout"));
  reader.read("--duration", options.duration_seconds, run_time);
  reader.read("--count", spec.packet_limit, number_of("packets"));
  reader.read("--groups", groups, number_of("count"));
  reader.read("--fail-on-loss", options.fail_on_loss, percent);
  spec.name = spec.group.to_string();
  reader.read("--name", spec.name, stream_name);
  reader.read("--name", options.name, stream_name);
  reader.check(check_group_range(spec.group, groups));
  reader.read("--agent", options.agent, agent_socket);
  options.detach = given.has("--detach");
  check_detach(given, reader);
  if (!reader.error() && spec.source && options.igmp_version != 3) {
    reader.refuse("a source needs IGMPv3, not IGMPv" + std::to_string(options.igmp_version) +
                  ": only IGMPv3 reports carry (S,G); leave out the version or the source");
  }
  options.force = !given.has("--no-force");
  if (!reader.error() && !options.force && options.igmp_version_given) {
    reader.refuse("--no-force leaves the IGMP version alone, so none can be asked for");
  }
  if (reader.error()) return wrong_use(command, *reader.error());

  if (options.force) spec.igmp_version = options.igmp_version;
  read_output(given, options);
  expand(spec, groups, options.streams);
  return options;
}

}  // namespace mcast::cli
