#include <array>

#include "cli/arguments/command_description.h"
#include "cli/session/agent_client.h"

namespace mcast::cli {
namespace {

constexpr std::array kPositionals{
    PositionalDescription{.name = "GROUP",
                          .text = "Multicast group to send to, 224.0.0.0 to 239.255.255.255",
                          .required = true},
    PositionalDescription{.name = "DURATION", .text = "Whole seconds to send for, as --duration"},
    PositionalDescription{.name = "TTL", .text = "TTL of the packets, as --ttl"},
};

constexpr std::array kOptions{
    OptionDescription{.name = "--duration",
                      .short_name = "-t",
                      .value = "SECONDS",
                      .text = "Whole seconds to send for, 0 for ever; wins over the positional one",
                      .default_value = "600"},
    OptionDescription{.name = "--ttl",
                      .value = "TTL",
                      .text = "TTL of the packets, 1 to 255; wins over the positional one",
                      .default_value = "100"},
    OptionDescription{.name = "--rate",
                      .short_name = "-r",
                      .value = "RATE",
                      .text = "Number and pps, kpps, Mpps, bps, kbps, Mbps or Gbps in any case; a "
                              "number alone is packets a second, bits are of the UDP payload",
                      .default_value = "25pps"},
    OptionDescription{.name = "--size",
                      .short_name = "-s",
                      .value = "BYTES",
                      .text = "UDP payload of each packet, 32 to 65500 bytes",
                      .default_value = "200"},
    OptionDescription{.name = "--dscp",
                      .value = "DSCP",
                      .text = "0 to 63, also as 0x2e, or be, cs0 to cs7, af11 to af43, ef",
                      .default_value = "be",
                      .completion = Completion::kDscp},
    OptionDescription{.name = "--interface",
                      .short_name = "-i",
                      .value = "IF",
                      .text = "Interface to send out of",
                      .default_value = "chosen by the routing table",
                      .completion = Completion::kInterface},
    OptionDescription{.name = "--source",
                      .short_name = "-S",
                      .value = "ADDRESS",
                      .text = "Address of this host to send from"},
    OptionDescription{.name = "--port",
                      .short_name = "-p",
                      .value = "PORT",
                      .text = "UDP port to send to, 1 to 65535",
                      .default_value = "19779"},
    OptionDescription{.name = "--count",
                      .short_name = "-c",
                      .value = "N",
                      .text = "End after N packets (to each group, with --groups)"},
    OptionDescription{.name = "--groups",
                      .value = "N",
                      .text = "Send to N consecutive groups from GROUP on",
                      .default_value = "1"},
    OptionDescription{.name = "--no-loopback",
                      .text = "Receivers on this host do not get the packets"},
    OptionDescription{.name = "--name",
                      .value = "NAME",
                      .text = "Name of the stream in what is printed, and in the agent",
                      .default_value = "the group"},
    OptionDescription{.name = "--agent",
                      .value = "SOCKET",
                      .value_if_bare = kDefaultAgentSocket,
                      .text = "Send from the agent that answers at this socket, until this "
                              "command ends",
                      .completion = Completion::kFile},
    OptionDescription{.name = "--detach",
                      .text = "With --agent: end at once, the agent goes on sending"},
    OptionDescription{.name = "--quiet",
                      .short_name = "-q",
                      .text = "No live view: a line when something happens, and a summary"},
    OptionDescription{.name = "--json",
                      .text = "Print one JSON object at the end on stdout, and nothing else there"},
    OptionDescription{.name = "--help", .short_name = "-h", .text = "Print this text and end"},
    OptionDescription{.name = "--version", .text = "Print the version and end"},
};

constexpr std::array kExamples{
    Example{.command = "mcast-send 239.1.1.1", .text = "25 packets a second for ten minutes"},
    Example{.command = "mcast-send 239.1.1.1 60 16 -i eth1 --rate 1.5Mbps --size 1316 --dscp ef",
            .text = "A minute of something like video, 16 hops far at the most, marked EF"},
    Example{.command = "mcast-send 232.5.5.5 --source 10.1.1.1 --count 1000 --json | jq "
                       ".packets_sent",
            .text = "1000 packets from one address, for a script"},
    Example{.command = "mcast-send 239.1.0.0 --groups 1000 -t 0",
            .text = "239.1.0.0 to 239.1.3.231 until Ctrl-C"},
    Example{.command = "mcast-send 239.1.1.1 -t 3600 --agent --detach --name video-a",
            .text = "The agent sends for an hour; mcast-status --agent shows it"},
};

constexpr std::array<std::string_view, 2> kViewText{
    "On a terminal a live view shows what is sent. q or Ctrl-C ends it. Without a terminal, with "
    "TERM=dumb or with --quiet, lines are printed instead. NO_COLOR switches colour off.",
    "Packets leave on an absolute schedule: what one packet is late by does not add up, and after "
    "a pause of the machine no burst follows."};
constexpr std::array<std::string_view, 2> kJsonText{
    "Keys: tool, version, group, interface, ttl, dscp, datagram_size, target_pps, sender_id, "
    "duration_requested_s, duration_actual_s, packets_sent, bytes_sent, errors; further: name, "
    "source, port, errors_by_name, skipped.",
    "With --groups the numbers are sums, and streams holds an object a group."};
constexpr std::array<std::string_view, 3> kAgentText{
    "With --agent the packets are those of a running mcast-agent, from its host and its network "
    "namespace: the stream shows in its metrics and on its page, and root is not needed where "
    "the agent has it. The socket may be used by root and by its group. The stream ends with this "
    "command, or ten seconds after a kill -9.",
    "With --detach it ends when its time or its packets are over, when it is deleted, or with the "
    "agent. The command says how to delete it; with --json it prints the agent's answer: name, "
    "streams, renew_within_s.",
    "An agent of another version is warned of. Where none answers, or where it goes away, the "
    "command says so and ends with 1."};
constexpr std::array kSections{
    Section{.title = "WHAT IT SHOWS", .paragraphs = kViewText},
    Section{.title = "JSON", .paragraphs = kJsonText},
    Section{.title = "THE AGENT", .paragraphs = kAgentText},
};

constexpr CommandDescription kDescription{
    .name = "mcast-send",
    .purpose = "send multicast probe packets to a group",
    .description =
        "Sends probe packets to a multicast group, so that mcast-receive and mcast-agent anywhere "
        "in the network can tell what was lost, how many hops away this host is, and whether "
        "something changed the DSCP.",
    .positionals = kPositionals,
    .options = kOptions,
    .examples = kExamples,
    .sections = kSections,
};

}  // namespace

const CommandDescription& send_description() {
  return kDescription;
}

}  // namespace mcast::cli
