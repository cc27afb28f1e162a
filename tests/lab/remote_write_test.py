"""Two Prometheus servers: one in agent mode scrapes the lab and writes to one that stores."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import laboratory

EXAMPLES = laboratory.REPOSITORY / "grafana" / "prometheus" / "examples"


class RemoteWrite(unittest.TestCase):
    def start(self, *arguments):
        process = subprocess.Popen(["prometheus", *arguments], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)

    def test_what_the_agent_mode_scrapes_arrives_at_the_one_that_stores(self):
        lab = laboratory.shared()
        folder = pathlib.Path(tempfile.mkdtemp(dir="/run"))
        self.addCleanup(shutil.rmtree, folder)
        shutil.copytree(lab.directory / "prometheus" / "targets", folder / "targets")
        example = (EXAMPLES / "prometheus-agent.yml").read_text()
        self.assertIn("http://store.lab.example:9090", example)
        (folder / "agent.yml").write_text(
            example.replace("http://store.lab.example:9090", "http://127.0.0.1:19191")
            .replace("scrape_interval: 5s", "scrape_interval: 1s"))
        (folder / "store.yml").write_text("global: {}\n")

        self.start(f"--config.file={folder}/store.yml", f"--storage.tsdb.path={folder}/store",
                   "--web.listen-address=127.0.0.1:19191", "--web.enable-remote-write-receiver")
        store = laboratory.Prometheus(19191)
        self.assertTrue(laboratory.eventually(30, lambda: laboratory.get(store.url + "/-/ready")))
        self.assertEqual(store.query('up{site="lab1"}'), [])
        self.start("--enable-feature=agent", f"--config.file={folder}/agent.yml",
                   f"--storage.agent.path={folder}/agent", "--web.listen-address=127.0.0.1:19192")

        def instances(expression):
            return sorted(labels["instance"] for labels, _ in store.query(expression))

        up = 'up{job="mcast",site="lab1"} == 1'
        laboratory.eventually(60, lambda: instances(up) == sorted(laboratory.AGENTS))
        self.assertEqual(instances(up), sorted(laboratory.AGENTS))
        self.assertEqual(instances('mcast_receiver_packets_total{stream="video-a"} > 0'),
                         laboratory.RECEIVERS)
