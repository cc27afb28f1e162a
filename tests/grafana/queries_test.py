"""The queries of all dashboards against a real Prometheus with a made-up lab."""

import json
import pathlib
import subprocess
import unittest

from example_lab import HOSTILE, Lab, address, group
from prometheus_server import PrometheusServer

QUERIES = pathlib.Path(__file__).resolve().parents[2] / "grafana" / "queries"
DATA_SECONDS = 40

# Without anything wrong in the lab there is nothing to mark.
MARKS = {"Stalls", "Sender restarts", "Remarks", "Path changes"}


def queries(**chosen):
    settings = [f"--set={name}={value}" for name, value in chosen.items()]
    output = subprocess.run([QUERIES, "--rate-interval=10s", "--range=1m", *settings], check=True, capture_output=True)
    return [json.loads(line) for line in output.stdout.decode().splitlines()]


class QueriesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(hosts=3, senders=2, hostile=True)
        cls.prometheus = PrometheusServer(cls.lab)
        cls.prometheus.__enter__()
        cls.addClassCleanup(cls.prometheus.__exit__)
        # The rule that comes last, of the counters that need two scrapes.
        cls.prometheus.wait_until(lambda: len(cls.prometheus.query("mcast:receiver_loss:ratio_rate1m")) == 6, DATA_SECONDS,
                                  "loss of every pair")

    def empty(self, **chosen):
        """Panels that have no data with these values chosen."""
        return [f"{query['dashboard']}, {query['panel']}, {query['ref']}: {query['query']}"
                for query in queries(**chosen)
                if query["panel"] not in MARKS and not self.prometheus.query(query["query"])]

    def one_stream(self, sender):
        return {"job": "mcast", "instance": "host-1:19779", "stream": self.lab.stream(sender), "group": group(sender),
                "source": address(sender)}

    def test_every_panel_has_data_in_a_lab(self):
        chosen = self.one_stream(1)
        self.assertEqual(self.empty(**chosen), [])

    def test_every_panel_with_several_values_has_data_when_all_are_chosen(self):
        # Host, Stream and Path need one value each of these.
        chosen = {"stream": self.lab.stream(1), "group": group(1), "source": address(1), "instance": "host-0:19779"}
        self.assertEqual([line for line in self.empty() if line.startswith(("mcast-overview", "mcast-matrix"))], [])
        self.assertEqual(self.empty(**chosen), [])

    def test_names_with_quotes_backslashes_new_lines_and_umlauts_find_their_stream(self):
        self.assertEqual(self.empty(**self.one_stream(0) | {"instance": "host-0:19779"}), [])

    def test_another_name_finds_nothing(self):
        chosen = self.one_stream(0) | {"stream": HOSTILE.replace(".*", "..")}
        states = [query["query"] for query in queries(**chosen)
                  if query["panel"] == "States" or (query["panel"] == "State" and query["dashboard"] == "mcast-matrix")]
        self.assertEqual(len(states), 3)
        for query in states:
            self.assertEqual(self.prometheus.query(query), [])


if __name__ == "__main__":
    unittest.main()
