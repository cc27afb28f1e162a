"""Prometheus reaches all agents of the lab, and what they say is as Prometheus wants it."""

import json
import subprocess
import unittest

import laboratory


class Metrics(unittest.TestCase):
    def test_the_page_of_prometheus_answers(self):
        self.assertIn("<title>Prometheus", laboratory.get(laboratory.shared().prometheus.url + "/graph/"))

    def test_the_page_of_each_agent_answers(self):
        for name in laboratory.AGENTS:
            self.assertIn("<html", laboratory.get(laboratory.shared().agent_url(name) + "/"))

    def test_each_agent_has_the_name_of_its_node(self):
        for name in laboratory.AGENTS:
            status = json.loads(laboratory.get(laboratory.shared().agent_url(name) + "/api/v1/status"))
            self.assertEqual(status["host"], name)

    def test_all_agents_are_up(self):
        def agents_up():
            found = laboratory.shared().prometheus.query('up{job="mcast"} == 1')
            return sorted(labels["instance"] for labels, _ in found)

        laboratory.eventually(30, lambda: agents_up() == sorted(laboratory.AGENTS))
        self.assertEqual(agents_up(), sorted(laboratory.AGENTS))

    def test_promtool_has_nothing_to_say_about_the_metrics_of_any_agent(self):
        for name in laboratory.AGENTS:
            text = laboratory.get(laboratory.shared().agent_url(name) + "/metrics")
            done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True,
                                  text=True)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""), name)

    def test_promtool_would_have_said_so(self):
        done = subprocess.run(["promtool", "check", "metrics"], input="no_help_total 1\n",
                              capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)

    def test_prometheus_takes_less_than_100_megabytes(self):
        size = laboratory.shared().resident_megabytes("prometheus")
        series = laboratory.shared().prometheus.query('count({__name__=~".+"})')[0][1]
        print(f"\nPrometheus: {size:.0f} MB resident, {series:.0f} series")
        self.assertLess(size, 100)
