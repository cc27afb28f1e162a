"""Stream: everything about one stream, at its senders and at all its receivers."""

from .panels import (Column, DSCP_MAPPINGS, FAULT_THRESHOLDS, INSTANCE, JOB, LOSS_THRESHOLDS, STATE_MAPPINGS,
                     annotation, bars, dashboard, dashboard_url, exactly, instance_variable, job_variable, link,
                     one_of, row, stat, state_timeline, table, thresholds, timeseries, variable)

# A sender may call the stream something else than its receivers do: the group is what they share.
RECEIVERS = ",".join([JOB, INSTANCE, one_of("group"), exactly("stream")])
SENDERS = f"{JOB},{one_of('group')}"
WHO = "{{instance}} from {{sender}}"
KEY = "instance, group, interface"
SENDER_KEY = "instance, stream, group, interface"


def rate(metric, extra=""):
    return f"rate({metric}{{{RECEIVERS}{extra}}}[$__rate_interval])"


def column(name, expression, **options):
    return Column(name, expression=f"max by ({KEY}) ({expression})", **options)


def last_interruption(metric):
    return f"mcast_receiver_last_interruption_{metric}{{{RECEIVERS}}}"


# Of all receivers the one that was interrupted last.
NEWEST = f"{last_interruption('timestamp_seconds')} == scalar(max({last_interruption('timestamp_seconds')}))"


# A row that says so where nothing is found: an empty table could be a missing metric as well.
FINDINGS = f'''
max by (instance, check) (mcast_finding{{{JOB},{INSTANCE},{exactly("stream")}}} == 1)
or on () label_replace(vector(0), "check", "none", "", "")
'''


def build():
    return dashboard(
        "mcast-stream",
        "One stream: what its senders send, what each receiver gets, with stalls, restarts, remarks and changes of "
        "the path as marks.",
        [
            job_variable(),
            variable("stream", "Stream", f"label_values(mcast_receiver_info{{{JOB}}}, stream)", several=False),
            variable("group", "Group", f"label_values(mcast_receiver_info{{{JOB},{exactly('stream')}}}, group)"),
            instance_variable(f"label_values(mcast_receiver_info{{{JOB},{exactly('stream')}}}, "
                     "instance)"),
        ],
        [
            (4, [
                (stat("Receiving", "Receivers of this stream that receive.",
                      f'sum(mcast_receiver_state{{state="receiving",{RECEIVERS}}})', "none",
                      steps=thresholds("red", (1, "green"))), 3),
                (stat("Not receiving", "Receivers that wait, are stalled or failed.",
                      f'sum(mcast_receiver_state{{state!~"receiving|ended",{RECEIVERS}}})', "none",
                      steps=FAULT_THRESHOLDS), 3),
                (stat("Worst loss", "The highest loss ratio of the receivers in the last minute.",
                      f"max(mcast:receiver_loss:ratio_rate1m{{{RECEIVERS}}}) or vector(0)", "percentunit",
                      steps=LOSS_THRESHOLDS, decimals=2), 3),
                (stat("Packets sent", "What the senders of this group send now.",
                      f"sum(rate(mcast_sender_packets_total{{{SENDERS}}}[$__rate_interval])) or vector(0)", "pps",
                      steps=thresholds("red", (1e-9, "green")), sparkline=True), 3),
                (stat("Traffic sent", "The same in bits of UDP payload.",
                      f"sum(8 * rate(mcast_sender_bytes_total{{{SENDERS}}}[$__rate_interval])) or vector(0)", "bps",
                      steps=thresholds("red", (1e-9, "green")), sparkline=True), 3),
                (stat("Last interruption", "How long the last interruption at any receiver took, in time of the sender; "
                      "0 when there was none.",
                      f"max({last_interruption('seconds')} and {NEWEST}) or vector(0)", "s",
                      steps=thresholds("green", (0.05, "yellow"), (1, "red")), decimals=1), 3),
                (stat("Interrupted", "When the last interruption at any receiver ended.",
                      f"1000 * max({last_interruption('timestamp_seconds')} > 0)", "dateTimeFromNow",
                      steps=thresholds("blue")), 3),
                (stat("Stalls", "Stalls of all receivers in the time shown.",
                      f"sum(increase(mcast_receiver_stalls_total{{{RECEIVERS}}}[$__range])) or vector(0)", "none",
                      steps=FAULT_THRESHOLDS, decimals=0), 3),
            ]),
            (7, [
                (state_timeline("States", "State of each receiver.", f"mcast:receiver_state:code{{{RECEIVERS}}}",
                                "{{instance}}", STATE_MAPPINGS), 16),
                (table("Findings", "Why receivers get nothing, as their agents found out; \"none\" where they receive "
                       "or the reason is not known.", [
                           Column("Finding", label="check", unit="string"),
                           Column("Host", label="instance", unit="string", links=[
                               link("This host", dashboard_url("mcast-host", instance="__data.fields.Host"))]),
                           Column("Found", expression=FINDINGS),
                       ], sort="Finding"), 8),
            ]),
            (8, [(table("Receivers", "Each receiver as it is now. Of several senders the worst or highest counts.", [
                column("State", f"mcast:receiver_state:code{{{RECEIVERS}}}", mappings=STATE_MAPPINGS, coloured=True),
                Column("Host", label="instance", unit="string", links=[
                    link("This host", dashboard_url("mcast-host", instance="__data.fields.Host"))]),
                Column("Group", label="group", unit="string", links=[
                    link("Path of this group", dashboard_url("mcast-path", group="__data.fields.Group"))]),
                Column("Interface", label="interface", unit="string"),
                column("Loss", f"mcast:receiver_loss:ratio_rate1m{{{RECEIVERS}}}", unit="percentunit",
                       steps=LOSS_THRESHOLDS, decimals=2, coloured=True),
                Column("Rate", unit="bps", decimals=2, expression=
                       f"sum by ({KEY}) (8 * {rate('mcast_receiver_bytes_total')})"),
                column("Hops", f"mcast_receiver_hops{{{RECEIVERS}}}"),
                column("DSCP sent", f"mcast_receiver_sent_dscp{{{RECEIVERS}}}", mappings=DSCP_MAPPINGS),
                column("DSCP arrived", f"mcast_receiver_dscp{{{RECEIVERS}}}", mappings=DSCP_MAPPINGS),
                column("Join delay", f"mcast_receiver_join_delay_seconds{{{RECEIVERS}}}", unit="s"),
                column("Last interruption", f"{last_interruption('seconds')} > 0", unit="s", decimals=1),
                column("Interrupted", f"1000 * ({last_interruption('timestamp_seconds')} > 0)",
                       unit="dateTimeFromNow"),
                column("Longest", f"mcast_receiver_longest_interruption_seconds{{{RECEIVERS}}} > 0", unit="s",
                       decimals=1),
                column("Senders", f"mcast_receiver_senders{{{RECEIVERS}}}"),
                column("Last packet", f"1000 * mcast_receiver_last_packet_timestamp_seconds{{{RECEIVERS}}}",
                       unit="dateTimeFromNow"),
            ], sort="State", descending=True), 24)]),
            (1, [(row("Packets"), 24)]),
            (9, [
                (timeseries("Sent and received", "Packets of each sender of the group, and of each receiver.", [
                    (f"rate(mcast_sender_packets_total{{{SENDERS}}}[$__rate_interval])", "sent by {{instance}}"),
                    (rate("mcast_receiver_packets_total"), "received by " + WHO)], "pps"), 8),
                (timeseries("Traffic", "The same in bits of UDP payload.", [
                    (f"8 * rate(mcast_sender_bytes_total{{{SENDERS}}}[$__rate_interval])", "sent by {{instance}}"),
                    (f"8 * {rate('mcast_receiver_bytes_total')}", "received by " + WHO)], "bps"), 8),
                (timeseries("Loss", "Share of the packets that did not arrive in time, in the minute before; while "
                            "nothing comes, of those that were due.", [(f"mcast:receiver_loss:ratio_rate1m{{{RECEIVERS}}}", WHO)],
                            "percentunit", steps=LOSS_THRESHOLDS), 8),
            ]),
            (8, [
                (timeseries("Late, duplicate, reordered", "Packets that arrived otherwise than once and in order.", [
                    (rate("mcast_receiver_late_packets_total"), "late, " + WHO),
                    (rate("mcast_receiver_duplicate_packets_total"), "duplicate, " + WHO),
                    (rate("mcast_receiver_reordered_packets_total"), "reordered, " + WHO)], "pps"), 8),
                (timeseries("Jitter", "Interarrival jitter (RFC 3550).",
                            [(f"mcast_receiver_jitter_seconds{{{RECEIVERS}}}", WHO)], "s"), 8),
                (timeseries("Rejected", "Datagrams to the group that are no probe packets of this version.", [
                    (f"sum by (instance, reason) ({rate('mcast_receiver_rejected_packets_total')})",
                     "{{reason}} at {{instance}}")], "pps"), 8),
            ]),
            (8, [
                (timeseries("Interruptions", "Runs of lost packets that ended, each as one interruption, in the "
                            "minute before.", [(f"increase(mcast_receiver_interruption_seconds_count{{{RECEIVERS}}}[1m])",
                                                WHO)], "none"), 8),
                (bars("Loss bursts", "How many packets were lost at a time, in the time shown: bursts no longer than "
                      "so many packets, all receivers together.",
                      f"sum by (le) (increase(mcast_receiver_loss_burst_packets_bucket{{{RECEIVERS}}}[$__range]))",
                      "{{le}}", "none", decimals=0), 8),
                (timeseries("Errored seconds", "Share of the seconds in which a packet was lost.",
                            [(rate("mcast_receiver_errored_seconds_total"), WHO)], "percentunit", maximum=None), 8),
            ]),
            (1, [(row("Path and marking"), 24)]),
            (8, [
                (timeseries("Hops", "Routers on the way; a step is a change of the path.",
                            [(f"mcast_receiver_hops{{{RECEIVERS}}}", WHO)], "none", step_line=True, minimum=None), 8),
                (timeseries("DSCP", "Marking that was sent and that arrived.", [
                    (f"mcast_receiver_sent_dscp{{{RECEIVERS}}}", "sent to " + WHO),
                    (f"mcast_receiver_dscp{{{RECEIVERS}}}", "arrived at " + WHO)], "none", step_line=True,
                    maximum=63, mappings=DSCP_MAPPINGS), 8),
                (timeseries("Remarked", "Packets that arrived with another DSCP than they were sent with.",
                            [(rate("mcast_receiver_remarked_packets_total"), WHO)], "pps", steps=FAULT_THRESHOLDS), 8),
            ]),
            (1, [(row("Senders of the group"), 24)]),
            (8, [
                (table("Senders", "Each sender of the group.", [
                    Column("Host", label="instance", unit="string", links=[
                        link("This host", dashboard_url("mcast-host", instance="__data.fields.Host"))]),
                    Column("Stream", label="stream", unit="string"),
                    Column("Group", label="group", unit="string"),
                    Column("Interface", label="interface", unit="string"),
                    Column("Rate", unit="pps", decimals=1, expression=f"max by ({SENDER_KEY}) "
                           f"(rate(mcast_sender_packets_total{{{SENDERS}}}[$__rate_interval]))"),
                    Column("Traffic", unit="bps", decimals=2, expression=f"max by ({SENDER_KEY}) "
                           f"(8 * rate(mcast_sender_bytes_total{{{SENDERS}}}[$__rate_interval]))"),
                    Column("Configured", unit="pps", decimals=1, expression=f"max by ({SENDER_KEY}) "
                           f"(mcast_sender_target_packets_per_second{{{SENDERS}}})"),
                    Column("Skipped", decimals=0, expression=f"max by ({SENDER_KEY}) "
                           f"(increase(mcast_sender_skipped_packets_total{{{SENDERS}}}[$__range]))"),
                ], sort="Host"), 8),
                (timeseries("Lag", "How long after its time a packet was sent: 99 of 100 are faster.", [(
                    "histogram_quantile(0.99, sum by (instance, le) "
                    f"(rate(mcast_sender_schedule_lag_seconds_bucket{{{SENDERS}}}[$__rate_interval])))",
                    "{{instance}}")], "s"), 8),
                (timeseries("Errors", "Packets that the sending host's kernel refused.", [(
                    f"sum by (instance, error) (rate(mcast_sender_errors_total{{{SENDERS}}}[$__rate_interval]))",
                    "{{error}} at {{instance}}")], "pps", steps=FAULT_THRESHOLDS), 8),
            ]),
        ],
        [
            annotation("Stalls", "", f'mcast_receiver_state{{state="stalled",{RECEIVERS}}} == 1', "red",
                       "stalled on {{instance}}"),
            annotation("Sender restarts", "", f"changes(mcast_receiver_sender_restarts_total{{{RECEIVERS}}}[1m]) > 0",
                       "blue", "{{sender}} restarted, seen by {{instance}}"),
            annotation("Remarks", "", f"changes(mcast_receiver_remarked_packets_total{{{RECEIVERS}}}[1m]) > 0",
                       "orange", "DSCP changed on the way from {{sender}} to {{instance}}"),
            annotation("Path changes", "", f"changes(mcast_receiver_ttl_changes_total{{{RECEIVERS}}}[1m]) > 0",
                       "purple", "TTL or hop limit on arrival from {{sender}} changed at {{instance}}"),
        ])
