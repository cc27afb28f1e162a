"""Matrix: every sender against every receiver."""

from .panels import (Column, INSTANCE, JOB, LOSS_THRESHOLDS, STATE_MAPPINGS, dashboard, dashboard_url,
                     instance_variable, job_variable, link, matrix, one_of, row, table, thresholds, variable)

RECEIVERS = f"{JOB},{INSTANCE},{one_of('group')},{one_of('stream')}"
PAIRS = f"{RECEIVERS},{one_of('sender_instance', 'sender')}"
KEY = "sender_instance, instance, stream, group"
CORNER = "Sender / receiver"

# A cell is of a pair of hosts, with perhaps several streams: the list below the grids has them.
CELL_LINKS = [
    link("Streams of this pair", dashboard_url(
        "mcast-matrix", sender="__data.fields[0]", instance="__field.name")),
    link("The receiving host", dashboard_url("mcast-host", instance="__field.name")),
    link("The sending host", dashboard_url("mcast-host", instance="__data.fields[0]")),
]


STATE = f"mcast:mesh_state:code{{{PAIRS}}}"
HOPS = f"mcast:mesh_hops{{{PAIRS}}}"
# Loss has no sending agent: the hops lend theirs.
LOSS = f'''
mcast:receiver_loss:ratio_rate1m{{{RECEIVERS}}}
+ on (job, instance, stream, group, source, interface, sender) group_left (sender_instance) 0 * {HOPS}
'''


def grid(title, description, expression, unit, **options):
    return matrix(title, description, f"max by (sender_instance, instance) ({expression})",
                  "sender_instance", "instance", CORNER, unit, links=CELL_LINKS, **options)


def column(name, expression, **options):
    return Column(name, expression=f"max by ({KEY}) ({expression})", **options)


def build():
    pairs = f"{JOB},{INSTANCE}"
    return dashboard(
        "mcast-matrix",
        "Sender by receiver: state, loss and hops. Of several streams of a pair the worst is shown. "
        "Needs the recording rules.",
        [
            job_variable(),
            variable("sender", "Sender", f"label_values(mcast:mesh_state:code{{{JOB}}}, sender_instance)",
                     description="The agent that sends; its address where no agent has it."),
            instance_variable(f"label_values(mcast:mesh_state:code{{{JOB}}}, instance)"),
            variable("group", "Group", f"label_values(mcast:mesh_state:code{{{pairs}}}, group)"),
            variable("stream", "Stream", f"label_values(mcast:mesh_state:code{{{pairs},{one_of('group')}}}, stream)"),
        ],
        [
            (9, [(grid("State", "Whether the receiver (column) gets what the sender (row) sends. A sender counts as "
                       "stalled, too, when it has been silent for 30 s while others are heard.",
                       STATE, "none", mappings=STATE_MAPPINGS), 24)]),
            (9, [
                (grid("Loss", "Share of the packets that did not arrive in time, in the last minute.",
                      LOSS, "percentunit", steps=LOSS_THRESHOLDS, decimals=2), 12),
                (grid("Hops", "Routers on the way: sent TTL (of IPv6 hop limit) less arrived one.",
                      HOPS, "none", steps=thresholds("blue", (1, "green"), (5, "yellow"),
                                                                  (10, "orange")), decimals=0), 12),
            ]),
            (1, [(row("Streams of the pairs"), 24)]),
            (10, [(table("Streams", "Each stream of the senders and receivers chosen.", [
                column("State", STATE, mappings=STATE_MAPPINGS, coloured=True),
                Column("Stream", label="stream", unit="string", links=[
                    link("This stream", dashboard_url("mcast-stream", stream="__data.fields.Stream"))]),
                Column("Group", label="group", unit="string", links=[
                    link("Path of this group", dashboard_url("mcast-path", group="__data.fields.Group"))]),
                Column("Sender", label="sender_instance", unit="string"),
                Column("Receiver", label="instance", unit="string", links=[
                    link("This host", dashboard_url("mcast-host", instance="__data.fields.Receiver"))]),
                column("Loss", LOSS, unit="percentunit", steps=LOSS_THRESHOLDS,
                       decimals=2, coloured=True),
                column("Hops", HOPS),
            ], sort="State", descending=True), 24)]),
        ])
