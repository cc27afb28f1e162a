#include "cli/streams/stream_options.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/dscp.h"
#include "base/number.h"
#include "base/rate.h"
#include "base/text.h"
#include "cli/arguments/argument_values.h"
#include "cli/arguments/command_line.h"
#include "cli/session/agent_client.h"
#include "streams/running_streams.h"

namespace mcast::cli {
namespace {

// Titles in the help.
constexpr const char* kPackets = "Packets";
constexpr const char* kJoin = "Join";
constexpr const char* kStream = "Stream";
constexpr const char* kConditions = "Exit code 3";
constexpr const char* kAgent = "Agent";
constexpr const char* kOutput = "Output";

// Errors of base/ do not know which argument they speak of.
auto named(auto parse) {
  return [parse](std::string_view name, std::string_view text) {
    auto value = parse(text);
    if (!value) value = fail(std::string(name) + ": " + value.error().message);
    return value;
  };
}

constexpr Nanoseconds kLongestInterruption = kSecond * 24 * 3600;
constexpr std::uint64_t kMostHops = 254;

// "500" packets, or "25pps".
Result<Expectation> expectation(std::string_view name, std::string_view text) {
  if (const auto number = parse_number<std::uint32_t>(text); number && *number > 0) {
    return Expectation{.packets = static_cast<double>(*number), .is_rate = false};
  }
  const auto rate = parse_rate(text, kMinDatagramSize);
  if (rate && ascii_lower(text).ends_with("pps")) {
    return Expectation{.packets = *rate, .is_rate = true};
  }
  return fail(std::string(name) + ": '" + printable(text) +
              "' is neither a number of packets nor a rate, for example 500 or 25pps");
}

// What both commands read beside `spec`, which is the stream of every group.
struct Wanted {
  std::vector<GroupAndPort> groups;
  std::uint64_t count = 1;  // consecutive ones
};

// The options that both commands have.
template <typename Spec>
void add_stream_options(CommandLine& line, Spec& spec, Wanted& wanted, StreamOptions& options) {
  line.option_defaults()->group(kStream);
  line.add_value("--interface,-i", spec.interface, interface_name, "Interface to use", "IF",
                 "chosen by the routing table");
  line.add_value("--port,-p", spec.port, number_of("port"),
                 "UDP port, 1 to 65535, of groups that do not have their own", "PORT", "19779");
  line.add_value("--count,-c", spec.packet_limit, number_of("packets"),
                 "End after N packets (of each group)", "N");
  line.add_value("--groups", wanted.count, number_of("count"),
                 "N consecutive groups starting at GROUP", "N", "1");
  line.add_value("--name", options.name, stream_name,
                 "Name of the stream in what is printed, and in the agent", "NAME", "the group");
  line.option_defaults()->group(kAgent);
  line.add_optional_value("--agent", kDefaultAgentSocket, options.agent, agent_socket,
                          "The agent that answers at this socket does the work, until this "
                          "command ends",
                          "SOCKET");
  line.add_flag("--detach", options.detach, "With --agent: end at once, the agent goes on");
  line.add_flag("--delete", options.remove,
                "With --agent and --name NAME: end this stream of the agent");
  line.option_defaults()->group(kOutput);
  line.add_flag("--quiet,-q", options.quiet,
                "No live view: a line when something happens, and a summary");
  line.add_flag("--json", options.json,
                "Print one JSON object at the end on stdout, and nothing else there");
}

// Those of `names` that were given do not go together with something else.
void refuse_given(CommandLine& line, std::initializer_list<const char*> names,
                  const std::string& why) {
  for (const char* name : names) {
    if (line.given(name)) line.refuse(name + why);
  }
}

// Which keys of a stream the options and positionals that were given have set, and others.
StreamKeys keys_given(const CommandLine& line) {
  const std::map<std::string, std::string> others{
      {"count", "packets"}, {"groups", "count"}, {"no_loopback", "loopback"}, {"hop_limit", "ttl"}};
  StreamKeys keys;
  for (const CLI::Option* option : line.get_options()) {
    if (option->count() == 0) continue;
    std::string key = ascii_lower(option->get_name());
    key.erase(0, key.find_first_not_of('-'));
    std::ranges::replace(key, '-', '_');
    const auto other = others.find(key);
    keys.insert(other == others.end() ? key : other->second);
  }
  return keys;
}

// What follows from the options that both commands have. Fills `options.streams` with copies of
// `spec`, each with its own group and name.
template <typename Spec, typename Options>
void finish(CommandLine& line, Spec spec, const Wanted& wanted, Options& options) {
  options.given = keys_given(line);
  options.is_list = wanted.groups.size() > 1;
  if (options.is_list && line.given("--groups")) {
    line.refuse("--groups cannot be combined with a list of groups");
  }
  spec.name = options.name;
  std::map<std::string, int> names;
  std::set<std::tuple<IpAddress, std::string, std::uint16_t>> known;
  std::uint64_t number = 0;
  for (const auto& [group, port, zone] : wanted.groups) {
    if (wanted.count > groups_from(group)) {
      line.refuse("--groups: " + std::to_string(wanted.count) + " groups starting at " +
                  group.to_string() + " would go beyond " + last_group_from(group).to_string());
    }
    const std::string interface = spec.interface;
    if (!zone.empty() && !interface.empty() && zone != interface) {
      line.refuse("GROUP: the zone of " + ZonedAddress(group, zone).to_string() +
                  " is not --interface " + interface);
    }
    spec.group = group;
    if (!zone.empty()) {
      spec.interface = zone;
      options.given.insert("interface");
    }
    if (const auto conflict = conflict_in(spec)) line.refuse(conflict->why);
    if (line.refused()) break;
    if (port) options.given.insert("port");
    const std::uint16_t usual = std::exchange(spec.port, port.value_or(spec.port));
    if (!known.emplace(group, zone, spec.port).second) {
      line.refuse("GROUP: " + group.to_string() + " on port " + std::to_string(spec.port) +
                  " is given twice");
    }
    if (options.is_list && !options.name.empty()) {
      spec.name = name_in_range(options.name, ++number, wanted.groups.size());
    }
    expand(spec, wanted.count, options.streams);
    spec.port = usual;
    spec.interface = interface;
    // One group on two ports.
    std::string& name = options.streams.back().name;
    if (const int times = ++names[name]; times > 1) name += "#" + std::to_string(times);
  }
  if (options.detach && !line.given("--agent")) {
    line.refuse("--detach leaves the stream to an agent: it goes with --agent");
  }
}

// --delete: nothing but which stream, and of which agent.
void check_remove(CommandLine& line, const std::string& of) {
  for (const CLI::Option* option : line.get_options()) {
    const std::string& name = option->get_name();
    const bool allowed = name == "--agent" || name == "--name" || name == "--delete";
    if (option->count() == 0 || allowed) continue;
    line.refuse(name + ": --delete takes only --agent and --name");
  }
  if (!line.given("--agent") || !line.given("--name")) {
    line.refuse("--delete needs --agent and --name NAME, of a " + of + " of the agent");
  }
}

// --agent --name NAME without a group: a stream that the agent has.
void check_watch(CommandLine& line) {
  if (!line.given("--name")) {
    line.refuse("GROUP is missing; --agent alone needs --name NAME, of a stream to watch");
  }
  refuse_given(line,
               {"--source", "--igmp-version", "--mld-version", "--no-force", "--interface",
                "--port", "--stall-timeout", "--count", "--groups", "--detach"},
               " is for a new stream and needs a GROUP; without one, a stream "
               "that the agent has is watched as it is");
}

}  // namespace

std::variant<SendOptions, EndNow> parse_send_options(std::span<const std::string_view> arguments) {
  SendOptions options;
  options.duration = 600 * kSecond;
  SenderSpec spec;
  Wanted wanted;
  bool no_loopback = false;
  CommandLine line(
      "mcast-send", "[OPTIONS] GROUP [DURATION] [TTL]",
      R"(Sends probe packets to a multicast group, so that mcast-receive and mcast-agent
anywhere in the network can tell what was lost, how many hops away this host is,
and whether something changed the DSCP.)",
      R"(Examples:
  mcast-send 239.1.1.1
      25 packets a second for ten minutes
  mcast-send 239.1.1.1 60 16 -i eth1 --rate 1.5Mbps --size 1316 --dscp ef
      One minute of video-like traffic, at most 16 hops, marked EF
  mcast-send 232.5.5.5 --source 10.1.1.1 --count 1000 --json | jq .packets_sent
      1000 packets from one address, for a script
  mcast-send 239.1.1.1,239.5.5.5:5004 -t 2m
      Two groups, the second on another UDP port, for two minutes
  mcast-send 239.1.0.0 --groups 1000 -t 0
      239.1.0.0 to 239.1.3.231 until Ctrl-C
  mcast-send 239.1.1.1 -t 3600 --agent --detach --name video-a
      The agent sends for an hour; mcast-status --agent shows it

Exit codes: 0 fine, 1 failed at run time, 2 wrong arguments.)");
  line.option_defaults()->group(kPackets);
  // A positional and its option are both checked, and the option wins.
  line.add_value("GROUP", wanted.groups, groups,
                 "Multicast group to send to, of IPv4 or IPv6; or several, "
                 "239.1.1.1,239.5.5.5:5004,[ff1e::8000:1]:5004, any of them with its own UDP port");
  line.add_value("DURATION", options.duration, run_time, "Time to send for, as --duration");
  line.add_value("--duration,-t", options.duration, run_time,
                 "Time to send for, in seconds or as 500ms or 2m, 0 for ever; wins over the "
                 "positional one",
                 "TIME", "600");
  line.add_value("TTL", spec.ttl, number_of("ttl"), "TTL of the packets, as --ttl");
  line.add_value("--ttl", spec.ttl, number_of("ttl"),
                 "TTL of the packets, 1 to 255; wins over the positional one", "TTL", "100");
  line.add_value("--hop-limit", spec.ttl, number_of("hop_limit"), "The same, as IPv6 calls it",
                 "HOPS", "100");
  // Before the rate, which may be in bits.
  line.add_value("--size,-s", spec.size, number_of("size"),
                 "UDP payload of each packet, 32 to 65500 bytes", "BYTES", "200");
  const auto rate = named([&spec](std::string_view text) { return parse_rate(text, spec.size); });
  line.add_value("--rate,-r", spec.packets_per_second, rate,
                 "Number and pps, kpps, Mpps, bps, kbps, Mbps or Gbps in any case; a number "
                 "without a unit is packets a second, bits are of the UDP payload",
                 "RATE", "25pps");
  line.add_value("--dscp", spec.dscp, named(parse_dscp),
                 "0 to 63, also as 0x2e, or be, cs0 to cs7, af11 to af43, ef", "DSCP", "be");
  line.add_value("--source,-S", spec.source, host_address, "Address of this host to send from",
                 "ADDRESS");
  line.add_flag("--no-loopback", no_loopback, "Receivers on this host do not get the packets");
  add_stream_options(line, spec, wanted, options);

  if (const auto end = line.parse(arguments)) return *end;
  if (options.remove) check_remove(line, "sender");
  if (!options.remove && !line.given("GROUP")) return line.missing("GROUP");
  line.read_values();
  spec.loopback = !no_loopback;
  spec.duration = options.duration;
  finish(line, spec, wanted, options);
  // It has a default here, and none in an agent's configuration.
  options.given.insert("duration");
  if (options.detach) {
    refuse_given(line, {"--quiet"}, ": with --detach there is nothing to show");
  }
  if (const auto end = line.refused()) return *end;
  return options;
}

std::variant<ReceiveOptions, EndNow> parse_receive_options(
    std::span<const std::string_view> arguments) {
  ReceiveOptions options;
  ReceiverSpec spec;
  Wanted wanted;
  std::optional<int> version;
  bool no_force = false;
  CommandLine line("mcast-receive", "[OPTIONS] GROUP [SOURCE] [VERSION]",
                   R"(Joins a multicast group and reports which probe packets of mcast-send or
mcast-agent arrive: loss, interruptions, stalls, hops, DSCP, jitter,
restarts of the sender. While nothing arrives, it looks for the reason.
With --agent and --name, and without GROUP, it watches a stream of the agent.)",
                   R"(Examples:
  mcast-receive 239.1.1.1
      Join (*,G) and watch until q or Ctrl-C
  mcast-receive 232.5.5.5 10.1.1.1 -i eth1
      Join (S,G) on eth1: only what 10.1.1.1 sends
  mcast-receive 239.1.1.1 -t 30 --json --fail-on-loss=0.1 --fail-on-stall
      For a lab's CI: half a minute, numbers as JSON, exit code 3 if it was bad
  sudo mcast-receive 239.1.1.1 --igmp-version 2
      Join with IGMPv2 reports; the setting is put back at the end
  mcast-receive 239.1.1.1 --agent
      Join in the agent: its metrics and its page show the stream, too
  mcast-receive --agent --name video-a
      Watch a stream that the agent has, without touching it
  mcast-receive --agent --name 239.1.1.1 --delete
      End one that was left to the agent with --detach

Exit codes: 0 fine, 1 failed at run time, 2 wrong arguments, 3 a condition that
a --fail-on option or --expect asks for was met.)");
  line.option_defaults()->group(kJoin);
  line.add_value("GROUP", wanted.groups, groups,
                 "Multicast group to join, of IPv4 or IPv6; or several, "
                 "239.1.1.1,239.5.5.5:5004,[ff1e::8000:1]:5004, any of them with its own UDP port");
  line.add_value("SOURCE", spec.source, host_address,
                 "Sender to join, as --source: makes it an SSM join (S,G)");
  line.add_value("--source,-S", spec.source, host_address,
                 "Sender to join: makes it an SSM join (S,G); wins over the positional one",
                 "ADDRESS");
  line.add_value("VERSION", version, number_of("igmp_version"),
                 "IGMP version 1 to 3, or MLD version 1 or 2 of an IPv6 group, as the options");
  line.add_value("--igmp-version,-v", spec.igmp_version, number_of("igmp_version"),
                 "Force IGMP version 1, 2 or 3 on the interface (as root) until the end; wins over "
                 "the positional one",
                 "N", "3 where the interface forces another one, else the kernel decides");
  line.add_value("--mld-version", spec.mld_version, number_of("mld_version"),
                 "Force MLD version 1 or 2, for a group of IPv6; wins over the positional one", "N",
                 "2 where the interface forces another one, else the kernel decides");
  line.add_flag("--no-force", no_force, "Leave the interface's IGMP or MLD version as it is");
  line.option_defaults()->group(kStream);
  line.add_value("--duration,-t", options.duration, run_time,
                 "Time to receive for, in seconds or as 500ms or 2m, 0 until Ctrl-C", "TIME", "0");
  line.add_value("--stall-timeout", spec.stall_timeout, duration_of("stall_timeout"),
                 "Time without a packet after which the stream is stalled, 100ms to 1h", "TIME",
                 "3");
  line.option_defaults()->group(kConditions);
  line.add_optional_value("--fail-on-loss", "0", options.fail_on_loss, percent,
                          "If more than PERCENT of the packets were lost, or if none arrived "
                          "at all",
                          "PERCENT");
  line.add_flag("--fail-on-stall", options.fail_on_stall,
                "If there was a stall, or if no packet arrived at all");
  line.add_value(
      "--fail-on-interruption", options.fail_on_interruption,
      [](std::string_view name, std::string_view text) {
        return duration(name, text, kMillisecond, kLongestInterruption);
      },
      "If no packet came for TIME between two that did, or until the end", "TIME");
  line.add_value(
      "--fail-on-hops", options.fail_on_hops,
      [](std::string_view name, std::string_view text) {
        return whole_number(name, text, 0, kMostHops);
      },
      "If a sender is more than N hops away", "N");
  line.add_flag("--fail-on-remark", options.fail_on_remark,
                "If a packet's DSCP was changed on the way");
  line.add_value("--expect", options.expect, expectation,
                 "If fewer than N packets came, or with N pps, fewer a second on average since "
                 "the join",
                 "N[pps]");
  add_stream_options(line, spec, wanted, options);
  line.get_option("--json")->description(
      "Print one JSON object at the end on stdout, and nothing else there but the lines of "
      "--events");
  line.add_flag("--events", options.events,
                "Print a JSON object a line on stdout as things happen: state changes, loss "
                "bursts, restarts, remarks, TTL changes, and why nothing arrives");

  if (const auto end = line.parse(arguments)) return *end;
  const bool has_group = line.given("GROUP");
  if (options.remove) check_remove(line, "receiver");
  if (!options.remove && !has_group && !line.given("--agent")) return line.missing("GROUP");
  if (!options.remove && !has_group) check_watch(line);
  line.read_values();
  const bool is_v6 = !wanted.groups.empty() && !wanted.groups.front().group.is_v4();
  if (version) {
    auto& wanted_version = is_v6 ? spec.mld_version : spec.igmp_version;
    if (!wanted_version) wanted_version = version;
    if (is_v6 && *version > 2) {
      line.refuse("VERSION: IGMP has three versions, MLD has two: 1 or 2 for a group of IPv6");
    }
  }
  const auto& asked = is_v6 ? spec.mld_version : spec.igmp_version;
  const int newest = is_v6 ? 2 : 3;
  if (spec.source && asked && *asked < newest) {
    const std::string protocol = is_v6 ? "MLDv" : "IGMPv";
    const std::string needed = protocol + std::to_string(newest);
    line.refuse("a source needs " + needed + ", not " + protocol + std::to_string(*asked) +
                ": only " + needed + " reports carry (S,G); leave out the version or the source");
  }
  options.force = !no_force;
  finish(line, spec, wanted, options);
  if (options.given.erase("version") > 0) {
    options.given.insert(is_v6 ? "mld_version" : "igmp_version");
  }
  if (options.detach) {
    refuse_given(line,
                 {"--duration", "--fail-on-loss", "--fail-on-stall", "--fail-on-interruption",
                  "--fail-on-hops", "--fail-on-remark", "--expect", "--events", "--quiet"},
                 ": with --detach the command ends before anything arrives");
  }
  if (no_force && (spec.igmp_version || spec.mld_version)) {
    line.refuse("--no-force leaves the version alone, so none can be asked for");
  }
  if (const auto end = line.refused()) return *end;
  return options;
}

}  // namespace mcast::cli
