#include <array>

#include "cli/arguments/command_description.h"

namespace mcast::cli {
namespace {

constexpr std::array kOptions{
    OptionDescription{.name = "--config.file",
                      .value = "FILE",
                      .text =
                          "Configuration file (YAML); without it the agent runs a "
                          "demonstration, one sender and one receiver on the loopback interface",
                      .completion = Completion::kFile},
    OptionDescription{.name = "--config.check",
                      .text = "Check the configuration file, print every error in it as "
                              "FILE:LINE:COLUMN, and end: with 0 if it is fine, with 2 if not"},
    OptionDescription{.name = "--web.listen-address",
                      .value = "[HOST]:PORT",
                      .text = "Address and port for HTTP; may be given several times",
                      .default_value = ":19779, on every address",
                      .repeatable = true},
    OptionDescription{.name = "--web.config.file",
                      .value = "FILE",
                      .text = "TLS and users for HTTP over TCP, in the format of Prometheus "
                              "exporters (YAML); writing over TCP needs both",
                      .completion = Completion::kFile},
    OptionDescription{.name = "--api.socket",
                      .value = "PATH",
                      .text = "Unix socket for HTTP, where streams can be added and removed, too; "
                              "empty: none",
                      .default_value = "/run/mcast-agent/api.sock, or none where that cannot be "
                                       "made",
                      .completion = Completion::kFile},
    OptionDescription{.name = "--api.socket-group",
                      .value = "GROUP",
                      .text = "Group that may use the Unix socket, besides root and the user of "
                              "the agent",
                      .default_value = "mcast-agent if there is such a group, else that of the "
                                       "agent"},
    OptionDescription{.name = "--log.level",
                      .value = "debug|info|warn|error",
                      .text = "Least severe messages that are logged; the log goes to stderr, as "
                              "logfmt",
                      .default_value = "info"},
    OptionDescription{.name = "--help", .short_name = "-h", .text = "Print a short help and end"},
    OptionDescription{.name = "--version", .text = "Print the version and end"},
};

constexpr std::array kExamples{
    Example{.command = "mcast-agent",
            .text = "The demonstration; then look at http://localhost:19779/metrics"},
    Example{.command = "mcast-agent --config.file=/etc/mcast-agent/mcast-agent.yml",
            .text = "What a service runs"},
    Example{.command = "mcast-agent --config.file=new.yml --config.check",
            .text = "Before a configuration goes live"},
    Example{.command = "ip netns exec h1 mcast-agent --config.file=h1.yml "
                       "--web.listen-address=10.1.1.1:19779",
            .text = "One agent a network namespace"},
};

constexpr std::array<std::string_view, 2> kConfigurationText{
    "A YAML file with a list of senders, a list of receivers, or both; docs/configuration.md in "
    "the documentation of the project tells more of each key. Unknown keys, duplicate keys, wrong "
    "types and values out of range are refused, all of them in one run.",
    "The keys are:"};
constexpr std::array kConfigurationTerms{
    Term{.name = "senders:",
         .text = "Each has a name and a group; further count, interface, "
                 "source, port, labels, rate, size, ttl, dscp, loopback."},
    Term{.name = "receivers:",
         .text = "Each has a name and a group; further count, interface, source (which makes it "
                 "an SSM join), port, labels, stall_timeout, loss_timeout, igmp_version."},
    Term{.name = "defaults:", .text = "Any of these keys except name and group."},
    Term{.name = "igmp:", .text = "watch: the interfaces whose memberships are exported."},
};

constexpr std::array kHttpTerms{
    Term{.name = "/metrics", .text = "Everything, for Prometheus (docs/metrics.md)."},
    Term{.name = "/-/healthy", .text = "200 while the process answers."},
    Term{.name = "/-/ready", .text = "200 once the streams were started, 503 before."},
};

constexpr std::array kSignalTerms{
    Term{.name = "SIGTERM, SIGINT",
         .text = "Leave all groups, put forced IGMP versions back and "
                 "end with 0."},
};

constexpr std::array<std::string_view, 1> kPrivilegesText{
    "An ordinary user can run the agent. Root, or CAP_NET_ADMIN, is needed for a receive buffer "
    "beyond net.core.rmem_max; root for igmp_version in the configuration."};

constexpr std::array kFileTerms{
    Term{.name = "/etc/mcast-agent/mcast-agent.yml",
         .text = "The configuration, by convention; no file is read without --config.file."},
    Term{.name = "/run/mcast-agent/api.sock", .text = "The Unix socket, with mode 0660."},
    Term{.name = "/run/mcast-agent",
         .text = "Which IGMP version is forced on which interface, and what to put back; shared "
                 "with mcast-receive."},
};

constexpr std::array kSections{
    Section{
        .title = "CONFIGURATION", .paragraphs = kConfigurationText, .terms = kConfigurationTerms},
    Section{.title = "HTTP", .terms = kHttpTerms},
    Section{.title = "SIGNALS", .terms = kSignalTerms},
    Section{.title = "PRIVILEGES", .paragraphs = kPrivilegesText},
    Section{.title = "FILES", .terms = kFileTerms},
};

constexpr CommandDescription kDescription{
    .name = "mcast-agent",
    .purpose = "multicast test agent with Prometheus metrics",
    .description =
        "Sends and receives multicast probe packets as configured, and serves loss, interruptions, "
        "hops, DSCP remarks, stalls and sender restarts of each stream, and the kernel's own view "
        "of memberships and IGMP versions, as Prometheus metrics. It speaks the packets of "
        "mcast-send and mcast-receive.",
    .positionals = {},
    .options = kOptions,
    .examples = kExamples,
    .sections = kSections,
    .environment = {},
    .wrong_use = "wrong arguments or a wrong configuration",
    .manual_section = 8,
};

}  // namespace

const CommandDescription& agent_description() {
  return kDescription;
}

}  // namespace mcast::cli
