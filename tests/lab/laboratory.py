"""The lab under test: packaging/lab/up with names, ports and a directory of its own.

One lab is shared by all tests that only look at it; shared() starts it for the first of them, and
it ends with the process namespace that tests/lab/run makes.
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = REPOSITORY / "packaging" / "lab"
SENDERS = ["s1", "s2", "s3"]
ROUTERS = ["r1", "r2"]
RECEIVERS = ["h1", "h2", "h3", "h4"]
AGENTS = SENDERS + ROUTERS + RECEIVERS

# What a label may hold and a careless program does not give back.
ODD_TEXT = 'quotes " \' backslash \\ line\nbreak tab\t Straße 多播 {{ $labels }} \\n'
ODD_NAME = 'Straße "7" \\ 多播'


class Laboratory:
    def __init__(self, prefix, subnet, first_port, agents=None, rules=None):
        self.directory = pathlib.Path("/run") / (prefix + "lab")
        self.prefix = prefix
        self.subnet = subnet
        self.prometheus = Prometheus(first_port)
        self.alertmanager_port = first_port + 1
        self.environment = dict(
            os.environ,
            MCAST_LAB_DIR=str(self.directory), MCAST_LAB_PREFIX=prefix, MCAST_LAB_SUBNET=subnet,
            MCAST_LAB_PROMETHEUS_PORT=str(first_port),
            MCAST_LAB_ALERTMANAGER_PORT=str(self.alertmanager_port),
            MCAST_LAB_SCRAPE_INTERVAL="1s")
        if agents:
            self.environment["MCAST_LAB_AGENTS"] = str(agents)
        if rules:
            self.environment["MCAST_LAB_RULES"] = str(rules)

    def run(self, script, launcher=(), arguments=(), **environment):
        return subprocess.run([*launcher, SCRIPTS / script, *arguments], env={**self.environment, **environment},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=90)

    def up(self):
        done = self.run("up")
        if done.returncode != 0:
            raise RuntimeError("up failed:\n" + done.stdout)
        return done.stdout

    def agent_url(self, name):
        kind = {"s": 1, "r": 2, "h": 3}[name[0]]
        return f"http://{self.subnet}.{kind}{name[1]}:19779"

    def ip(self, node, *arguments):
        subprocess.run(["ip", "-n", self.prefix + node, *arguments], check=True)

    def processes(self):
        """Name -> process ID, as `up` has written them down."""
        lines = (self.directory / "processes").read_text().splitlines()
        return {name: int(identifier) for identifier, _, name in map(str.split, lines)}

    def resident_megabytes(self, name):
        return resident_megabytes(self.processes()[name])

    def alerts(self, alert):
        url = f"http://127.0.0.1:{self.alertmanager_port}/api/v2/alerts?" + urllib.parse.urlencode(
            {"filter": f'alertname="{alert}"'})
        return json.loads(get(url))


class Prometheus:
    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, path, **parameters):
        answer = json.loads(get(f"{self.url}/api/v1/{path}?" + urllib.parse.urlencode(parameters)))
        return answer["data"]

    def query(self, expression):
        """A list of (labels, value)."""
        data = self.ask("query", query=expression)
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(series["metric"], float(series["value"][1])) for series in data["result"]]


def get(url):
    """The body; an answer that is an error tells what its body says."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{url}: {error.code} {error.read().decode(errors='replace')}") from None


def resident_megabytes(process):
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {process} says no VmRSS")


def eventually(seconds, condition):
    """Asks until the condition is true, and gives its last value; errors count as not yet."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            value = condition()
        except (OSError, RuntimeError):
            value = None
        if value or time.monotonic() > deadline:
            return value
        time.sleep(0.2)


def agents_with_odd_labels():
    """The lab's own configurations, and labels and a name that are hard to quote on h3."""
    folder = pathlib.Path(tempfile.mkdtemp(dir="/run"))
    shutil.copytree(SCRIPTS / "agents", folder, dirs_exist_ok=True)
    quoted = json.dumps({"name": ODD_NAME, "group": "239.88.9.10", "labels": {"odd": ODD_TEXT}},
                        ensure_ascii=False)
    h3 = folder / "h3.yml"
    h3.write_text(h3.read_text().replace("receivers:\n", f"receivers:\n  - {quoted}\n"))
    return folder


_shared = []


def shared():
    if not _shared:
        lab = Laboratory("mct-", "10.254.77", 19090, agents_with_odd_labels())
        lab.up()
        _shared.append(lab)
    return _shared[0]
