"""A Prometheus on loopback that scrapes a made-up lab and evaluates the rules."""

import http.server
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from example_lab import instance

RULES = pathlib.Path(__file__).resolve().parents[2] / "grafana" / "prometheus"
START_SECONDS = 20


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def metrics_server(lab):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = lab.metrics(int(self.path.rsplit("/", 1)[1])).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_):
            """Prometheus may end while it scrapes."""

    return Server(("127.0.0.1", 0), Handler)


class PrometheusServer:
    """For a `with` statement; gone with all its files at the end."""

    def __init__(self, lab, scrape_interval="1s", evaluation_interval="1s"):
        self.lab = lab
        self.intervals = {"scrape_interval": scrape_interval, "evaluation_interval": evaluation_interval}

    def __enter__(self):
        self.server = metrics_server(self.lab)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mcast-grafana-"))
        self.process = None
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self):
        agents = f"127.0.0.1:{self.server.server_address[1]}"
        configuration = {
            "global": self.intervals,
            "rule_files": [str(RULES / "recording.yml"), str(RULES / "alerts.yml")],
            "scrape_configs": [{"job_name": "mcast", "static_configs": [
                {"targets": [agents], "labels": {"__metrics_path__": f"/{host}", "instance": instance(host)}}
                for host in range(self.lab.hosts + 1)]}],
        }
        # JSON is YAML.
        (self.folder / "prometheus.yml").write_text(json.dumps(configuration))
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/data",
                 f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
        self.wait_until(self._ready, START_SECONDS, "Prometheus to be ready")

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        shutil.rmtree(self.folder)

    def _ready(self):
        if self.process.poll() is not None:
            raise AssertionError("Prometheus ended: " + (self.folder / "log").read_text()[-2000:])
        try:
            self.get("/-/ready")
            return True
        except urllib.error.URLError:
            return False

    @staticmethod
    def wait_until(condition, seconds, what):
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {seconds} s in vain for {what}")
            time.sleep(0.1)
        return value

    def get(self, path, **parameters):
        url = f"{self.address}{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()

    def query(self, expression):
        """The samples that an instant query gives."""
        return json.loads(self.get("/api/v1/query", query=expression))["data"]["result"]
