#include <array>

#include "cli/arguments/command_description.h"
#include "cli/session/agent_client.h"

namespace mcast::cli {
namespace {

constexpr std::array kPositionals{
    PositionalDescription{.name = "GROUP",
                          .text = "Multicast group to join, 224.0.0.0 to 239.255.255.255",
                          .required = true,
                          .required_unless = "--agent"},
    PositionalDescription{.name = "SOURCE",
                          .text = "Sender to join, as --source: makes it an SSM join (S,G)"},
    PositionalDescription{.name = "IGMP_VERSION",
                          .text = "1, 2 or 3, as --igmp-version",
                          .completion = Completion::kIgmpVersion},
};

constexpr std::array kOptions{
    OptionDescription{.name = "--source",
                      .short_name = "-S",
                      .value = "ADDRESS",
                      .text =
                          "Sender to join: makes it an SSM join (S,G); wins over the positional "
                          "one"},
    OptionDescription{.name = "--igmp-version",
                      .short_name = "-v",
                      .value = "N",
                      .text = "IGMP version 1, 2 or 3, forced on the interface (as root) and put "
                              "back at the end; wins over the positional one",
                      .default_value = "3",
                      .completion = Completion::kIgmpVersion},
    OptionDescription{.name = "--no-force", .text = "Leave the interface's IGMP version as it is"},
    OptionDescription{.name = "--interface",
                      .short_name = "-i",
                      .value = "IF",
                      .text = "Interface to join on",
                      .default_value = "chosen by the routing table",
                      .completion = Completion::kInterface},
    OptionDescription{.name = "--port",
                      .short_name = "-p",
                      .value = "PORT",
                      .text = "UDP port to listen on, 1 to 65535",
                      .default_value = "19779"},
    OptionDescription{
        .name = "--stall-timeout",
        .value = "SECONDS",
        .text = "Time without a packet after which the stream is stalled, 0.1 to 3600",
        .default_value = "3.0"},
    OptionDescription{.name = "--duration",
                      .short_name = "-t",
                      .value = "SECONDS",
                      .text = "Whole seconds to receive for, 0 until Ctrl-C",
                      .default_value = "0"},
    OptionDescription{.name = "--count",
                      .short_name = "-c",
                      .value = "N",
                      .text = "End after N packets (of each group, with --groups)"},
    OptionDescription{.name = "--groups",
                      .value = "N",
                      .text = "Receive N consecutive groups from GROUP on",
                      .default_value = "1"},
    OptionDescription{.name = "--fail-on-loss",
                      .value = "PERCENT",
                      .value_if_bare = "0",
                      .text = "Exit with 3 if more than PERCENT of the packets were lost, or if "
                              "none arrived at all"},
    OptionDescription{.name = "--fail-on-stall",
                      .text = "Exit with 3 if there was a stall, or if no packet arrived at all"},
    OptionDescription{.name = "--name",
                      .value = "NAME",
                      .text = "Name of the stream in what is printed, and in the agent; with "
                              "--agent and without GROUP, the agent's stream to watch",
                      .default_value = "the group"},
    OptionDescription{.name = "--agent",
                      .value = "SOCKET",
                      .value_if_bare = kDefaultAgentSocket,
                      .text = "Receive in the agent that answers at this socket, until this "
                              "command ends",
                      .completion = Completion::kFile},
    OptionDescription{.name = "--detach",
                      .text = "With --agent: end at once, the agent goes on receiving"},
    OptionDescription{.name = "--quiet",
                      .short_name = "-q",
                      .text = "No live view: a line when something happens, and a summary"},
    OptionDescription{.name = "--events",
                      .text =
                          "Print a JSON object a line on stdout as things happen: state "
                          "changes, loss bursts, restarts, remarks, TTL changes, and why nothing "
                          "arrives"},
    OptionDescription{.name = "--json",
                      .text = "Print one JSON object at the end on stdout, and nothing else there "
                              "but the lines of --events"},
    OptionDescription{.name = "--help", .short_name = "-h", .text = "Print this text and end"},
    OptionDescription{.name = "--version", .text = "Print the version and end"},
};

constexpr std::array kExamples{
    Example{.command = "mcast-receive 239.1.1.1", .text = "Join (*,G) and watch until q or Ctrl-C"},
    Example{.command = "mcast-receive 232.5.5.5 10.1.1.1 -i eth1",
            .text = "Join (S,G) on eth1: only what 10.1.1.1 sends"},
    Example{.command = "mcast-receive 239.1.1.1 -t 30 --json --fail-on-loss=0.1 --fail-on-stall",
            .text = "For a lab's CI: half a minute, numbers as JSON, exit code 3 if it was bad"},
    Example{.command = "sudo mcast-receive 239.1.1.1 --igmp-version 2",
            .text = "Join with IGMPv2 reports; the setting is put back at the end"},
    Example{.command = "mcast-receive 239.1.1.1 --agent",
            .text = "Join in the agent: its metrics and its page show the stream, too"},
    Example{.command = "mcast-receive --agent --name video-a",
            .text = "Watch a stream that the agent has, without touching it"},
};

constexpr std::array<std::string_view, 3> kViewText{
    "On a terminal a live view shows state, rate, loss, hops, DSCP, jitter and a log of gaps. q or "
    "Ctrl-C ends it. Without a terminal, with TERM=dumb or with --quiet, lines are printed "
    "instead. NO_COLOR switches colour off.",
    "While nothing arrives for more than a second, it looks for the reason: it listens to the wire "
    "for two seconds (as root), looks at this host, and does so again every ten seconds until "
    "packets come. The view shows what it found after \"Why?\", and what may help after \"Try\"; "
    "without a view each new reason is a line, on stderr with --json, and an event of --events: "
    "finding, with time, stream, group, check, seen, meaning and remedy. It changes nothing on "
    "the host. mcast-status --why GROUP says more.",
    "Lost is a number that did not come within a second or 1024 packets. What is still missing at "
    "the end counts as lost."};
constexpr std::array kStateTerms{
    Term{.name = "WAITING", .text = "Joined; no packet has come yet."},
    Term{.name = "RECEIVING", .text = "Packets come."},
    Term{.name = "STALLED", .text = "No packet has come for the stall timeout."},
    Term{.name = "FAILED", .text = "The join is not possible now; it is tried again."},
};
constexpr std::array<std::string_view, 3> kIgmpText{
    "As root the IGMP version of the interface is forced through the sysctl "
    "net.ipv4.conf.IF.force_igmp_version, and put back at every end, also by a signal or a crash. "
    "After a SIGKILL the next start of mcast-receive, mcast-send, mcast-status or mcast-agent puts "
    "it back.",
    "Several programs may force the same version on one interface; the last one puts back what the "
    "first one found. Another version is refused meanwhile.",
    "Only IGMPv3 reports carry a source, so a SOURCE with another version is an error."};
constexpr std::array<std::string_view, 2> kJsonText{
    "Keys: tool, version, group, source, interface, igmp_version_requested, elapsed_s, "
    "packets_recv, bytes_recv, packets_lost, duplicates, reordered, gaps (stalls), "
    "sender_restarts, senders_seen, foreign_packets, last_recv_ttl, last_orig_ttl, last_recv_dscp, "
    "last_orig_dscp; further: name, port, state, igmp_version_in_operation, loss_percent, "
    "packets_late, rejected, remarked_packets, ttl_changes, hops, jitter_s, join_delay_s, "
    "stalled_s, longest_interruption_s, errored_seconds, socket_drops, senders.",
    "With --groups the numbers are sums, and streams holds an object a group."};
constexpr std::array<std::string_view, 6> kAgentText{
    "With --agent the stream is one of a running mcast-agent, on its host and in its network "
    "namespace: it shows in its metrics and on its page, and root is not needed where the agent "
    "has it. The socket may be used by root and by its group. The stream ends with this command, "
    "or ten seconds after a kill -9.",
    "An IGMP version is forced only where --igmp-version asks for it. A join that is not possible "
    "is FAILED and tried again. Why nothing arrives is what the agent has found out. Numbers that "
    "are missing at the end count as lost only if the stream's loss timeout, a second, has passed "
    "by then.",
    "With --detach the command ends at once and the stream stays, until it is deleted or the "
    "agent ends. The command says how to watch and how to delete it; with --json it prints the "
    "agent's answer: name, streams, renew_within_s.",
    "Without GROUP, --name is a stream that the agent has already, from its configuration or from "
    "another command; a name that was given to several groups means all of them. It is watched and "
    "never changed: Ctrl-C leaves it as it is.",
    "The numbers of such a stream are counted since the stream began, not since the command did: "
    "so is what --json, the summary and the --fail-on options go by.",
    "An agent of another version is warned of. Where none answers, where it goes away, or where "
    "somebody deletes the stream, the command says so and ends with 1."};
constexpr std::array kFileTerms{
    Term{.name = "/run/mcast-agent",
         .text =
             "What is forced on which interface, and what to put back; shared with mcast-agent."},
    Term{.name = kDefaultAgentSocket, .text = "Where an agent answers."},
};
constexpr std::array kSections{
    Section{.title = "WHAT IT SHOWS", .paragraphs = kViewText, .terms = kStateTerms},
    Section{.title = "IGMP VERSION", .paragraphs = kIgmpText},
    Section{.title = "JSON", .paragraphs = kJsonText},
    Section{.title = "THE AGENT", .paragraphs = kAgentText},
    Section{.title = "FILES", .terms = kFileTerms},
};

constexpr CommandDescription kDescription{
    .name = "mcast-receive",
    .purpose = "join a multicast group and measure what arrives",
    .description =
        "Joins a multicast group and tells what arrives of the probe packets of mcast-send or "
        "mcast-agent: loss, interruptions, stalls, hops, DSCP, jitter, restarts of the sender. "
        "While nothing arrives, it looks for the reason.",
    .positionals = kPositionals,
    .options = kOptions,
    .examples = kExamples,
    .sections = kSections,
    .condition_met = "a condition that a --fail-on option asks for was met",
};

}  // namespace

const CommandDescription& receive_description() {
  return kDescription;
}

}  // namespace mcast::cli
