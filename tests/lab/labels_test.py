"""Labels and names that are hard to quote come back from Prometheus as they were configured."""

import json
import unittest

import laboratory


class Labels(unittest.TestCase):
    def test_quotes_line_breaks_and_non_ascii_survive_to_prometheus_and_back(self):
        prometheus = laboratory.shared().prometheus
        # PromQL quotes as Go does, and so as JSON for these.
        selector = "mcast_receiver_info{odd=%s}" % json.dumps(laboratory.ODD_TEXT, ensure_ascii=False)
        found = laboratory.eventually(30, lambda: prometheus.query(selector))
        self.assertEqual(len(found), 1)
        labels, value = found[0]
        self.assertEqual(labels["odd"], laboratory.ODD_TEXT)
        self.assertEqual(labels["stream"], laboratory.ODD_NAME)
        self.assertEqual(value, 1)

    def test_another_text_finds_nothing(self):
        prometheus = laboratory.shared().prometheus
        text = laboratory.ODD_TEXT.replace("\n", " ")
        selector = "mcast_receiver_info{odd=%s}" % json.dumps(text, ensure_ascii=False)
        self.assertEqual(prometheus.query(selector), [])
