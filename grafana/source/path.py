"""Path: the packets of one (S,G) at the sender, at each router, and at each receiver."""

from .panels import (Column, FAULT_THRESHOLDS, INSTANCE, JOB, dashboard, dashboard_url, exactly, instance_variable,
                     job_variable, link, row, stat, table, thresholds, timeseries, variable)

GROUP = f"{JOB},{exactly('group')}"
HOSTS = f"{GROUP},{INSTANCE}"
# Of a link-local source each host knows another zone, its own interface.
SOURCE = "`${source:regex}(%.*)?`"


def parts(rate):
    """Step of the way -> its packets. `rate`: what becomes of a counter.

    Senders count only if they have the source's address. A receiver that never heard the source
    has no series of it: it is shown with 0.
    """
    return {
        "1 sender": f'''sum by (instance, interface) (
            {rate('mcast_sender_packets_total', HOSTS)}
            and on (job, instance) mcast_agent_address_info{{{JOB},{INSTANCE},address=~{SOURCE}}})''',
        "2 router": f"sum by (instance, interface) ({rate('mcast_route_packets_total', f'{HOSTS},source=~{SOURCE}')})",
        "3 receiver": f'''(
            sum by (instance, interface) ({rate('mcast_receiver_packets_total', f'{HOSTS},sender=~{SOURCE}')})
            or 0 * max by (instance, interface) (mcast_receiver_state{{{HOSTS}}}))''',
    }


def along_the_way(way):
    return " or ".join(
        f'label_replace({expression}, "step", "{name}", "", "")' for name, expression in way.items())


PER_SECOND = parts(lambda counter, labels: f"rate({counter}{{{labels}}}[$__rate_interval])")
IN_ALL = parts(lambda counter, labels: f"increase({counter}{{{labels}}}[$__range])")
# What all are measured by: the sender, or the first who knows where no agent is at the sender.
REFERENCE = "scalar(" + " or ".join(f"max({expression})" for expression in PER_SECOND.values()) + ")"


def build():
    routes = f"{HOSTS},source=~{SOURCE}"
    wrong = f"rate(mcast_route_wrong_interface_packets_total{{{routes}}}[$__rate_interval])"
    return dashboard(
        "mcast-path",
        "Where the packets of one source and group vanish: at the sender, at each router that runs an agent, and at "
        "each receiver.",
        [
            job_variable(),
            variable("group", "Group", f'label_values(mcast:group_source:info{{{JOB}}}, group)', several=False),
            variable("source", "Source", f"label_values(mcast:group_source:info{{{GROUP}}}, source)", several=False,
                     description="Address of the sender."),
            instance_variable(f"label_values(mcast_agent_build_info{{{JOB}}}, instance)"),
        ],
        [
            (4, [
                (stat("Sent", "What the sender sends.", f"sum({PER_SECOND['1 sender']}) or vector(0)", "pps",
                      steps=thresholds("red", (1e-9, "green")), decimals=1), 6),
                (stat("Routers with a route", "Routers with an agent that have packets of this source and group.",
                      f"count(count by (instance) (mcast_route_packets_total{{{routes}}})) or vector(0)", "none",
                      steps=thresholds("blue")), 6),
                (stat("Receivers", "Hosts that receive this source.", f'''
                    count(count by (instance)
                      (rate(mcast_receiver_packets_total{{{HOSTS},sender=~{SOURCE}}}[$__rate_interval]) > 0))
                    or vector(0)''', "none", steps=thresholds("red", (1, "green"))), 6),
                (stat("Receivers without packets", "Hosts that have a receiver of the group and get nothing from this "
                      "source.", f'''
                    count(count by (instance) (mcast_receiver_state{{{HOSTS}}}) unless on (instance)
                      (rate(mcast_receiver_packets_total{{{HOSTS},sender=~{SOURCE}}}[$__rate_interval]) > 0))
                    or vector(0)''', "none", steps=FAULT_THRESHOLDS), 6),
            ]),
            (11, [(table("Way of the packets", "From the sender over the routers to the receivers. A router counts what "
                         "comes in for the route; where the share falls, packets vanish.", [
                             Column("Step", label="step", unit="string"),
                             Column("Host", label="instance", unit="string", links=[
                                 link("This host", dashboard_url("mcast-host", instance="__data.fields.Host"))]),
                             Column("Interface", label="interface", unit="string"),
                             Column("Packets", expression=along_the_way(PER_SECOND), unit="pps", decimals=1),
                             Column("Share", expression=f"({along_the_way(PER_SECOND)}) / {REFERENCE}",
                                    unit="percentunit", decimals=1, coloured=True,
                                    steps=thresholds("red", (0.5, "orange"), (0.95, "yellow"), (0.99, "green"))),
                             Column("In the time shown", expression=along_the_way(IN_ALL), unit="none",
                                    decimals=0),
                         ], sort="Step"), 24)]),
            (9, [(timeseries("Packets along the way", "The same over time: the first line that falls is where to look.",
                             [(along_the_way(PER_SECOND), "{{step}}: {{instance}} {{interface}}")], "pps"), 24)]),
            (1, [(row("Routers"), 24)]),
            (8, [
                (table("Multicast routes", "Where the route comes in, and to how many interfaces it goes out; 0: nobody "
                       "behind this router wants it. All sources of the group.", [
                           Column("Host", label="instance", unit="string", links=[
                               link("This host", dashboard_url("mcast-host", instance="__data.fields.Host"))]),
                           Column("Source", label="source", unit="string"),
                           Column("Incoming", label="interface", unit="string"),
                           Column("Outgoing interfaces", steps=thresholds("red", (1, "green")), coloured=True,
                                  expression="max by (instance, source, interface) "
                                  f"(mcast_route_outgoing_interfaces{{{HOSTS}}})"),
                           Column("Packets", unit="pps", decimals=1, expression="max by (instance, source, interface) "
                                  f"(rate(mcast_route_packets_total{{{HOSTS}}}[$__rate_interval]))"),
                       ], sort="Host"), 12),
                (timeseries("On the wrong interface", "Packets of the route that came in elsewhere than the router "
                            "expects them, and were not forwarded.", [(wrong, "{{instance}} {{interface}}")], "pps",
                            steps=FAULT_THRESHOLDS), 12),
            ]),
        ])
