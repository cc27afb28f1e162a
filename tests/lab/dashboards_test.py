"""Every panel of every dashboard shows something in the lab, as Prometheus answers its queries."""

import collections
import json
import subprocess
import time
import unittest

import laboratory

# A dashboard of one host is asked about a receiver and about a sender, as no host of the lab is
# both.
CHOICES = {
    "mcast-host": [{"instance": "h1"}, {"instance": "s1"}],
    "mcast-path": [{"group": "239.88.1.1", "source": "10.88.1.2"}],
    "mcast-stream": [{"stream": "video-a"}],
}


PATHS_OF_IPV6 = [{"group": "ff1e::8000:101", "source": "2001:db8:88:2::2"},
                 {"group": "ff3e::8000:1", "source": "2001:db8:88:1::2"}]


def queries(every=None):
    """(dashboard, panel, ref) -> alternatives."""
    found = collections.defaultdict(list)
    for dashboard, choices in (every or {"mcast-overview": [{}], "mcast-matrix": [{}], **CHOICES}).items():
        for choice in choices:
            command = [laboratory.REPOSITORY / "grafana" / "queries", "--set", "job=mcast"]
            for name, value in choice.items():
                command += ["--set", f"{name}={value}"]
            lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            for entry in map(json.loads, lines.splitlines()):
                if entry["dashboard"] == dashboard:
                    key = dashboard, entry["panel"], entry["ref"]
                    found[key].append(entry)
    return found


def has_data(prometheus, entry):
    if entry.get("variable"):
        return bool(prometheus.ask(f"label/{entry['label']}/values", **{"match[]": entry["query"]}))
    if entry["instant"]:
        return bool(prometheus.query(entry["query"]))
    now = time.time()
    data = prometheus.ask("query_range", query=entry["query"], start=now - 60, end=now, step=5)
    return bool(data["result"])


class Dashboards(unittest.TestCase):
    def test_every_query_of_every_panel_gives_data(self):
        prometheus = laboratory.shared().prometheus
        every = queries()
        self.assertGreaterEqual(len({dashboard for dashboard, _, _ in every}), 5)
        # Annotations mark what has happened; nothing need have.
        panels = {key: alternatives for key, alternatives in every.items() if key[2] != "Anno"}
        without = set(panels)

        def all_have_data():
            for key in sorted(without):
                if any(has_data(prometheus, entry) for entry in panels[key]):
                    without.discard(key)
            return not without

        laboratory.eventually(60, all_have_data)
        print(f"\n{'dashboard':16} panels queries with data")
        for dashboard in sorted({key[0] for key in panels}):
            keys = [key for key in panels if key[0] == dashboard]
            shown = {key[1] for key in keys if key[2] != "Variable"}
            print(f"{dashboard:16} {len(shown):6} {len(keys):7} "
                  f"{len([key for key in keys if key not in without]):9}")
        self.assertEqual(without, set())

    def test_the_paths_of_both_streams_of_ipv6_lead_from_their_sender_over_the_routers(self):
        prometheus = laboratory.shared().prometheus
        for path, sender, receivers in zip(PATHS_OF_IPV6, ("s2", "s1"), (laboratory.RECEIVERS, ["h1", "h2", "h4"])):
            (entry,) = queries({"mcast-path": [path]})["mcast-path", "Way of the packets", "A"]
            expected = {("1 sender", sender), *(("2 router", router) for router in laboratory.ROUTERS),
                        *(("3 receiver", receiver) for receiver in receivers)}

            def way():
                return {(labels["step"], labels["instance"])
                        for labels, rate in prometheus.query(entry["query"]) if rate > 0}

            laboratory.eventually(60, lambda: way() == expected)
            self.assertEqual(way(), expected, path)

    def test_annotations_are_queries_that_prometheus_takes(self):
        prometheus = laboratory.shared().prometheus
        annotations = [entry for key, alternatives in queries().items() if key[2] == "Anno"
                       for entry in alternatives]
        self.assertNotEqual(annotations, [])
        for entry in annotations:
            has_data(prometheus, entry)  # raises on an error

    def test_a_query_about_a_stream_that_is_not_there_gives_no_data(self):
        # Else "gives data" would say nothing.
        entry = {"instant": True, "query": 'mcast_receiver_info{stream="video-z"}'}
        self.assertFalse(has_data(laboratory.shared().prometheus, entry))
