#include <array>

#include "cli/arguments/command_description.h"
#include "cli/session/agent_client.h"

namespace mcast::cli {
namespace {

constexpr std::array kOptions{
    OptionDescription{.name = "--all",
                      .short_name = "-a",
                      .text = "Show also the groups that every host is in, and the loopback "
                              "interface"},
    OptionDescription{.name = "--interface",
                      .short_name = "-i",
                      .value = "IF",
                      .text = "Show this interface alone (the loopback interface too)",
                      .default_value = "every one but the loopback interface",
                      .completion = Completion::kInterface},
    OptionDescription{.name = "--watch",
                      .short_name = "-w",
                      .text = "Then print a line for each join and leave as it happens, until "
                              "Ctrl-C"},
    OptionDescription{.name = "--why",
                      .value = "GROUP[,SOURCE]",
                      .text = "Say why nothing arrives for this group: look at everything that "
                              "can be wrong on this host and listen to the wire for a while; "
                              "exit with 3 if something is wrong"},
    OptionDescription{.name = "--for",
                      .value = "TIME",
                      .text = "With --why: listen for so long, for example 10s or 500ms",
                      .default_value = "3s"},
    OptionDescription{.name = "--port",
                      .short_name = "-p",
                      .value = "PORT",
                      .text = "With --why: the UDP port of the receiver",
                      .default_value = "that of the stream that holds the group, else any that is "
                                       "open"},
    OptionDescription{.name = "--agent",
                      .value = "SOCKET",
                      .value_if_bare = kDefaultAgentSocket,
                      .text = "Ask the agent that answers at this socket: its streams, what it "
                              "has found out about silent ones, and its host's memberships",
                      .completion = Completion::kFile},
    OptionDescription{.name = "--json",
                      .text = "Print one JSON object on stdout, and nothing else there; with "
                              "--watch a JSON object a line"},
    OptionDescription{.name = "--help", .short_name = "-h", .text = "Print this text and end"},
    OptionDescription{.name = "--version", .text = "Print the version and end"},
};

constexpr std::array kExamples{
    Example{.command = "mcast-status", .text = "What this host has joined, and who holds it"},
    Example{.command = "mcast-status -i eth1 --watch",
            .text = "And each join and leave on eth1 as it happens"},
    Example{.command = "mcast-status --why 239.0.10.101",
            .text = "Why a receiver of this group gets nothing"},
    Example{.command = "mcast-status --why 232.1.1.1,10.1.1.1 -i eth1 --for 10s",
            .text = "The same of (S,G) on one interface, after ten seconds"},
    Example{.command = "mcast-status --json | jq '.interfaces[].memberships[].group'",
            .text = "The groups, for a script"},
    Example{.command = "mcast-status --agent --watch",
            .text = "The streams of the agent, then its events as they happen"},
};

constexpr std::array<std::string_view, 2> kTableText{
    "A line a membership. Hidden without --all: 224.0.0.1, 224.0.0.251, 239.255.255.250, their "
    "IPv6 counterparts, what the kernel joins for IPv6 by itself, and what is on the loopback "
    "interface. A join that one of the streams holds is always shown.",
    "The columns:"};
constexpr std::array kTableTerms{
    Term{.name = "IGMP, FORCED",
         .text = "The version in operation on the interface, and the one that the sysctl "
                 "force_igmp_version (of the interface or of all) asks for. Both are of IPv4: rows "
                 "of IPv6 groups have a dash."},
    Term{.name = "USERS",
         .text = "The number of sockets that hold the membership, of all programs."},
    Term{.name = "CLASS",
         .text = "link-local (no router forwards it), SSM, GLOP, admin-scoped, any-source."},
    Term{.name = "SOURCES",
         .text = "The sources of an SSM join; 'any' if somebody joined without a source; 'any but' "
                 "with sources that are excluded; 'any, also' with sources that somebody else "
                 "joined beside."},
    Term{.name = "STREAMS",
         .text = "Which streams of running mcast-receive and mcast-agent programs hold the join, "
                 "as program[process] stream. The programs say so themselves; those of other users "
                 "are shown to root alone. Where nothing stands, another program holds it."},
};
constexpr std::array<std::string_view, 1> kWatchText{
    "From Linux 6.14 on the kernel tells of joins and leaves at once; before, they are looked for "
    "every 250 ms, and one that was shorter goes unseen."};
constexpr std::array kWatchTerms{
    Term{.name = "join", .text = "The first socket of the host has joined."},
    Term{.name = "leave", .text = "The last one has left."},
    Term{.name = "change", .text = "Other users, sources or streams; looked at once a second."},
};
constexpr std::array<std::string_view, 3> kJsonText{
    "Keys: tool, version, interfaces (name, ifindex, igmp_version, forced_version, memberships), "
    "unreadable_programs. A version is 0 for none.",
    "Of a membership: group, family (ipv4, ipv6), class, users, filter_mode (include, exclude), "
    "sources (of the mode), joined_sources (that somebody joined while somebody else takes any), "
    "streams (program, pid, stream, source or null, port).",
    "With --watch the first line is that object and each further one has time, event (join, "
    "leave, change), interface, ifindex, and the keys of the membership."};
constexpr std::array<std::string_view, 4> kAgentText{
    "With --agent an mcast-agent is asked. It may be used by root and by the group of its socket. "
    "First comes the agent itself, then a row a stream: KIND, STREAM, GROUP, SOURCE (of an SSM "
    "join, or that packets are sent from), IF, STATE, LOSS (percent and packets), HOPS, DSCP (as "
    "sent; with an arrow, as it arrived), SENDERS (that are heard now), PACKETS, SINCE (in this "
    "state for so long). Where the terminal is too narrow, what matters least is left out.",
    "Then what is wrong with streams that get nothing, with what may help, and the memberships of "
    "the agent's host. -i shows one interface of it.",
    "With --watch a line follows for each event of the agent, until Ctrl-C; --why looks at this "
    "host by itself, and so goes without --agent.",
    "--json prints tool, version, status, receivers, senders, memberships and findings, as the "
    "agent's API has them; with --watch in one line, and each event in a line of its own. An agent "
    "of another version is warned of. Where none answers, the command says so and ends with 1."};
constexpr std::array kSections{
    Section{.title = "THE TABLE", .paragraphs = kTableText, .terms = kTableTerms},
    Section{.title = "WATCHING", .paragraphs = kWatchText, .terms = kWatchTerms},
    Section{.title = "JSON", .paragraphs = kJsonText},
    Section{.title = "THE AGENT", .paragraphs = kAgentText},
};

constexpr CommandDescription kDescription{
    .name = "mcast-status",
    .purpose = "show the multicast groups that this host has joined",
    .description =
        "Shows the multicast memberships of this host as the kernel has them: interface, IGMP "
        "version, group, users, sources, and which streams of mcast-receive and mcast-agent hold "
        "them. Needs neither root nor an agent.",
    .positionals = {},
    .options = kOptions,
    .examples = kExamples,
    .sections = kSections,
    .condition_met = "--why has found something wrong",
};

}  // namespace

const CommandDescription& status_description() {
  return kDescription;
}

}  // namespace mcast::cli
