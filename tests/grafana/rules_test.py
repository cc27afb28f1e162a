"""The rules as promtool sees them, and the pages that they name."""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = ROOT / "grafana" / "prometheus"
SEVERITIES = {"critical", "warning", "info"}
# One setting of Prometheus says where they are.
RUNBOOKS = "{{ with $externalLabels.mcast_runbooks }}{{ . }}{{ else }}docs/runbooks{{ end }}"
ANNOTATIONS = ("summary", "description", "runbook_url")


def alerts():
    """name -> its text in alerts.yml."""
    parts = re.split(r"\n      - alert: (\w+)\n", (RULES / "alerts.yml").read_text())
    return dict(zip(parts[1::2], parts[2::2]))


class RulesTest(unittest.TestCase):
    def test_prometheus_accepts_them(self):
        checked = subprocess.run(["promtool", "check", "rules", RULES / "recording.yml", RULES / "alerts.yml"],
                                 capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)

    def test_their_cases_hold(self):
        tested = subprocess.run(["promtool", "test", "rules", *sorted((RULES / "tests").glob("*.yml"))],
                                capture_output=True, text=True)
        self.assertEqual(tested.returncode, 0, tested.stdout + tested.stderr)

    def test_every_alert_has_a_severity_and_says_what_happened(self):
        for name, text in alerts().items():
            with self.subTest(alert=name):
                self.assertIn(re.search(r"severity: (\w+)", text)[1], SEVERITIES)
                for annotation in ANNOTATIONS:
                    self.assertIn(f"          {annotation}: ", text)

    def test_every_alert_has_cases_that_fire_that_do_not_and_that_recover(self):
        for name in alerts():
            with self.subTest(alert=name):
                cases = re.findall(r"- name: '(\w+(?: not)?)", (RULES / "tests" / f"{name}.yml").read_text())
                self.assertIn("fires", "".join(cases))
                self.assertIn("does not", cases)
                self.assertIn("recovers", "".join(cases))

    def test_every_alert_has_its_runbook_and_every_runbook_its_alert(self):
        folder = ROOT / "docs" / "runbooks"
        index = (folder / "README.md").read_text()
        self.assertEqual({file.stem for file in folder.glob("Mcast*.md")}, set(alerts()))
        for name, text in alerts().items():
            with self.subTest(alert=name):
                self.assertIn(f"runbook_url: '{RUNBOOKS}/{name}.md'", text)
                self.assertTrue((folder / f"{name}.md").read_text().startswith(f"# {name}\n"))
                self.assertIn(f"[{name}]({name}.md)", index)

    def test_no_alert_waits_for_what_is_absent(self):
        # It would go on for ever for a stream that is removed.
        for name, text in alerts().items():
            self.assertNotIn("absent", text, name)


if __name__ == "__main__":
    unittest.main()
