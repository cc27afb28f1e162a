"""An agent with 1,000 receivers, each with a sender: what a scrape of it costs."""

import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time
import unittest
import urllib.request

import laboratory

STREAMS = "{name: many, group: 239.89.0.1, count: 1000, interface: lo"


def metrics():
    return laboratory.get("http://127.0.0.1:19779/metrics")


def receiving():
    return sum(1 for line in metrics().splitlines()
               if line.startswith("mcast_receiver_state{") and line.endswith('="receiving"} 1'))


def scrape_as_prometheus_does():
    """How long it took, and the bytes of the answer."""
    request = urllib.request.Request("http://127.0.0.1:19779/metrics",
                                     headers={"Accept-Encoding": "gzip"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    before = time.monotonic()
    with opener.open(request, timeout=10) as answer:
        body = answer.read()
    return time.monotonic() - before, len(body)


class WithThousandReceivers(unittest.TestCase):
    def setUp(self):
        self.start_agent(19779, f"receivers: [{STREAMS}}}]\n")
        self.start_agent(19780, f"senders: [{STREAMS}, rate: 2pps, ttl: 1}}]\n")
        laboratory.eventually(30, lambda: receiving() == 1000)
        self.assertEqual(receiving(), 1000)

    def start_agent(self, port, configuration):
        folder = pathlib.Path(tempfile.mkdtemp(dir="/run"))
        self.addCleanup(shutil.rmtree, folder)
        (folder / "agent.yml").write_text(configuration)
        agent = subprocess.Popen(
            [pathlib.Path(os.environ["MCAST_BIN"]) / "mcast-agent", f"--config.file={folder}/agent.yml",
             f"--web.listen-address=127.0.0.1:{port}", f"--api.socket={folder}/api.sock"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(agent.wait)
        self.addCleanup(agent.terminate)


class Scrape(WithThousandReceivers):
    """Before the lab is up: it measures time."""

    def test_metrics_come_within_100_milliseconds(self):
        scrapes = [scrape_as_prometheus_does() for _ in range(21)]
        times = [1000 * taken for taken, _ in scrapes]
        text = metrics()
        samples = sum(1 for line in text.splitlines() if not line.startswith("#"))
        print(f"\n/metrics: median {statistics.median(times):.0f} ms, {min(times):.0f} to "
              f"{max(times):.0f} ms; {samples} samples, {len(text) / 1e6:.1f} MB, "
              f"{scrapes[-1][1] / 1e6:.2f} MB compressed")
        self.assertLess(statistics.median(times), 100)


class Store(WithThousandReceivers):
    """The last that happens to the lab: Prometheus keeps the memory for a while."""

    def test_prometheus_takes_them_all(self):
        lab = laboratory.shared()
        before = lab.resident_megabytes("prometheus")
        target = lab.directory / "prometheus" / "targets" / "many.yml"
        target.write_text("- targets: ['127.0.0.1:19779']\n  labels: {instance: many}\n")
        self.addCleanup(target.unlink)
        counted = 'count(mcast_receiver_packets_total{instance="many"})'
        found = laboratory.eventually(30, lambda: lab.prometheus.query(counted))
        self.assertEqual(found, [({}, 1000.0)])
        print(f"\nPrometheus: {before:.0f} MB for the lab, with this agent "
              f"{lab.resident_megabytes('prometheus'):.0f} MB")
