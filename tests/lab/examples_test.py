"""The examples that people copy are accepted by the programs that they are for."""

import shutil
import pathlib
import subprocess
import tempfile
import unittest

import yaml

import laboratory

EXAMPLES = laboratory.REPOSITORY / "grafana" / "prometheus" / "examples"


def check(*command):
    return subprocess.run(command, capture_output=True, text=True)


class Examples(unittest.TestCase):
    def test_prometheus_takes_each(self):
        files = sorted(EXAMPLES.glob("prometheus-*.yml"))
        self.assertEqual([file.stem for file in files], [
            "prometheus-agent", "prometheus-dns", "prometheus-file-sd", "prometheus-static"])
        for file in files:
            mode = ["--agent"] if file.stem == "prometheus-agent" else []
            done = check("promtool", "check", "config", *mode, file)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_prometheus_would_not_take_one_with_an_unknown_key(self):
        folder = pathlib.Path(tempfile.mkdtemp(dir="/run"))
        self.addCleanup(shutil.rmtree, folder)
        broken = folder / "prometheus.yml"
        broken.write_text((EXAMPLES / "prometheus-static.yml").read_text() + "scrapes: []\n")
        self.assertNotEqual(check("promtool", "check", "config", broken).returncode, 0)

    def test_alertmanager_takes_its_own(self):
        done = check("amtool", "check-config", EXAMPLES / "alertmanager.yml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def route_of(self, **labels):
        done = check("amtool", "config", "routes", "test", f"--config.file={EXAMPLES}/alertmanager.yml",
                     *(f"{name}={value}" for name, value in labels.items()))
        return done.stdout.strip()

    def test_information_is_sent_to_nobody_and_everything_else_to_the_lab(self):
        self.assertEqual(self.route_of(severity="critical", alertname="McastStreamStalled"), "lab")
        self.assertEqual(self.route_of(severity="info", alertname="McastSenderRestarted"), "nobody")


class Containerlab(unittest.TestCase):
    """containerlab itself is not there to ask: keys and references are held against its manual."""

    def setUp(self):
        self.folder = laboratory.REPOSITORY / "packaging" / "containerlab"
        self.file = yaml.safe_load((self.folder / "mcast.clab.yml").read_text())

    def test_keys_are_those_of_containerlab(self):
        self.assertLessEqual(set(self.file), {"name", "prefix", "mgmt", "settings", "topology"})
        self.assertLessEqual(set(self.file["topology"]),
                             {"defaults", "kinds", "groups", "nodes", "links"})
        for name, node in self.file["topology"]["nodes"].items():
            self.assertLessEqual(set(node or {}), {
                "kind", "image", "group", "exec", "binds", "ports", "env", "cmd", "entrypoint",
                "labels", "user", "network-mode", "wait-for"}, name)

    def test_links_are_between_nodes_that_are_there_and_no_end_is_used_twice(self):
        ends = [end for link in self.file["topology"]["links"] for end in link["endpoints"]]
        self.assertEqual(len(ends), len(set(ends)))
        for end in ends:
            self.assertIn(end.split(":")[0], self.file["topology"]["nodes"])

    def test_it_has_the_nodes_of_the_lab(self):
        self.assertLessEqual(set(laboratory.AGENTS), set(self.file["topology"]["nodes"]))

    def test_every_file_that_is_bound_is_there(self):
        for node in self.file["topology"]["nodes"].values():
            for bind in (node or {}).get("binds", []):
                source = bind.split(":")[0]
                self.assertTrue((self.folder / source).exists(), source)
