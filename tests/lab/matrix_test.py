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

        expected = {("h4", stream) for stream in ("video-a", "video-b", "video-c", "market-data")}
        laboratory.eventually(30, lambda: remarked() == expected)
        self.assertEqual(remarked(), expected)

    def test_igmpv2_is_used_where_it_is_forced(self):
        def version_2():
            found = laboratory.shared().prometheus.query('mcast_igmp_version{interface="eth1"} == 2')
            return {labels["instance"] for labels, _ in found}

        laboratory.eventually(30, lambda: version_2() == {"h3"})
        self.assertEqual(version_2(), {"h3"})
