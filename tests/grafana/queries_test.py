"""The queries of all dashboards against a real Prometheus with a made-up lab."""

import json
import pathlib
import subprocess
import unittest

from example_lab import HOSTILE, Lab, address, group, instance
from prometheus_server import PrometheusServer

QUERIES = pathlib.Path(__file__).resolve().parents[2] / "grafana" / "queries"
DATA_SECONDS = 40
OF_STREAMS = {"mcast-overview", "mcast-matrix", "mcast-stream", "mcast-path"}
OF_A_HOST = {"mcast-host"}

# Without anything wrong in the lab there is nothing to mark.
MARKS = {"Stalls", "Sender restarts", "Remarks", "Path changes"}


def queries(**chosen):
    settings = [f"--set={name}={value}" for name, value in chosen.items()]
    output = subprocess.run([QUERIES, "--rate-interval=10s", "--range=1m", *settings], check=True, capture_output=True)
    return [json.loads(line) for line in output.stdout.decode().splitlines()]


class QueriesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(hosts=3, senders=3, hostile=True)
        cls.prometheus = PrometheusServer(cls.lab)
        cls.prometheus.__enter__()
        cls.addClassCleanup(cls.prometheus.__exit__)
        # These come last: a rate needs two scrapes, states need the other rules.
        for metric in ("mcast:receiver_loss:ratio_rate1m", "mcast:mesh_state:code"):
            cls.prometheus.wait_until(lambda: len(cls.prometheus.query(metric)) == 9, DATA_SECONDS, metric)

    def without_data(self, dashboards, **chosen):
        return [f"{query['dashboard']}, {query['panel']}, {query['ref']}: {query['query']}"
                for query in queries(**chosen)
                if query["dashboard"] in dashboards and query["panel"] not in MARKS
                and not self.prometheus.query(query["query"])]

    def chosen(self, sender):
        return {"job": "mcast", "stream": self.lab.stream(sender), "group": group(sender), "source": address(sender)}

    def test_every_panel_has_data_with_one_value_chosen(self):
        for sender in range(3):
            with self.subTest(group=group(sender)):
                chosen = self.chosen(sender)
                self.assertEqual(self.without_data(OF_STREAMS, **chosen), [])
                self.assertEqual(self.without_data(OF_A_HOST, instance=instance(sender), **chosen), [])

    def test_a_host_that_is_scraped_by_its_ipv6_address_can_be_chosen_among_several(self):
        chosen = self.chosen(1) | {"instance": instance(1)}
        self.assertEqual(self.without_data({"mcast-overview", "mcast-matrix", "mcast-stream"}, **chosen), [])

    def test_every_panel_has_data_with_all_values_chosen(self):
        one_value = {"stream": self.lab.stream(1), "group": group(1), "source": address(1)}
        self.assertEqual(self.without_data({"mcast-overview", "mcast-matrix"}), [])
        self.assertEqual(self.without_data({"mcast-stream", "mcast-path"}, **one_value), [])
        self.assertEqual(self.without_data(OF_A_HOST, instance=instance(0)), [])

    def test_names_with_quotes_backslashes_new_lines_and_umlauts_find_their_stream(self):
        chosen = self.chosen(0)
        self.assertEqual(self.without_data(OF_STREAMS, **chosen), [])
        self.assertEqual(self.without_data(OF_A_HOST, instance=instance(0), **chosen), [])

    def test_a_name_that_only_looks_alike_finds_nothing(self):
        chosen = self.chosen(0) | {"stream": HOSTILE.replace(".*", "..")}
        states = [query["query"] for query in queries(**chosen)
                  if query["dashboard"] != "mcast-host" and query["panel"] in ("State", "States")]
        self.assertEqual(len(states), 3)
        for query in states:
            self.assertEqual(self.prometheus.query(query), [])

    def test_the_path_leads_from_the_sender_over_the_router_to_the_receivers(self):
        for sender in range(3):
            with self.subTest(group=group(sender)):
                packets, = (query["query"] for query in queries(**self.chosen(sender))
                            if query["panel"] == "Way of the packets" and query["ref"] == "A")
                way = [(sample["metric"]["step"], sample["metric"]["instance"], float(sample["value"][1]) > 0)
                       for sample in self.prometheus.query(packets)]
                self.assertCountEqual(way, [("1 sender", instance(sender), True), ("2 router", instance(3), True)] + [
                    ("3 receiver", instance(host), True) for host in range(3)])

    def test_the_sources_of_a_group_have_no_zone(self):
        sources = {(sample["metric"]["group"], sample["metric"]["source"])
                   for sample in self.prometheus.query("mcast:group_source:info")}
        self.assertEqual(sources, {(group(sender), address(sender)) for sender in range(3)})

    def test_the_matrix_has_a_cell_for_every_sender_and_receiver(self):
        states, = (query["query"] for query in queries() if query["panel"] == "State")
        cells = {(sample["metric"]["sender_instance"], sample["metric"]["instance"]): sample["value"][1]
                 for sample in self.prometheus.query(states)}
        self.assertEqual(cells, {(instance(sender), instance(receiver)): "1"
                                 for sender in range(3) for receiver in range(3)})

    def test_both_protocols_have_their_version_and_their_querier(self):
        def seen(panel, *labels):
            return {tuple(sample["metric"][label] for label in labels)
                    for query in queries(instance=instance(0)) if query["panel"] == panel
                    for sample in self.prometheus.query(query["query"])}
        self.assertEqual(seen("Queriers", "protocol", "querier", "version"),
                         {("IGMP", "10.1.1.254", "3"), ("MLD", "fe80::254", "2")})
        self.assertEqual(seen("Memberships", "family"), {("ipv4",), ("ipv6",)})


if __name__ == "__main__":
    unittest.main()
