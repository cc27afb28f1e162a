"""What Grafana's dashboard-linter demands in strict mode, checked on the JSON that is committed.

The program itself is not packaged, so its rules are told again here, under its names. What a
dashboard has to do otherwise stands in grafana/dashboards/.lint, in the linter's own format and
with its reason; an exclusion that nothing needs any more is a failure, too.
"""

import json
import pathlib
import re
import unittest

import yaml

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "grafana" / "dashboards"
DATASOURCES = {"$datasource", "${datasource}"}
# Of panels of these types it asks for a title, a description and a unit.
DESCRIBED = {"stat", "singlestat", "graph", "table", "timeseries", "gauge"}
# Those that are used, of the many that it knows.
UNITS = {"none", "string", "percentunit", "pps", "s", "bytes", "opm", "dateTimeFromNow", "bps", "short"}
# A name, perhaps with matchers, perhaps with a range behind them.
METRIC = r"(?:mcast[_:][\w:]*|process_\w+|up|ALERTS)"
MATCHERS = r"\{(?:[^{}`\"']|`[^`]*`|\"(?:[^\"\\]|\\.)*\"|'[^']*')*\}"
SELECTOR = re.compile(rf"(?<![\w:.$])({METRIC})(?![\w:(])\s*({MATCHERS})?\s*(\[[^\]]*\])?")
QUOTED = re.compile(r"`[^`]*`|\"(?:[^\"\\]|\\.)*\"")


def selectors(expression):
    """(metric, matchers, range, what is called with it) of each series that is asked for."""
    # Names of metrics within strings are none. Matchers are strings that have to stay.
    spans = [match.span() for match in QUOTED.finditer(expression)]
    for match in SELECTOR.finditer(expression):
        if any(start <= match.start() < end for start, end in spans):
            continue
        called = re.search(r"(\w+)\(\s*$", expression[:match.start()])
        yield match[1], match[2] or "", match[3] or "", called[1] if called else ""


def template_rules(board):
    variables = {item["name"]: item for item in board["templating"]["list"]}
    source = variables.get("datasource")
    if not source or source["query"] != "prometheus" or source["label"] != "Data source":
        yield "template-datasource-rule", {}, "needs a variable datasource, 'Data source', of prometheus"
    for name in ("job", "instance"):
        item = variables.get(name)
        if item is None:
            yield f"template-{name}-rule", {}, f"has no variable {name}"
        elif (item["type"], item["label"], item["multi"], item["allValue"]) != ("query", name.title(), True, ".+"):
            yield f"template-{name}-rule", {}, f"{name} is not of many, labelled {name.title()}, with .+ for all"
    for item in variables.values():
        if item["type"] != "query":
            continue
        if item["datasource"]["uid"] not in DATASOURCES:
            yield "panel-datasource-rule", {}, f"{item['name']} asks another data source"
        if not re.fullmatch(r"(label_names|label_values|metrics|query_result)\(.+\)", item["query"]["query"], re.S):
            yield "template-label-promql-rule", {}, f"{item['name']} is no query of labels"
        if item["refresh"] != 2:
            yield "template-on-time-change-reload-rule", {}, f"{item['name']} is not read again"
    if board["editable"]:
        yield "uneditable-dashboard", {}, "is editable"


def panel_rules(panel):
    where = {"panel": panel["title"]}
    if panel["datasource"]["uid"] not in DATASOURCES:
        yield "panel-datasource-rule", where, "asks another data source"
    if not panel["targets"]:
        yield "panel-no-targets-rule", where, "asks nothing"
    if panel["type"] in DESCRIBED:
        if not panel["title"] or not panel["description"]:
            yield "panel-title-description-rule", where, "has no title or no description"
        if panel["fieldConfig"]["defaults"]["unit"] not in UNITS:
            yield "panel-units-rule", where, "has no unit"


def target_rules(panel):
    for index, target in enumerate(panel["targets"]):
        where = {"panel": panel["title"], "targetIdx": index}
        found = list(selectors(target["expr"]))
        if not found:
            yield "target-promql-rule", where, f"asks for no series: {target['expr']}"
        for metric, matchers, window, function in found:
            for name in ("job", "instance"):
                if f'{name}=~"${name}"' not in matchers:
                    yield f"target-{name}-rule", where, f"{metric} of every {name}"
            if window and function in ("rate", "irate") and window != "[$__rate_interval]":
                yield "target-rate-interval-rule", where, f"{metric} over {window}"
            if metric.endswith("_total") and function not in ("rate", "irate", "increase"):
                yield "target-counter-agg-rule", where, f"{metric} without rate or increase"


def violations(board):
    yield from template_rules(board)
    for panel in board["panels"]:
        if panel["type"] != "row":
            yield from panel_rules(panel)
            yield from target_rules(panel)


class LintTest(unittest.TestCase):
    def test_dashboards_pass_the_linter_in_strict_mode(self):
        exclusions = yaml.safe_load((FOLDER / ".lint").read_text(encoding="utf-8"))["exclusions"]
        for rule, exclusion in exclusions.items():
            self.assertTrue(exclusion["reason"], rule)
            self.assertTrue(exclusion["entries"], f"{rule} is not left out altogether")
        used = set()
        left = []
        for file in sorted(FOLDER.glob("*.json")):
            board = json.loads(file.read_text(encoding="utf-8"))
            for rule, where, what in violations(board):
                place = {"dashboard": board["title"], **where}
                entries = exclusions.get(rule, {}).get("entries", [])
                excluded = [index for index, entry in enumerate(entries) if entry.items() <= place.items()]
                used |= {(rule, index) for index in excluded}
                if not excluded:
                    left.append(f"{rule}: {place}: {what}")
        self.assertEqual(left, [])
        written = {(rule, index) for rule, item in exclusions.items() for index in range(len(item["entries"]))}
        self.assertEqual(written - used, set(), "exclusions that nothing needs")

    def test_selectors_are_found_with_what_is_asked_of_them(self):
        found = list(selectors('rate(mcast_a_total{job=~"$job",x=`{a}`}[5m]) or on () '
                               'label_replace(up, "a", "mcast_b", "", "")'))
        self.assertEqual(found, [("mcast_a_total", '{job=~"$job",x=`{a}`}', "[5m]", "rate"),
                                 ("up", "", "", "label_replace")])


if __name__ == "__main__":
    unittest.main()
