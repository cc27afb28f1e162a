"""What Grafana asks of a dashboard, and what we ask: checked on the JSON that is committed."""

import json
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GRAFANA = ROOT / "grafana"

# Those that come with Grafana 9 to 12.
PANEL_TYPES = {"stat", "timeseries", "table", "state-timeline", "bargauge", "row"}
TRANSFORMATIONS = {"merge", "organize", "filterFieldsByName", "sortBy", "groupingToMatrix"}
UNITS = {"none", "string", "percentunit", "pps", "bps", "s", "bytes", "opm", "dateTimeFromNow"}
UIDS = {"mcast-overview", "mcast-matrix", "mcast-stream", "mcast-host", "mcast-path"}
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
# Grafana's own.
BUILT_IN = {"__rate_interval", "__range", "__url_time_range", "__data", "__field", "__auto"}
# Where the recording rules say that an agent's live page is.
PAGES = {"${__data.fields.Page:raw}", "${__field.labels.page:raw}"}
VARIABLE = re.compile(r"\$\{?(\w+)")
GRID_WIDTH = 24


def nodes(value):
    """Every object in some JSON."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from nodes(part)


def strings(value):
    for node in nodes(value):
        for part in node.values():
            if isinstance(part, str):
                yield part


def for_each_panel(check):
    """A test of every panel of every dashboard that shows something."""
    def test(self):
        for board in self.boards:
            for panel in board["panels"]:
                if panel["type"] != "row":
                    with self.subTest(dashboard=board["uid"], panel=panel["title"]):
                        check(self, panel)
    return test


class DashboardsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.boards = [json.loads(file.read_text(encoding="utf-8"))
                      for file in sorted((GRAFANA / "dashboards").glob("*.json"))]

    def test_they_are_what_their_sources_say(self):
        built = subprocess.run([GRAFANA / "build", "--check"], capture_output=True, text=True)
        self.assertEqual((built.returncode, built.stderr), (0, ""))

    def test_each_has_its_known_uid_and_no_id(self):
        self.assertEqual({board["uid"] for board in self.boards}, UIDS)
        for board in self.boards:
            self.assertIsNone(board["id"])
            self.assertTrue(37 <= board["schemaVersion"] <= 39)
            self.assertTrue(board["description"])
        self.assertEqual(len({board["title"] for board in self.boards}), len(UIDS))

    def test_panels_have_ids_of_their_own(self):
        for board in self.boards:
            ids = [panel["id"] for panel in board["panels"]]
            self.assertEqual(len(ids), len(set(ids)))

    def test_panels_fill_the_grid_without_overlap(self):
        for board in self.boards:
            taken = {}
            for panel in board["panels"]:
                place = panel["gridPos"]
                self.assertGreaterEqual(place["x"], 0)
                self.assertLessEqual(place["x"] + place["w"], GRID_WIDTH, panel["title"])
                for x in range(place["x"], place["x"] + place["w"]):
                    for y in range(place["y"], place["y"] + place["h"]):
                        self.assertIsNone(taken.get((x, y)), f"{board['uid']}: {panel['title']}")
                        taken[x, y] = panel["title"]
            bottom = max(y for _, y in taken) + 1
            self.assertEqual(len(taken), GRID_WIDTH * bottom, f"{board['uid']} has gaps")

    @for_each_panel
    def test_panels_and_transformations_are_of_known_types(self, panel):
        self.assertIn(panel["type"], PANEL_TYPES)
        for transformation in panel["transformations"]:
            self.assertIn(transformation["id"], TRANSFORMATIONS)

    @for_each_panel
    def test_panels_say_what_they_show_and_in_which_unit(self, panel):
        self.assertTrue(panel["description"].endswith("."))
        self.assertIn(panel["fieldConfig"]["defaults"]["unit"], UNITS)
        self.assertTrue(panel["fieldConfig"]["defaults"]["thresholds"]["steps"])
        for override in panel["fieldConfig"]["overrides"]:
            units = [item["value"] for item in override["properties"] if item["id"] == "unit"]
            self.assertTrue(units and set(units) <= UNITS)

    @for_each_panel
    def test_panels_ask_the_chosen_data_source(self, panel):
        self.assertEqual(panel["datasource"], DATASOURCE)
        self.assertTrue(panel["targets"])
        references = [target["refId"] for target in panel["targets"]]
        self.assertEqual(len(references), len(set(references)))
        for target in panel["targets"]:
            self.assertEqual(target["datasource"], DATASOURCE)

    def test_marks_and_variables_ask_the_chosen_data_source(self):
        for board in self.boards:
            for item in board["annotations"]["list"]:
                self.assertEqual(item["datasource"], DATASOURCE)
            for variable in board["templating"]["list"]:
                if variable["type"] == "query":
                    self.assertEqual(variable["datasource"], DATASOURCE)

    def test_every_variable_is_used_and_every_one_used_is_there(self):
        for board in self.boards:
            with self.subTest(dashboard=board["uid"]):
                defined = {variable["name"] for variable in board["templating"]["list"]}
                queries = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
                queries += [item["expr"] for item in board["annotations"]["list"]]
                used = {name for query in queries for name in VARIABLE.findall(query)} - BUILT_IN
                # Panels, and not only other variables.
                self.assertEqual(defined - used, {"datasource"})
                self.assertEqual({name for text in strings(board) for name in VARIABLE.findall(text)} - BUILT_IN,
                                 defined)

    def test_a_variable_refers_only_to_those_before_it(self):
        for board in self.boards:
            before = set()
            for variable in board["templating"]["list"]:
                if variable["type"] == "query":
                    self.assertLessEqual(set(VARIABLE.findall(variable["definition"])), before, variable["name"])
                before.add(variable["name"])

    @for_each_panel
    def test_rates_follow_the_interval_of_the_scrapes(self, panel):
        for target in panel["targets"]:
            for window in re.findall(r"\brate\(.*?\[([^\]]+)\]", target["expr"]):
                self.assertEqual(window, "$__rate_interval")

    def test_links_lead_to_dashboards_and_set_variables_that_these_have(self):
        variables = {board["uid"]: {variable["name"] for variable in board["templating"]["list"]}
                     for board in self.boards}
        for board in self.boards:
            urls = [node["url"] for node in nodes(board) if "url" in node]
            self.assertTrue(urls)
            for url in urls:
                if url in PAGES:
                    continue
                uid = re.match(r"/d/([\w-]+)\?", url)[1]
                self.assertIn(uid, variables)
                for name in re.findall(r"var-(\w+)=", url):
                    self.assertIn(name, variables[uid], url)
                # What is in a name must not become part of the address.
                for value in re.findall(r"=\$\{([^}]*)\}", url):
                    self.assertTrue(value.endswith(":percentencode"), url)

    @for_each_panel
    def test_links_name_columns_that_their_table_has(self, panel):
        for transformation in panel["transformations"]:
            if transformation["id"] == "filterFieldsByName":
                shown = transformation["options"]["include"]["names"]
                named = {name for text in strings(panel) for name in re.findall(r"__data\.fields\.(\w+)", text)}
                self.assertLessEqual(named, set(shown))
                self.assertEqual([override["matcher"]["options"] for override in panel["fieldConfig"]["overrides"]],
                                 shown)

    def test_metrics_are_those_of_the_agent_or_of_the_rules(self):
        documented = set(re.findall(r"`((?:mcast|process)_\w+)`", (ROOT / "docs" / "metrics.md").read_text()))
        rules = "".join(file.read_text() for file in (GRAFANA / "prometheus").glob("*.yml"))
        recorded = set(re.findall(r"record: ([\w:]+)", rules))
        queries = "".join(target["expr"] + " " for board in self.boards for panel in board["panels"]
                          for target in panel.get("targets", []))
        used = set(re.findall(r"\b(?:mcast|process)_\w+|\bmcast:[\w:]+", queries + rules))
        used = {re.sub(r"_(bucket|count|sum)$", "", name) for name in used}
        self.assertEqual(used - documented - recorded - {"mcast_", "mcast_runbooks"}, set())

    def test_dscp_has_the_same_names_in_dashboards_rules_and_programs(self):
        program = re.findall(r'Name\{"(\w+)", (\d+)\}', (ROOT / "base/dscp.cpp").read_text())
        program = {int(value): name for name, value in program if name != "CS0"}
        recording = (GRAFANA / "prometheus/recording.yml").read_text()
        rules = re.findall(r"sent: '(\d+)', arrived: '(\d+)', name: (\w+)", recording)
        self.assertEqual({int(sent): name for sent, arrived, name in rules if sent == arrived}, program)
        shown = 0
        for board in self.boards:
            for node in nodes(board):
                options = node.get("options")
                if node.get("type") == "value" and "34" in options:
                    shown += 1
                    self.assertEqual({int(value): item["text"] for value, item in options.items()}, program)
        self.assertEqual(shown, 3)

    def test_prometheus_reads_every_query_of_the_documents(self):
        blocks = re.findall(r"```promql\n(.*?)```", (ROOT / "docs/metrics.md").read_text(), re.S)
        queries = [query for block in blocks for query in block.split("\n\n")]
        self.assertGreater(len(queries), 15)
        self.assert_read(queries)

    def test_prometheus_reads_every_query(self):
        settings = [f"--set={name}=a" for name in ("stream", "group", "source", "instance")]
        listed = subprocess.run([GRAFANA / "queries", *settings], check=True, capture_output=True, text=True).stdout
        queries = [json.loads(line)["query"] for line in listed.splitlines()]
        self.assertGreater(len(queries), 100)
        self.assert_read(queries)

    def assert_read(self, queries):
        rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(queries)]
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            json.dump({"groups": [{"name": "queries", "rules": rules}]}, file)
            file.flush()
            checked = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)


if __name__ == "__main__":
    unittest.main()
