"""The matrix of senders and receivers is what packaging/lab/topology has built."""

import json
import subprocess
import unittest

import laboratory

EVERY_PAIR = {(sender, receiver) for sender in laboratory.SENDERS for receiver in laboratory.RECEIVERS}
BEHIND_R2 = {"s3", "h3", "h4"}


def panel(name):
    """(sender, receiver) -> value, of a panel of the dashboard mcast-matrix."""
    lines = subprocess.run([laboratory.REPOSITORY / "grafana" / "queries", "--set", "job=mcast"],
                           check=True, capture_output=True, text=True).stdout
    entries = [entry for entry in map(json.loads, lines.splitlines())
               if (entry["dashboard"], entry["panel"]) == ("mcast-matrix", name)]
    return {(labels["sender_instance"], labels["instance"]): value
            for labels, value in laboratory.shared().prometheus.query(entries[0]["query"])}


class Matrix(unittest.TestCase):
    def test_every_receiver_hears_every_sender_and_nobody_hears_the_group_without_one(self):
        expected = dict.fromkeys(EVERY_PAIR, 1.0)
        # Streams that wait for somebody unknown.
        expected.update({("unknown", "h1"): 2.0, ("unknown", "h3"): 2.0})
        laboratory.eventually(30, lambda: panel("State") == expected)
        self.assertEqual(panel("State"), expected)

    def test_hops_are_the_routers_on_the_way(self):
        expected = {(sender, receiver): 1.0 if (sender in BEHIND_R2) == (receiver in BEHIND_R2) else 2.0
                    for sender, receiver in EVERY_PAIR}
        laboratory.eventually(30, lambda: panel("Hops") == expected)
        self.assertEqual(panel("Hops"), expected)

    def test_only_the_receiver_behind_the_lossy_link_loses_packets(self):
        def lossy():
            return {pair for pair, ratio in panel("Loss").items() if ratio > 0}

        expected = {(sender, "h2") for sender in laboratory.SENDERS}
        laboratory.eventually(60, lambda: lossy() == expected)
        self.assertEqual(lossy(), expected)
        self.assertEqual(set(panel("Loss")), EVERY_PAIR)
        for sender in laboratory.SENDERS:
            # Two of a hundred, by chance: the network's own count of them is not far away.
            self.assertLess(panel("Loss")[sender, "h2"], 0.1)

    def test_only_what_goes_to_h4_is_remarked(self):
        def remarked():
            found = laboratory.shared().prometheus.query("mcast_receiver_remarked_packets_total > 0")
            return {(labels["instance"], labels["stream"]) for labels, _ in found}

        expected = {("h4", stream) for stream in
                    ("video-a", "video-b", "video-c", "video-6", "market-data", "market-6")}
        laboratory.eventually(30, lambda: remarked() == expected)
        self.assertEqual(remarked(), expected)

    def test_older_versions_are_used_where_they_are_forced(self):
        for version in ('mcast_igmp_version{interface="eth1"} == 2', 'mcast_mld_version{interface="eth1"} == 1'):
            def those():
                return {labels["instance"] for labels, _ in laboratory.shared().prometheus.query(version)}

            laboratory.eventually(30, lambda: those() == {"h3"})
            self.assertEqual(those(), {"h3"}, version)

    def test_streams_of_both_families_have_their_own_lines_below_the_matrix(self):
        def ipv6():
            return {(labels["stream"], labels["sender_instance"], labels["instance"]): value
                    for labels, value in laboratory.shared().prometheus.query(
                        'mcast:mesh_state:code{group=~"ff.*:.*"}')}

        expected = {("video-6", "s2", host): 1.0 for host in laboratory.RECEIVERS}
        expected.update({("market-6", "s1", host): 1.0 for host in ("h1", "h2", "h4")})
        laboratory.eventually(30, lambda: ipv6() == expected)
        self.assertEqual(ipv6(), expected)

    def test_the_switch_asks_in_both_protocols_where_it_is(self):
        for metric in ("mcast_igmp_querier_info", "mcast_mld_querier_info"):
            def heard():
                return {(labels["instance"], labels["version"]) for labels, _ in
                        laboratory.shared().prometheus.query(metric)}

            newest = "3" if "igmp" in metric else "2"
            expected = {(node, newest) for node in ("h1", "h2", "r1")}
            laboratory.eventually(60, lambda: heard() == expected)
            self.assertEqual(heard(), expected, metric)
