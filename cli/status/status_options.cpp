#include "cli/arguments/argument_values.h"
#include "cli/arguments/command_line.h"
#include "cli/session/agent_client.h"
#include "cli/status/status_command.h"
#include "cli/status/why_report.h"

namespace mcast::cli {

std::variant<StatusOptions, EndNow> parse_status_options(
    std::span<const std::string_view> arguments) {
  StatusOptions options;
  std::uint16_t port = 0;
  // Titles in the help.
  constexpr const char* kTable = "Table";
  constexpr const char* kWhy = "Why nothing arrives";
  constexpr const char* kOther = "Other";
  CommandLine line(
      "mcast-status", "[OPTIONS]",
      R"(Shows the multicast memberships of this host as the kernel has them: interface,
version of IGMP or MLD, group, users, sources, and which streams of
mcast-receive and mcast-agent hold them. Needs neither root nor an agent.)",
      R"(Examples:
  mcast-status
      What this host has joined, and who holds it
  mcast-status -i eth1 --watch
      And each join and leave on eth1 as it happens
  mcast-status --why 239.0.10.101
      Why a receiver of this group gets nothing
  mcast-status --why 232.1.1.1,10.1.1.1 -i eth1 --for 10s
      The same for (S,G) on one interface, after ten seconds
  mcast-status --json | jq '.interfaces[].memberships[].group'
      The groups, for a script
  mcast-status --agent --watch
      The streams of the agent, then its events as they happen

Exit codes: 0 fine, 1 failed at run time, 2 wrong arguments, 3 --why has found
something wrong, 4 --why found nothing, but could not see enough to be sure.)");
  line.add_flag("--all,-a", options.selection.all,
                "Show also the groups that every host is in, and the loopback interface")
      ->group(kTable);
  line.add_value("--interface,-i", options.selection.interface, interface_name,
                 "Show only this interface (the loopback interface too)")
      ->type_name("IF")
      ->default_str("every one but the loopback interface")
      ->group(kTable);
  line.add_flag("--watch,-w", options.watch,
                "Then print a line for each join and leave as it happens, until Ctrl-C")
      ->group(kTable);
  line.add_value("--why", options.why, parse_why,
                 "Say why nothing arrives for this group, or leaves where this host sends it: look "
                 "at everything that can be wrong on this host and listen to the wire for a while; "
                 "exit with 3 if something is wrong, with 4 if too little can be seen to be sure")
      ->type_name("GROUP[,SOURCE]")
      ->group(kWhy);
  const auto why_watch = [](std::string_view name, std::string_view text) {
    return duration(name, text, 100 * kMillisecond, 3600 * kSecond);
  };
  line.add_value("--for", options.why_watch, why_watch,
                 "With --why: listen for so long, for example 10s or 500ms")
      ->type_name("TIME")
      ->default_str("3s")
      ->group(kWhy);
  line.add_flag("--verbose,-v", options.verbose,
                "With --why: also list what is fine and what is unknown")
      ->group(kWhy);
  line.add_value("--port,-p", port, number_of("port"), "With --why: the UDP port of the stream")
      ->type_name("PORT")
      ->default_str("that of the stream that holds the group, else any that is open")
      ->group(kWhy);
  line.add_optional_value("--agent", kDefaultAgentSocket, options.agent, agent_socket,
                          "Ask the agent that answers at this socket: its streams, what it has "
                          "found out about silent ones, and its host's memberships")
      ->type_name("SOCKET")
      ->group(kOther);
  line.add_flag("--json", options.json,
                "Print one JSON object on stdout, and nothing else there; with --watch a JSON "
                "object a line")
      ->group(kOther);

  if (const auto end = line.parse(arguments)) return *end;
  const bool why = line.given("--why");
  if (why && line.given("--agent")) {
    line.refuse(
        "--why looks at this host and its wire by itself; run it without --agent, where "
        "the packets should arrive");
  }
  line.read_values();
  if (why && line.given("--watch")) line.refuse("--watch and --why: one at a time");
  for (const char* name : {"--for", "--port", "--verbose"}) {
    if (!why && line.given(name)) line.refuse(std::string(name) + " goes with --why GROUP");
  }
  if (options.why) {
    const std::string& named = options.selection.interface;
    std::string& interface = options.why->interface;
    if (!named.empty() && !interface.empty() && named != interface) {
      line.refuse("--why: the group's zone is " + interface + ", and --interface " + named);
    }
    if (!named.empty()) interface = named;
    if (port != 0) options.why->port = port;
  }
  if (const auto end = line.refused()) return *end;
  return options;
}

}  // namespace mcast::cli
