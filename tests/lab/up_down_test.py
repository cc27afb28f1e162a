"""What `up` and `down` do when all is well, and when it is not. No other lab is up meanwhile."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

import laboratory


def contents(folder):
    return sorted(str(path) for path in pathlib.Path(folder).rglob("*") if not path.is_socket())


def sysctls():
    values = {}
    for path in pathlib.Path("/proc/sys/net").rglob("*"):
        try:
            values[str(path)] = path.read_text()
        except OSError:
            continue
    # Counted by the kernel, not set by anybody.
    return {path: value for path, value in values.items() if "conntrack_count" not in path}


def programs():
    """Processes other than this test, by ID."""
    found = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode().strip()
        except OSError:
            continue
        if command:
            found[path.parent.name] = command
    return found


def network(*objects):
    return {item: subprocess.run(["ip", "-o", *item.split()], check=True, capture_output=True,
                                 text=True).stdout for item in objects}


def host():
    links = subprocess.run(["ip", "-o", "link"], check=True, capture_output=True, text=True).stdout
    return {"files": contents("/run"), "sysctls": sysctls(), "programs": programs(),
            "network": network("netns list", "address show scope global", "route", "-6 route"),
            "links": [line.split(":")[1].strip() for line in links.splitlines()]}


class UpAndDown(unittest.TestCase):
    def setUp(self):
        self.lab = laboratory.Laboratory("mcu-", "10.254.78", 19290)
        self.before = host()
        self.addCleanup(self.lab.run, "down")

    def assert_nothing_is_left(self):
        self.maxDiff = 2000
        # The kernel takes namespaces and their cables away a little later.
        laboratory.eventually(10, lambda: host() == self.before)
        now = host()
        for what, before in self.before.items():
            self.assertEqual(now[what], before, what)

    def test_down_leaves_nothing_behind(self):
        said = self.lab.up()
        self.assertIn("http://127.0.0.1:19290/", said)
        self.assertIn("http://10.254.78.31:19779/", said)
        self.assertNotEqual(host()["network"], self.before["network"])
        done = self.lab.run("down")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assert_nothing_is_left()

    def test_up_prints_what_can_be_opened_and_typed(self):
        said = self.lab.up()
        addresses = re.findall(r"http://\S+", said.split("Agents")[0])
        self.assertEqual(len(addresses), 4, said)
        for address in re.findall(r"(?<!=)http://\S+", said):
            self.assertTrue(laboratory.get(address), address)
        # Debian's Alertmanager has no pages.
        command = re.search(r"^Alertmanager  (amtool .*)$", said, re.M)
        if command:
            done = subprocess.run(command[1].split(), capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
        else:
            self.assertIn("<script", laboratory.get(f"http://127.0.0.1:{self.lab.alertmanager_port}/"))

    def test_help_is_help_and_other_arguments_are_refused(self):
        for script in ("up", "down"):
            for argument in ("--help", "-h"):
                done = self.lab.run(script, arguments=[argument])
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertTrue(done.stdout.startswith("usage: "), done.stdout)
            for arguments in (["--hlep"], [""], ["now"], ["--help", "now"]):
                done = self.lab.run(script, arguments=arguments)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn(f"unexpected argument '{arguments[-1]}'", done.stdout)
        self.assert_nothing_is_left()

    def test_up_changes_no_sysctl_of_the_host(self):
        self.lab.up()
        now = sysctls()
        # Interfaces that are new have theirs.
        changed = {path for path, value in self.before["sysctls"].items() if now.get(path) != value}
        self.assertEqual(changed, set())

    def test_down_without_a_lab_says_so(self):
        done = self.lab.run("down")
        self.assertEqual(done.returncode, 0)
        self.assertIn("there is no lab", done.stdout)

    def test_up_twice_says_so_and_leaves_the_lab_alone(self):
        self.lab.up()
        before = self.lab.processes()
        done = self.lab.run("up")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the lab is up already", done.stdout)
        self.assertEqual(self.lab.processes(), before)
        self.assertIn("agent", laboratory.get(self.lab.agent_url("h1") + "/metrics"))

    def test_up_that_fails_half_way_cleans_up_and_says_why(self):
        rules = pathlib.Path(tempfile.mkdtemp(dir="/run"))
        (rules / "broken.yml").write_text("groups: [{name: x, rules: [{record: x, expr: '('}]}]\n")
        self.before = host()
        done = self.lab.run("up", MCAST_LAB_RULES=str(rules))
        self.assertEqual(done.returncode, 1)
        self.assertIn("prometheus ended", done.stdout)
        self.assertIn("broken.yml", done.stdout)
        self.assert_nothing_is_left()

    def test_up_that_is_ended_half_way_cleans_up(self):
        up = subprocess.Popen([laboratory.SCRIPTS / "up"], env=self.lab.environment,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # By then it makes namespaces and starts processes.
        self.assertTrue(laboratory.eventually(10, (self.lab.directory / "processes").exists))
        up.terminate()
        self.assertNotEqual(up.wait(30), 0)
        self.assert_nothing_is_left()

    def test_a_port_in_use_is_named_before_anything_is_made(self):
        done = self.lab.run("up", MCAST_LAB_PROMETHEUS_PORT=str(self.taken_port()))
        self.assertEqual(done.returncode, 1)
        self.assertIn("is in use", done.stdout)
        self.assert_nothing_is_left()

    def taken_port(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        return listener.getsockname()[1]

    def test_a_missing_program_is_named_with_its_package(self):
        folder = pathlib.Path(tempfile.mkdtemp(dir="/run"))
        for program in pathlib.Path("/usr/bin").iterdir():
            if program.name != "prometheus-alertmanager":
                (folder / program.name).symlink_to(program)
        done = self.lab.run("up", PATH=str(folder))
        self.assertEqual(done.returncode, 1)
        self.assertIn("apt-get install prometheus-alertmanager", done.stdout)

    def test_without_root_it_says_so(self):
        # An identity that is not mapped (tests without root) cannot be taken.
        launcher = ["setpriv", "--reuid=65534", "--clear-groups"]
        if subprocess.run([*launcher, "true"], capture_output=True).returncode != 0:
            self.skipTest("only root can become somebody else")
        # Nobody else may look into a checkout below /root, or into most homes.
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            scripts = shutil.copytree(laboratory.SCRIPTS, pathlib.Path(folder) / "lab")
            done = self.lab.run(scripts / "up", launcher)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("need root", done.stdout)

    def test_an_error_in_the_configuration_of_an_agent_is_shown(self):
        agents = laboratory.agents_with_odd_labels()
        (agents / "s2.yml").write_text("senders:\n  - {name: x, gruop: 239.1.1.1}\n")
        done = self.lab.run("up", MCAST_LAB_AGENTS=str(agents))
        self.assertEqual(done.returncode, 1)
        self.assertIn("s2.yml:2:", done.stdout)

    def test_down_does_not_end_a_process_that_got_the_id_of_one_that_died(self):
        self.lab.up()
        stranger = subprocess.Popen(["sleep", "1000"])
        self.addCleanup(stranger.wait)
        self.addCleanup(stranger.kill)
        with open(self.lab.directory / "processes", "a") as file:
            file.write(f"{stranger.pid} 1 somebody\n")
        self.assertEqual(self.lab.run("down").returncode, 0)
        self.assertIsNone(stranger.poll())

    def test_down_does_not_delete_a_directory_that_is_not_the_labs(self):
        self.lab.directory.mkdir()
        self.addCleanup(self.lab.directory.rmdir)
        done = self.lab.run("up")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not mine", done.stdout)
        self.lab.run("down")
        self.assertTrue(self.lab.directory.is_dir())
