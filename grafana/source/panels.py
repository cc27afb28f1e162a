"""What all dashboards share: label filters, panels, variables, links.

A dashboard's module names what is shown; how Grafana wants it said is here. Everything is a
function that returns a piece of a dashboard's JSON.

The schema is that of Grafana 9, which later versions still read. Only panel types that come with
Grafana are used.
"""

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
SCHEMA_VERSION = 38

# "All" must match names of streams with newlines in them, too; jobs and instances have none.
ALL = "(?s:.*)"
ALL_OF_EVERY_SERIES = ".+"

# Every series has them, so queries say of which they ask. Jobs and instances hold nothing that
# Grafana's own escaping breaks at.
JOB = 'job=~"$job"'
INSTANCE = 'instance=~"$instance"'


def one_of(label, variable=None):
    """A matcher for the values chosen of a variable with several.

    Backticks and `:regex` rather than Grafana's own escaping: that one breaks at a quote or a
    backslash in a name, in some versions. Left over is the backtick itself.
    """
    return f"{label}=~`${{{variable or label}:regex}}`"


def exactly(label, variable=None):
    """A matcher for a variable with one value."""
    return f"{label}=`${{{variable or label}:raw}}`"


# The order of the state codes is that of mcast:receiver_state:code: the worst is the highest.
STATES = {
    0: ("ended", "blue"),
    1: ("receiving", "green"),
    2: ("waiting", "yellow"),
    3: ("stalled", "red"),
    4: ("failed", "purple"),
}


def value_mappings(texts):
    """{value: (text, colour)} as a list of mappings; nothing is shown of no value."""
    return [
        {"type": "value", "options": {
            str(value): {"text": text, "color": colour, "index": index}
            for index, (value, (text, colour)) in enumerate(texts.items())}},
        EMPTY_MAPPING,
    ]


# Without it a table colours an empty cell like the lowest threshold.
EMPTY_MAPPING = {"type": "special", "options": {
    "match": "null+nan", "result": {"text": "", "color": "transparent", "index": 90}}}

STATE_MAPPINGS = value_mappings(STATES)

# As the recording rules call them; other values have no names.
DSCP_NAMES = {0: "BE", 46: "EF"} | {8 * number: f"CS{number}" for number in range(1, 8)} | {
    8 * number + 2 * drop: f"AF{number}{drop}" for number in range(1, 5) for drop in range(1, 4)}
DSCP_MAPPINGS = value_mappings({value: (name, "text") for value, name in sorted(DSCP_NAMES.items())})


def thresholds(*steps):
    """('green', (0.01, 'yellow'), ...): the colour from the start, then from each value on."""
    base, *rest = steps
    return {"mode": "absolute", "steps": [{"color": base, "value": None}] + [
        {"color": colour, "value": value} for value, colour in rest]}


LOSS_THRESHOLDS = thresholds("green", (1e-9, "yellow"), (0.01, "orange"), (0.05, "red"))
FAULT_THRESHOLDS = thresholds("green", (1e-9, "red"))
NO_THRESHOLDS = thresholds("text")


def target(expression, legend="__auto", *, ref="A", instant=False, table=False):
    """One query. `table` asks for one row a series, labels as columns."""
    return {
        "refId": ref,
        "datasource": DATASOURCE,
        "editorMode": "code",
        "expr": " ".join(expression.split()),
        "legendFormat": legend,
        "instant": instant or table,
        "range": not (instant or table),
        "format": "table" if table else "time_series",
    }


def range_targets(*queries):
    """(expression, legend) each, as queries over the time shown."""
    return [target(expression, legend, ref=chr(ord("A") + index))
            for index, (expression, legend) in enumerate(queries)]


def link(title, url):
    return {"title": title, "url": url, "targetBlank": False}


# The recording rules know the address of each agent's page, as the label `page`.
def page_link(page):
    return {**link("Live page", f"${{{page}:raw}}"), "targetBlank": True}


def dashboard_url(uid, **variables):
    """The address of another dashboard, with data source, job and time kept.

    Values are Grafana's references to a field of the row, as `__data.fields.stream`; they are
    encoded, whatever is in them.
    """
    chosen = "".join(f"&var-{name}=${{{value}:percentencode}}" for name, value in variables.items())
    return f"/d/{uid}?${{datasource:queryparam}}&${{job:queryparam}}{chosen}&${{__url_time_range}}"


def _panel(kind, title, description, targets, unit, *, decimals=None, mappings=None, steps=None,
           links=None, custom=None, options=None, overrides=None, transformations=None,
           minimum=None, maximum=None, colour="thresholds"):
    defaults = {
        "unit": unit,
        "color": {"mode": colour},
        "mappings": mappings or [],
        "thresholds": steps or NO_THRESHOLDS,
        "custom": custom or {},
    }
    for key, value in (("decimals", decimals), ("links", links), ("min", minimum), ("max", maximum)):
        if value is not None:
            defaults[key] = value
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATASOURCE,
        "targets": targets,
        "fieldConfig": {"defaults": defaults, "overrides": overrides or []},
        "options": options or {},
        "transformations": transformations or [],
    }


def stat(title, description, expression, unit, *, legend="__auto", steps=None, mappings=None,
         decimals=None, links=None, sparkline=False, text="auto"):
    """One figure a series, as it is now."""
    return _panel(
        "stat", title, description, [target(expression, legend, instant=not sparkline)], unit,
        steps=steps, mappings=mappings, decimals=decimals, links=links,
        options={
            "colorMode": "value", "graphMode": "area" if sparkline else "none", "justifyMode": "auto",
            "orientation": "auto", "textMode": text, "wideLayout": True,
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}})


def timeseries(title, description, queries, unit, *, steps=None, stack=False, decimals=None,
               minimum=0, maximum=None, step_line=False, overrides=None, links=None, mappings=None):
    """Lines over time. `queries`: (expression, legend) each."""
    return _panel(
        "timeseries", title, description, range_targets(*queries), unit, colour="palette-classic",
        steps=steps, decimals=decimals, minimum=minimum, maximum=maximum, overrides=overrides, links=links,
        mappings=mappings,
        custom={
            "drawStyle": "line", "lineInterpolation": "stepAfter" if step_line else "linear",
            "lineWidth": 1, "fillOpacity": 10, "showPoints": "never", "spanNulls": False,
            "stacking": {"mode": "normal" if stack else "none", "group": "A"},
            "thresholdsStyle": {"mode": "off"}},
        options={
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
            "tooltip": {"mode": "multi", "sort": "desc"}})


def state_timeline(title, description, expression, legend, mappings, links=None):
    """Bars over time, in the colours of the values."""
    return _panel(
        "state-timeline", title, description, [target(expression, legend)], "none",
        mappings=mappings, links=links, custom={"lineWidth": 0, "fillOpacity": 80},
        options={
            "mergeValues": True, "showValue": "auto", "alignValue": "left", "rowHeight": 0.85,
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False},
            "tooltip": {"mode": "single", "sort": "none"}})


def bars(title, description, expression, legend, unit, *, steps=None, decimals=None):
    """A bar a series, as it is now."""
    return _panel(
        "bargauge", title, description, [target(expression, legend, instant=True)], unit,
        steps=steps or thresholds("blue"), decimals=decimals, minimum=0,
        options={
            "displayMode": "gradient", "orientation": "horizontal", "showUnfilled": True,
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}})


class Column:
    """A column of a table: a label, or the value of a query."""

    def __init__(self, name, *, label=None, expression=None, unit="none", mappings=None, steps=None,
                 decimals=None, links=None, coloured=False):
        self.name, self.label, self.expression, self.unit = name, label, expression, unit
        self.mappings, self.steps, self.decimals, self.links = mappings, steps, decimals, links
        self.coloured = coloured

    def override(self):
        properties = [{"id": "unit", "value": self.unit}]
        for key, value in (("mappings", self.mappings), ("thresholds", self.steps),
                           ("decimals", self.decimals), ("links", self.links)):
            if value is not None:
                properties.append({"id": key, "value": value})
        if self.coloured:
            properties += CELL_COLOURS
        return {"matcher": {"id": "byName", "options": self.name}, "properties": properties}


# Grafana 9.0 to 9.4 know only displayMode, later versions cellOptions.
CELL_COLOURS = [
    {"id": "custom.displayMode", "value": "color-background"},
    {"id": "custom.cellOptions", "value": {"type": "color-background", "mode": "basic"}},
]
PLAIN_CELLS = [
    {"id": "custom.displayMode", "value": "auto"},
    {"id": "custom.cellOptions", "value": {"type": "auto"}},
]

TABLE_OPTIONS = {"showHeader": True, "cellHeight": "sm",
                 "footer": {"show": False, "reducer": ["sum"], "countRows": False, "fields": ""}}


def table(title, description, columns, *, sort=None, descending=False):
    """Rows are the label sets of the queries, which must all have the same labels.

    `sort` names the column that the rows are ordered by. Labels without a column are not shown.
    """
    values = [column for column in columns if column.expression]
    targets = [target(column.expression, ref=chr(ord("A") + index), table=True)
               for index, column in enumerate(values)]
    renamed = {column.label: column.name for column in columns if column.label}
    # Grafana numbers the values only where more than one query has some: the first one always has.
    renamed["Value"] = values[0].name
    if len(values) > 1:
        for index, column in enumerate(values):
            renamed[f"Value #{chr(ord('A') + index)}"] = column.name
    order = {source: [column.name for column in columns].index(name) for source, name in renamed.items()}
    shown = [column.name for column in columns]
    transformations = [
        {"id": "merge", "options": {}},
        {"id": "organize", "options": {
            "excludeByName": {"Time": True}, "indexByName": order, "renameByName": renamed}},
        {"id": "filterFieldsByName", "options": {"include": {"names": shown}}},
    ]
    if sort:
        transformations.append({"id": "sortBy", "options": {
            "fields": {}, "sort": [{"field": sort, "desc": descending}]}})
    return _panel("table", title, description, targets, "none",
                  custom={"align": "auto", "filterable": True}, options=TABLE_OPTIONS,
                  overrides=[column.override() for column in columns], transformations=transformations)


def matrix(title, description, expression, row, column, corner, unit, *, mappings=None, steps=None,
           decimals=None, links=None):
    """A grid: a row for each value of one label, a column for each of another."""
    return _panel(
        "table", title, description, [target(expression, table=True)], unit,
        mappings=mappings or [EMPTY_MAPPING], steps=steps, decimals=decimals, links=links,
        custom={"align": "center", "filterable": False, "minWidth": 80,
                "displayMode": "color-background",
                "cellOptions": {"type": "color-background", "mode": "basic"}},
        options=TABLE_OPTIONS,
        overrides=[{"matcher": {"id": "byName", "options": corner}, "properties": PLAIN_CELLS + [
            {"id": "unit", "value": "string"}, {"id": "custom.align", "value": "left"},
            {"id": "links", "value": []}]}],
        transformations=[
            {"id": "groupingToMatrix", "options": {
                "rowField": row, "columnField": column, "valueField": "Value", "emptyValue": "null"}},
            {"id": "organize", "options": {
                "excludeByName": {}, "indexByName": {}, "renameByName": {f"{row}\\{column}": corner}}},
        ])


def text(title, description, markdown):
    return {"type": "text", "title": title, "description": description, "datasource": DATASOURCE,
            "options": {"mode": "markdown", "content": markdown}}


def row(title):
    return {"type": "row", "title": title, "collapsed": False, "panels": []}


# Variables


def datasource_variable():
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus",
            "regex": "", "hide": 0, "includeAll": False, "multi": False, "refresh": 1,
            "options": [], "current": {}}


def variable(name, label, query, *, several=True, every=ALL, description=""):
    """Values of a label. With `several` more than one can be chosen, and all of them are."""
    return {
        "name": name, "label": label, "description": description, "type": "query",
        "datasource": DATASOURCE, "definition": query,
        "query": {"query": query, "refId": "StandardVariableQuery"},
        "regex": "", "sort": 1, "hide": 0, "skipUrlSync": False,
        # Whenever the time shown changes: streams come and go.
        "refresh": 2,
        "multi": several, "includeAll": several, "allValue": every if several else None,
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]} if several else {},
        "options": [],
    }


def job_variable():
    return variable("job", "Job", "label_values(mcast_agent_build_info, job)",
                    every=ALL_OF_EVERY_SERIES)


def instance_variable(query, **options):
    return variable("instance", "Instance", query, every=ALL_OF_EVERY_SERIES, **options)


def annotation(name, description, expression, colour, text_format):
    """Marks in all panels with time, where the expression has values."""
    return {
        "name": name, "datasource": DATASOURCE, "enable": True, "hide": False, "iconColor": colour,
        "expr": " ".join(expression.split()), "step": "30s", "titleFormat": name,
        "textFormat": text_format, "tagKeys": "", "useValueForTime": False,
        "target": {"refId": "Anno", "expr": " ".join(expression.split()), "interval": "30s"},
    }


DASHBOARDS = (
    ("mcast-overview", "Lab overview"),
    ("mcast-matrix", "Matrix"),
    ("mcast-stream", "Stream"),
    ("mcast-host", "Host"),
    ("mcast-path", "Path"),
)


def dashboard(uid, description, variables, grid, annotations=()):
    """A whole dashboard. `grid`: rows of (panel, width) with a height, from top to bottom."""
    title = dict(DASHBOARDS)[uid]
    panels, y, number = [], 0, 0
    for height, line in grid:
        x = 0
        for panel, width in line:
            number += 1
            panels.append({"id": number, "gridPos": {"x": x, "y": y, "w": width, "h": height}, **panel})
            x += width
        y += height
    return {
        "id": None,
        "uid": uid,
        "title": f"Multicast: {title}",
        "description": description,
        "tags": ["mcast"],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "fiscalYearStartMonth": 0,
        "weekStart": "",
        "timezone": "browser",
        "refresh": "10s",
        "time": {"from": "now-30m", "to": "now"},
        "timepicker": {},
        "templating": {"list": [datasource_variable(), *variables]},
        "annotations": {"list": list(annotations)},
        "links": [{
            "type": "link", "title": other, "icon": "dashboard", "tooltip": "", "tags": [], "asDropdown": False,
            "targetBlank": False, "includeVars": False, "keepTime": True,
            # Not all variables: "All" of one dashboard is no value in another that takes one only.
            "url": f"/d/{other_uid}?${{datasource:queryparam}}&${{job:queryparam}}",
        } for other_uid, other in DASHBOARDS if other_uid != uid],
        "panels": panels,
    }
