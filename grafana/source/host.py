"""Host: what one host has joined, what IGMP and MLD say there, and how its agent is."""

from .panels import (Column, FAULT_THRESHOLDS, JOB, LOSS_THRESHOLDS, STATES, dashboard, dashboard_url,
                     exactly, instance_variable, job_variable, link, one_of, page_link, row, stat, table, thresholds,
                     timeseries,
                     value_mappings, variable)

HOST = f"{JOB},{exactly('instance')}"
STREAMS = f"{HOST},{one_of('group')},{one_of('stream')}"

YES_NO = value_mappings({0: ("no", "red"), 1: ("yes", "green")})

FINDINGS = f'''
max by (stream, check) (mcast_finding{{{HOST},{one_of("stream")}}} == 1)
or on () label_replace(vector(0), "check", "none", "", "")
'''
# The metrics of both have the same names behind these prefixes.
PROTOCOLS = {"IGMP": "mcast_igmp", "MLD": "mcast_mld"}


def querier(protocol, prefix):
    """An interface without a querier has a row, too."""
    return f'''label_replace(
        max by (interface, querier, version) ({prefix}_querier_info{{{HOST}}})
        or on (interface)
        label_replace(0 * max by (interface) ({prefix}_queries_total{{{HOST}}}), "querier", "none", "", ""),
        "protocol", "{protocol}", "", "")'''


QUERIERS = " or ".join(querier(protocol, prefix) for protocol, prefix in PROTOCOLS.items())


def build():
    def interface_column(name, metric, **options):
        return Column(name, expression=f"max by (interface) ({metric}{{{HOST}}})", **options)

    def stream_column(name, expression, **options):
        return Column(name, expression=f"max by (stream, group, interface) ({expression})", **options)

    return dashboard(
        "mcast-host",
        "One host: streams, memberships, versions and queriers of IGMP and MLD, findings, socket drops, and the agent "
        "itself.",
        [
            job_variable(),
            instance_variable(f"label_values(mcast_agent_build_info{{{JOB}}}, instance)",
                     several=False),
            variable("group", "Group", f"label_values(mcast_membership_users{{{HOST}}}, group)"),
            variable("stream", "Stream", f'label_values({{__name__=~"mcast_(receiver|sender)_info",{HOST}}}, stream)'),
        ],
        [
            (4, [
                (stat("Agent", "Whether Prometheus can scrape the agent.", f"max(up{{{HOST}}})", "none",
                      mappings=value_mappings({0: ("down", "red"), 1: ("up", "green")})), 3),
                (stat("Live page", "Where the agent shows its streams and what is wrong, in a browser.",
                      f"mcast:agent_page:info{{{HOST}}}", "none", legend="{{page}}", text="name",
                      steps=thresholds("blue"), links=[page_link("__field.labels.page")]), 5),
                (stat("Version", "What the agent was built from.", f"mcast_agent_build_info{{{HOST}}}", "none",
                      legend="{{version}} {{revision}}", text="name", steps=thresholds("blue")), 4),
                (stat("Up since", "When the agent started.", f"1000 * process_start_time_seconds{{{HOST}}}",
                      "dateTimeFromNow", steps=thresholds("blue")), 3),
                (stat("Configuration read", "Whether the last reload of the configuration was successful.",
                      f"mcast_agent_config_last_reload_successful{{{HOST}}}", "none", mappings=YES_NO), 3),
                (stat("Socket drops", "Datagrams that this host threw away in the time shown, because the agent did "
                      "not read them fast enough.",
                      f"sum(increase(mcast_socket_drops_total{{{HOST}}}[$__range])) or vector(0)", "none",
                      steps=FAULT_THRESHOLDS, decimals=0), 3),
                (stat("Silent streams", "Receivers of this host that wait, are stalled or failed.",
                      f'sum(mcast_receiver_state{{state!~"receiving|ended",{STREAMS}}}) or vector(0)', "none",
                      steps=FAULT_THRESHOLDS), 3),
            ]),
            (9, [
                (table("Streams of this host", "Receivers and senders, with their packets now; loss is of receivers.", [
                    stream_column("State", f"mcast:receiver_state:code{{{STREAMS}}} or "
                                  f'6 - mcast_sender_state{{state="sending",{STREAMS}}}', mappings=value_mappings(
                                      STATES | {5: ("sending", "blue"), 6: ("not sending", "text")}),
                                  coloured=True),
                    Column("Stream", label="stream", unit="string", links=[
                        link("This stream", dashboard_url("mcast-stream", stream="__data.fields.Stream"))]),
                    Column("Group", label="group", unit="string", links=[
                        link("Path of this group", dashboard_url("mcast-path", group="__data.fields.Group"))]),
                    Column("Interface", label="interface", unit="string"),
                    stream_column("Received", f"rate(mcast_receiver_packets_total{{{STREAMS}}}[$__rate_interval])",
                                  unit="pps", decimals=1),
                    stream_column("Sent", f"rate(mcast_sender_packets_total{{{STREAMS}}}[$__rate_interval])",
                                  unit="pps", decimals=1),
                    stream_column("Rate", f"8 * (rate(mcast_receiver_bytes_total{{{STREAMS}}}[$__rate_interval]) or "
                                  f"rate(mcast_sender_bytes_total{{{STREAMS}}}[$__rate_interval]))", unit="bps",
                                  decimals=2),
                    stream_column("Loss", f"mcast:receiver_loss:ratio_rate1m{{{STREAMS}}}", unit="percentunit",
                                  decimals=2, steps=LOSS_THRESHOLDS, coloured=True),
                ], sort="Stream"), 16),
                (table("Findings", "Why receivers of this host get nothing; \"none\" when they receive, or nothing "
                       "was found.", [
                           Column("Finding", label="check", unit="string"),
                           Column("Stream", label="stream", unit="string", links=[
                               link("This stream", dashboard_url("mcast-stream", stream="__data.fields.Stream"))]),
                           Column("Found", expression=FINDINGS),
                       ], sort="Finding"), 8),
            ]),
            (1, [(row("Memberships, IGMP and MLD"), 24)]),
            (9, [
                (table("Memberships", "Groups that sockets of this host, or its kernel, have joined.", [
                    Column("Group", label="group", unit="string", links=[
                        link("Path of this group", dashboard_url("mcast-path", group="__data.fields.Group"))]),
                    Column("Interface", label="interface", unit="string"),
                    Column("Family", label="family", unit="string"),
                    Column("Users", expression=f"max by (group, interface, family) "
                           f"(mcast_membership_users{{{HOST},{one_of('group')}}})"),
                ], sort="Group"), 12),
                (table("Versions by interface", "Versions that the interface uses, and those that sysctls force (0: "
                       "none).", [
                           Column("Interface", label="interface", unit="string"),
                           interface_column("IGMP", "mcast_igmp_version",
                                            steps=thresholds("red", (2, "yellow"), (3, "green")), coloured=True),
                           interface_column("IGMP forced", "mcast_igmp_forced_version"),
                           interface_column("MLD", "mcast_mld_version",
                                            steps=thresholds("yellow", (2, "green")), coloured=True),
                           interface_column("MLD forced", "mcast_mld_forced_version"),
                       ], sort="Interface"), 6),
                (table("Queriers", "Who asks for memberships on each interface watched; 0.0.0.0 is a switch in a "
                       "router's place.", [
                           Column("Interface", label="interface", unit="string"),
                           Column("Protocol", label="protocol", unit="string"),
                           Column("Querier", label="querier", unit="string"),
                           Column("Version", label="version", unit="string"),
                           Column("Present", expression=QUERIERS, mappings=YES_NO),
                       ], sort="Interface"), 6),
            ]),
            (8, [
                (timeseries("Queries", "Queries of IGMP and MLD seen on each interface, and those of MLD that no host "
                            "answers.", [
                                *((f"60 * rate({prefix}_queries_total{{{HOST}}}[$__rate_interval])",
                                   protocol + " on {{interface}}") for protocol, prefix in PROTOCOLS.items()),
                                (f"60 * rate(mcast_mld_invalid_queries_total{{{HOST}}}[$__rate_interval])",
                                 "MLD, not answered, on {{interface}}")], "opm"), 8),
                (timeseries("Reports sent", "Reports that this host sent, by the version used.", [
                    (f"60 * rate({prefix}_reports_sent_total{{{HOST}}}[$__rate_interval])",
                     protocol + "v{{version}} on {{interface}}") for protocol, prefix in PROTOCOLS.items()], "opm"), 8),
                (timeseries("Joins and leaves", "Memberships that appeared and went away.", [
                    (f"60 * rate(mcast_membership_joins_total{{{HOST}}}[$__rate_interval])", "joins on {{interface}}, {{family}}"),
                    (f"60 * rate(mcast_membership_leaves_total{{{HOST}}}[$__rate_interval])",
                     "leaves on {{interface}}, {{family}}")], "opm"), 8),
            ]),
            (1, [(row("Sockets and agent"), 24)]),
            (8, [
                (timeseries("Datagrams", "Datagrams that the agent read.", [
                    (f"rate(mcast_socket_datagrams_total{{{HOST}}}[$__rate_interval])", "port {{port}}, {{family}}"),
                    (f"rate(mcast_socket_unmatched_datagrams_total{{{HOST}}}[$__rate_interval])",
                     "of no receiver, port {{port}}, {{family}}")], "pps"), 8),
                (timeseries("Drops", "Datagrams that the socket dropped: loss on this host, not in the network.", [
                    (f"rate(mcast_socket_drops_total{{{HOST}}}[$__rate_interval])", "port {{port}}, {{family}}")],
                            "pps", steps=FAULT_THRESHOLDS), 8),
                (timeseries("Processor", "Share of one processor that the agent takes.", [
                    (f"rate(process_cpu_seconds_total{{{HOST}}}[$__rate_interval])", "{{instance}}")],
                            "percentunit"), 8),
            ]),
            (8, [
                (timeseries("Memory", "Resident memory of the agent.",
                            [(f"process_resident_memory_bytes{{{HOST}}}", "{{instance}}")], "bytes"), 8),
                (timeseries("Collectors", "How long each part of a scrape took.",
                            [(f"mcast_collector_duration_seconds{{{HOST}}}", "{{collector}}")], "s"), 8),
                (table("Collectors that answered", "Sources of numbers; one that does not answer has metrics that are "
                       "missing or old.", [
                           Column("Collector", label="collector", unit="string"),
                           Column("Answered", mappings=YES_NO, coloured=True, expression=
                                  f"min by (collector) (mcast_collector_success{{{HOST}}})"),
                       ], sort="Collector"), 4),
                (timeseries("Open files", "File descriptors of the agent, and how many it may have.", [
                    (f"process_open_fds{{{HOST}}}", "open"), (f"process_max_fds{{{HOST}}}", "limit")], "none"), 4),
            ]),
        ])
