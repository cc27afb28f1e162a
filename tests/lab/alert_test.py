"""A pulled link becomes an alert in Alertmanager, and goes when the link is back."""

import time
import unittest

import laboratory

STREAMS_OF_S1 = {("video-a", "239.88.1.1", host) for host in laboratory.RECEIVERS}
STREAMS_OF_S1 |= {(stream, group, host) for host in ("h1", "h2", "h4")
                  for stream, group in (("market-data", "232.88.1.1"), ("market-6", "ff3e::8000:1"))}


def stalled():
    return {(alert["labels"]["stream"], alert["labels"]["group"], alert["labels"]["instance"])
            for alert in laboratory.shared().alerts("McastStreamStalled")}


def alerting(alert, **matchers):
    """(stream, group, host) of whatever is pending or firing."""
    selector = ",".join([f'alertname="{alert}"', *(f"{label}{value}" for label, value in matchers.items())])
    return {(labels["stream"], labels["group"], labels["instance"])
            for labels, _ in laboratory.shared().prometheus.query(f"ALERTS{{{selector}}}")}


def receiving():
    found = laboratory.shared().prometheus.query('mcast_receiver_state{state="receiving"} == 1')
    return {(labels["stream"], labels["group"], labels["instance"]) for labels, _ in found}


class Alert(unittest.TestCase):
    def test_a_pulled_link_is_an_alert_for_each_receiver_of_its_sender_until_it_is_back(self):
        lab = laboratory.shared()
        self.assertTrue(laboratory.eventually(30, lambda: STREAMS_OF_S1 <= receiving()))
        self.assertEqual(stalled(), set())

        lab.ip("r1", "link", "set", "s1", "down")
        self.addCleanup(lab.ip, "r1", "link", "set", "s1", "up")
        pulled = time.monotonic()
        laboratory.eventually(60, lambda: stalled() == STREAMS_OF_S1)
        self.assertEqual(stalled(), STREAMS_OF_S1)
        fired = time.monotonic()
        for alert in lab.alerts("McastStreamStalled"):
            self.assertEqual(alert["labels"]["severity"], "critical")
            self.assertIn(alert["labels"]["stream"], alert["annotations"]["summary"])
            self.assertIn(alert["labels"]["instance"], alert["annotations"]["summary"])
            # The agent that it leads to has the page.
            runbook = f"{lab.agent_url('h1')}/#docs/runbooks/McastStreamStalled.md"
            self.assertEqual(alert["annotations"]["runbook_url"], runbook)
            self.assertTrue(laboratory.get(runbook.replace("#", "")).startswith("# McastStreamStalled"))
            self.assertNotIn("mcast_runbooks", alert["labels"])

        lab.ip("r1", "link", "set", "s1", "up")
        plugged = time.monotonic()
        laboratory.eventually(60, lambda: not stalled())
        self.assertEqual(stalled(), set())
        # What is over is an interruption, and no loss: but for h2, which loses all the time.
        laboratory.eventually(30, lambda: alerting("McastInterruption") >= STREAMS_OF_S1
                              and not alerting("McastLoss", instance='!="h2"'))
        self.assertLessEqual(STREAMS_OF_S1, alerting("McastInterruption"))
        self.assertEqual(alerting("McastLoss", instance='!="h2"'), set())
        print(f"\nMcastStreamStalled after {fired - pulled:.1f} s, "
              f"gone {time.monotonic() - plugged:.1f} s after the link is back")
