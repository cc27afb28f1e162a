"""An agent with 1,000 receivers, each with a sender: how long /metrics takes."""

import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time
import unittest

import laboratory

STREAMS = "{name: many, group: 239.89.0.1, count: 1000, interface: lo"


class ThousandReceivers(unittest.TestCase):
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

    def test_metrics_come_within_100_milliseconds(self):
        lab = laboratory.shared()
        self.start_agent(19779, f"receivers: [{STREAMS}}}]\n")
        self.start_agent(19780, f"senders: [{STREAMS}, rate: 2pps, ttl: 1}}]\n")

        def metrics():
            return laboratory.get("http://127.0.0.1:19779/metrics")

        def receiving():
            return sum(1 for line in metrics().splitlines()
                       if line.startswith("mcast_receiver_state{") and line.endswith('="receiving"} 1'))

        laboratory.eventually(30, lambda: receiving() == 1000)
        self.assertEqual(receiving(), 1000)
        times = []
        for _ in range(21):
            before = time.monotonic()
            text = metrics()
            times.append(time.monotonic() - before)
        median = statistics.median(times)
        samples = sum(1 for line in text.splitlines() if not line.startswith("#"))
        print(f"\n/metrics: median {1000 * median:.0f} ms, slowest {1000 * max(times):.0f} ms, "
              f"{samples} samples, {len(text) / 1e6:.1f} MB")
        self.assertLess(median, 0.1)

        before = lab.resident_megabytes("prometheus")
        target = lab.directory / "prometheus" / "targets" / "many.yml"
        target.write_text("- targets: ['127.0.0.1:19779']\n  labels: {instance: many}\n")
        self.addCleanup(target.unlink)
        counted = 'count(mcast_receiver_packets_total{instance="many"})'
        found = laboratory.eventually(30, lambda: lab.prometheus.query(counted))
        self.assertEqual(found, [({}, 1000.0)])
        took = lab.prometheus.query('scrape_duration_seconds{instance="many"}')[0][1]
        print(f"a scrape of Prometheus took {1000 * took:.0f} ms")
        print(f"Prometheus: {before:.0f} MB, with this agent {lab.resident_megabytes('prometheus'):.0f} MB")
