"""The metrics of a made-up lab, as its agents would serve them.

Hosts send to a group each and receive all groups; one router is between them. Of three hosts one
sends by IPv4, one by IPv6, and one by IPv6 on the link, so that receivers know its address with
their own zone. Counters grow with time. Nothing here is a network: it is what Prometheus needs to
have data.
"""

import functools
import time

START = time.time() - 600
BOUNDS = ("0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10", "30", "60", "+Inf")
STATES = ("waiting", "receiving", "stalled", "failed", "ended")
# What a label may hold, and what would break a query that is put together carelessly.
HOSTILE = 'say "hi"\\ \'Zürich\' ${x} a|b.* {1}\n#2 & 100 % /'


def escaped(value):
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def sample(name, value, **labels):
    text = ",".join(f'{key}="{escaped(text)}"' for key, text in labels.items())
    return f"{name}{{{text}}} {value}\n" if text else f"{name} {value}\n"


def is_ipv6(host):
    return host % 3 > 0


def address(host):
    """By which it sends; without a zone."""
    return (f"10.{host // 250}.{host % 250}.1", f"2001:db8::{host:x}", f"fe80::{host:x}")[host % 3]


def group(host):
    return (f"239.1.{host // 250}.{host % 250}", f"ff1e::8000:{host:x}", f"ff12::8000:{host:x}")[host % 3]


def zone(host, interface="eth1"):
    return f"%{interface}" if host % 3 == 2 else ""


def instance(host):
    """One is scraped by its IPv6 address."""
    return "[2001:db8::1]:19779" if host == 1 else f"host-{host}:19779"


class Lab:
    """Hosts 0 to `senders` - 1 send; all `hosts` receive. `hostile`: the first stream has an odd name."""

    def __init__(self, hosts, senders, hostile=False):
        self.hosts, self.senders, self.hostile = hosts, senders, hostile

    def stream(self, sender):
        return HOSTILE if self.hostile and sender == 0 else f"stream-{sender}"

    def metrics(self, host):
        """What /metrics of a host holds; the router is number `hosts`."""
        if host == self.hosts:
            return self._router()
        parts = [self._agent(host), self._memberships()]
        if host < self.senders:
            parts.append(self._sender(host))
        # All receivers get the same.
        parts += [self._receiver(sender, int(time.time())) for sender in range(self.senders)]
        return "".join(parts)

    def _agent(self, host):
        return "".join([
            sample("mcast_agent_build_info", 1, version="0.1.0", revision="0123abc", compiler="GCC 12.2.0"),
            sample("mcast_agent_config_last_reload_successful", 1),
            sample("mcast_agent_config_last_reload_success_timestamp_seconds", START),
            sample("mcast_agent_address_info", 1, address=address(host), interface="lan"),
            sample("mcast_agent_address_info", 1, address="127.0.0.1", interface="lo"),
            sample("mcast_collector_duration_seconds", 0.001, collector="probe"),
            sample("mcast_collector_success", 1, collector="probe"),
            sample("process_cpu_seconds_total", (time.time() - START) / 100),
            sample("process_start_time_seconds", START),
            sample("process_resident_memory_bytes", 10485760),
            sample("process_open_fds", 30),
            sample("process_max_fds", 1024),
        ])

    def _memberships(self):
        elapsed = time.time() - START
        lines = []
        lines += [sample("mcast_membership_users", 1, family=("ipv4", "ipv6")[is_ipv6(sender)], interface="eth1",
                         group=group(sender)) for sender in range(self.senders)]
        for protocol, version, querier in (("igmp", 3, "10.1.1.254"), ("mld", 2, "fe80::254")):
            lines += [
                sample(f"mcast_{protocol}_version", version, interface="eth1"),
                sample(f"mcast_{protocol}_forced_version", 0, interface="eth1"),
                sample(f"mcast_{protocol}_querier_info", 1, interface="eth1", querier=querier, version=str(version)),
                sample(f"mcast_{protocol}_queries_total", int(elapsed / 5), interface="eth1"),
                sample(f"mcast_{protocol}_reports_sent_total", int(elapsed / 5), interface="eth1",
                       version=str(version)),
            ]
        lines.append(sample("mcast_mld_invalid_queries_total", 0, interface="eth1"))
        for family in ("ipv4", "ipv6"):
            lines += [
                sample("mcast_membership_joins_total", 5, family=family, interface="eth1"),
                sample("mcast_membership_leaves_total", 2, family=family, interface="eth1"),
                sample("mcast_socket_drops_total", 0, port="19779", family=family),
                sample("mcast_socket_datagrams_total", int(elapsed * 100), port="19779", family=family),
                sample("mcast_socket_unmatched_datagrams_total", 0, port="19779", family=family),
            ]
        return "".join(lines)

    def _router(self):
        packets = int((time.time() - START) * 25)
        lines = [self._agent(self.hosts)]
        for sender in range(self.senders):
            route = {"source": address(sender) + zone(sender, "r1"), "group": group(sender), "interface": "r1"}
            lines += [
                sample("mcast_route_packets_total", packets, **route),
                sample("mcast_route_bytes_total", packets * 228, **route),
                sample("mcast_route_wrong_interface_packets_total", 0, **route),
                sample("mcast_route_outgoing_interfaces", 1, **route),
            ]
        return "".join(lines)

    def _sender(self, host):
        packets = int((time.time() - START) * 25)
        labels = {"stream": self.stream(host), "group": group(host), "interface": "lan"}
        lines = [
            sample("mcast_sender_info", 1, **labels, port="19779", site="lab 1"),
            sample("mcast_sender_packets_total", packets, **labels),
            sample("mcast_sender_bytes_total", packets * 200, **labels),
            sample("mcast_sender_target_packets_per_second", 25, **labels),
            sample("mcast_sender_skipped_packets_total", 0, **labels),
            sample("mcast_sender_errors_total", 0, **labels, error="ENOBUFS"),
        ]
        lines += [sample("mcast_sender_state", int(state == "sending"), **labels, state=state)
                  for state in ("sending", "finished", "failed")]
        lines += [sample("mcast_sender_schedule_lag_seconds_bucket", packets, **labels, le=bound)
                  for bound in ("1e-05", "0.001", "+Inf")]
        return "".join(lines)

    @functools.lru_cache(maxsize=100)
    def _receiver(self, sender, now):
        sent = int((now - START) * 25)
        labels = {"stream": self.stream(sender), "group": group(sender), "interface": "eth1"}
        lines = [sample("mcast_receiver_info", 1, **labels, port="19779", join="asm", site="lab 1")]
        lines += [sample("mcast_receiver_state", int(state == "receiving"), **labels, state=state) for state in STATES]
        for name, value in (("stalls_total", 1), ("stalled_seconds_total", 2), ("join_delay_seconds", 0.01),
                            ("last_packet_timestamp_seconds", now), ("senders", 1)):
            lines.append(sample(f"mcast_receiver_{name}", value, **labels))
        lines.append(sample("mcast_receiver_rejected_packets_total", 0, **labels, reason="foreign"))
        labels["sender"] = address(sender) + zone(sender)
        for name, value in (("packets_total", sent - sent // 200), ("bytes_total", sent * 199),
                            ("lost_packets_total", sent // 200),
                            ("late_packets_total", 0), ("duplicate_packets_total", 0), ("reordered_packets_total", 0),
                            ("errored_seconds_total", 3), ("sender_restarts_total", 0), ("ttl_changes_total", 0),
                            ("remarked_packets_total", 0), ("hops", 1), ("dscp", 46), ("sent_dscp", 46),
                            ("jitter_seconds", 0.0001), ("longest_interruption_seconds", 0.2),
                            ("last_interruption_seconds", 0.2), ("last_interruption_timestamp_seconds", START),
                            ("overdue_packets", 0), ("outage_lost_packets_total", 0),
                            ("sender_last_packet_timestamp_seconds", now)):
            lines.append(sample(f"mcast_receiver_{name}", value, **labels))
        for name in ("loss_burst_packets", "interruption_seconds"):
            lines += [sample(f"mcast_receiver_{name}_bucket", 3, **labels, le=bound) for bound in BOUNDS]
            lines += [sample(f"mcast_receiver_{name}_count", 3, **labels),
                      sample(f"mcast_receiver_{name}_sum", 1, **labels)]
        return "".join(lines)
