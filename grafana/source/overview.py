"""Lab overview: is everything well, and if not, where."""

from .panels import (Column, FAULT_THRESHOLDS, INSTANCE, JOB, LOSS_THRESHOLDS, STATE_MAPPINGS, dashboard, dashboard_url,
                     instance_variable, job_variable, link, one_of, page_link, row, stat, state_timeline, table,
                     thresholds, timeseries, value_mappings, variable)

HOSTS = f"{JOB},{INSTANCE}"
STREAMS = f"{HOSTS},{one_of('group')},{one_of('stream')}"
KEY = "instance, stream, group"

TO_STREAM = link("This stream", dashboard_url(
    "mcast-stream", stream="__data.fields.Stream"))
TO_HOST = link("This host", dashboard_url("mcast-host", instance="__data.fields.Host"))
TO_PATH = link("Path of this group", dashboard_url("mcast-path", group="__data.fields.Group"))


def in_state(state):
    return f'sum(mcast_receiver_state{{state="{state}",{STREAMS}}}) or vector(0)'


def worst(count, metric):
    """The series that were worst at any time shown: the same ones in the whole picture."""
    return (f"{metric}{{{STREAMS}}} and topk({count}, max_over_time({metric}{{{STREAMS}}}[$__range] @ end()))")


# Labels that lead from a finding or an alert to its stream are kept; what has none stays empty.
ALERTS = f'''
max by (alertname, severity, alertstate, instance, stream, group) (
  ALERTS{{alertname=~"Mcast.*",{STREAMS}}})
or on () label_replace(vector(0), "alertname", "none", "", "")
'''

AGENTS = f"max by (instance, page) (mcast:agent_page:info{{{HOSTS}}} * on (job, instance) group_left () up{{{HOSTS}}})"


def build():
    return dashboard(
        "mcast-overview",
        "State of every stream, stalls, worst loss and alerts of a multicast lab.",
        [
            job_variable(),
            instance_variable(f"label_values(mcast_agent_build_info{{{JOB}}}, instance)"),
            variable("group", "Group", f'label_values({{__name__=~"mcast_(receiver|sender)_info",{HOSTS}}}, group)'),
            variable("stream", "Stream",
                     f'label_values({{__name__=~"mcast_(receiver|sender)_info",{HOSTS},{one_of("group")}}}, stream)'),
        ],
        [
            (4, [
                (stat("Agents down", "Agents that Prometheus cannot scrape.",
                      f"count(up{{{HOSTS}}} == 0) or vector(0)", "none", steps=FAULT_THRESHOLDS), 3),
                (stat("Receiving", "Receivers that receive.", in_state("receiving"), "none",
                      steps=thresholds("green")), 3),
                (stat("Waiting", "Receivers that have joined and never received a packet.", in_state("waiting"),
                      "none", steps=thresholds("green", (1, "yellow"))), 3),
                (stat("Stalled", "Receivers that received, and now get nothing for longer than their stall timeout.",
                      in_state("stalled"), "none", steps=FAULT_THRESHOLDS), 3),
                (stat("Failed", "Receivers and senders that cannot run, for example without their interface.",
                      f'sum(mcast_receiver_state{{state="failed",{STREAMS}}} or '
                      f'mcast_sender_state{{state="failed",{STREAMS}}}) or vector(0)',
                      "none", steps=FAULT_THRESHOLDS), 3),
                (stat("Worst loss now", "The highest loss ratio of all streams in the last minute.",
                      f"max(mcast:receiver_loss:ratio_rate1m{{{STREAMS}}}) or vector(0)", "percentunit",
                      steps=LOSS_THRESHOLDS, decimals=2), 3),
                (stat("Stalls", "Stalls of all receivers in the time shown.",
                      f"sum(increase(mcast_receiver_stalls_total{{{STREAMS}}}[$__range])) or vector(0)",
                      "none", steps=FAULT_THRESHOLDS, decimals=0), 3),
                (stat("Alerts firing", "Firing alerts of these rules.",
                      f'count(ALERTS{{alertname=~"Mcast.*",alertstate="firing",{STREAMS}}}) or vector(0)',
                      "none", steps=FAULT_THRESHOLDS), 3),
            ]),
            (11, [
                (table("Streams", "Every receiver, the worst first. Loss and rates are of the last minute; of several "
                       "senders the worst counts. Bits are those of the UDP payload.", [
                           Column("State", expression=f"max by ({KEY}) (mcast:receiver_state:code{{{STREAMS}}})",
                                  mappings=STATE_MAPPINGS, coloured=True),
                           Column("Stream", label="stream", unit="string", links=[TO_STREAM]),
                           Column("Group", label="group", unit="string", links=[TO_PATH]),
                           Column("Host", label="instance", unit="string", links=[TO_HOST]),
                           Column("Loss", expression=f"max by ({KEY}) (mcast:receiver_loss:ratio_rate1m{{{STREAMS}}})",
                                  unit="percentunit", steps=LOSS_THRESHOLDS, decimals=2, coloured=True),
                           Column("Packets", unit="pps", decimals=1, expression=
                                  f"sum by ({KEY}) (rate(mcast_receiver_packets_total{{{STREAMS}}}[$__rate_interval]))"),
                           Column("Rate", unit="bps", decimals=2, expression=
                                  f"sum by ({KEY}) (8 * rate(mcast_receiver_bytes_total{{{STREAMS}}}"
                                  "[$__rate_interval]))"),
                           Column("Hops", expression=f"max by ({KEY}) (mcast_receiver_hops{{{STREAMS}}})"),
                           Column("Jitter", unit="s", decimals=1,
                                  expression=f"max by ({KEY}) (mcast_receiver_jitter_seconds{{{STREAMS}}})"),
                           Column("Stalls", decimals=0, expression=
                                  f"sum by ({KEY}) (increase(mcast_receiver_stalls_total{{{STREAMS}}}[$__range]))"),
                           Column("Last interruption", unit="s", decimals=1, expression=
                                  f"max by ({KEY}) (mcast_receiver_last_interruption_seconds{{{STREAMS}}} > 0)"),
                           Column("Interrupted", unit="dateTimeFromNow", expression=
                                  f"1000 * max by ({KEY}) "
                                  f"(mcast_receiver_last_interruption_timestamp_seconds{{{STREAMS}}} > 0)"),
                       ], sort="State", descending=True), 24),
            ]),
            (9, [
                (table("Alerts", "Pending and firing alerts of these rules; \"none\" is a row of its own.", [
                    Column("Alert", label="alertname", unit="string"),
                    Column("Severity", label="severity", unit="string"),
                    Column("State", label="alertstate", unit="string"),
                    Column("Stream", label="stream", unit="string", links=[TO_STREAM]),
                    Column("Host", label="instance", unit="string", links=[TO_HOST]),
                    Column("Alerts", expression=ALERTS),
                ], sort="Alert"), 14),
                (table("Hosts", "Every agent, with the address of its live page.", [
                    Column("Host", label="instance", unit="string", links=[TO_HOST]),
                    Column("Page", label="page", unit="string", links=[page_link("__data.fields.Page")]),
                    Column("Agent", expression=AGENTS, coloured=True,
                           mappings=value_mappings({0: ("down", "red"), 1: ("up", "green")})),
                ], sort="Host"), 10),
            ]),
            (1, [(row("Over time"), 24)]),
            (9, [
                (state_timeline("States", "The 30 receivers whose state was worst in the time shown.",
                                worst(30, "mcast:receiver_state:code"), "{{stream}} on {{instance}}",
                                STATE_MAPPINGS), 12),
                (timeseries("Worst loss", "Loss ratio of the 10 streams that lost most in the time shown.",
                            [(worst(10, "mcast:receiver_loss:ratio_rate1m"),
                              "{{stream}} on {{instance}} from {{sender}}")],
                            "percentunit", steps=LOSS_THRESHOLDS), 12),
            ]),
            (8, [
                (timeseries("Packets", "What all senders send, and what all receivers receive: with more than one "
                            "receiver a stream, more is received than sent.", [
                                (f"sum(rate(mcast_sender_packets_total{{{STREAMS}}}[$__rate_interval]))", "sent"),
                                (f"sum(rate(mcast_receiver_packets_total{{{STREAMS}}}[$__rate_interval]))",
                                 "received"),
                            ], "pps"), 8),
                (timeseries("Traffic", "The same in bits of UDP payload.", [
                    (f"sum(8 * rate(mcast_sender_bytes_total{{{STREAMS}}}[$__rate_interval]))", "sent"),
                    (f"sum(8 * rate(mcast_receiver_bytes_total{{{STREAMS}}}[$__rate_interval]))", "received"),
                ], "bps"), 8),
                (timeseries("Stalled time", "Share of the time that receivers are stalled, by host.",
                            [(f"avg by (instance) (rate(mcast_receiver_stalled_seconds_total{{{STREAMS}}}"
                              "[$__rate_interval]))", "{{instance}}")],
                            "percentunit", steps=FAULT_THRESHOLDS), 8),
            ]),
        ])
