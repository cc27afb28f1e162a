"""`cmake --install` puts everything where its programs look for it."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = ["mcast-agent", "mcast-receive", "mcast-send", "mcast-status"]


def run(*command, **environment):
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)


def installed(prefix, destination=""):
    """Installs, and gives the folder that stands for the prefix."""
    done = run(os.environ["MCAST_CMAKE"], "--install", os.environ["MCAST_BUILD"], "--prefix", prefix,
               DESTDIR=str(destination))
    if done.returncode != 0:
        raise RuntimeError(done.stdout + done.stderr)
    return pathlib.Path(f"{destination}{prefix}")


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def expected(zsh):
    pages = ["share/man/man1/mcast-receive.1", "share/man/man1/mcast-send.1", "share/man/man1/mcast-status.1",
             "share/man/man8/mcast-agent.8"]
    of_each = [place for name in COMMANDS for place in (
        f"bin/{name}", f"share/bash-completion/completions/{name}",
        f"share/fish/vendor_completions.d/{name}.fish")]
    documents = [f"share/doc/mcast-agent/{name}"
                 for name in ("CHANGELOG.md", "LICENSE", "README.md", "examples/mcast-agent.yml")]
    return sorted([*pages, *of_each, *documents, f"share/zsh/{zsh}/_mcast", "lib/systemd/system/mcast-agent.service"])


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.tree = installed(str(cls.folder / "prefix"))

    def test_every_file_has_its_place_and_there_is_no_other(self):
        self.assertEqual(files(self.tree), expected("site-functions"))

    def test_a_package_gets_the_places_of_packages_below_its_own_root(self):
        root = self.folder / "root"
        tree = installed("/usr", root)
        zsh = "vendor-completions" if pathlib.Path("/etc/debian_version").exists() else "site-functions"
        self.assertEqual(files(tree), expected(zsh))
        self.assertEqual([path.name for path in root.iterdir()], ["usr"])
        self.assertIn("\nExecStart=/usr/bin/mcast-agent ",
                      (tree / "lib/systemd/system/mcast-agent.service").read_text())

    def test_programs_run_and_have_no_symbols(self):
        for name in COMMANDS:
            program = self.tree / "bin" / name
            self.assertTrue(run(program, "--version").stdout.startswith(f"{name} "))
            self.assertNotIn(".symtab", run("readelf", "--sections", "--wide", program).stdout, name)

    def test_the_example_is_a_configuration_without_an_error(self):
        done = run(self.tree / "bin/mcast-agent", "--config.check",
                   f"--config.file={self.tree}/share/doc/mcast-agent/examples/mcast-agent.yml")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_unit_starts_the_program_that_was_installed_with_what_the_manual_names(self):
        unit = (self.tree / "lib/systemd/system/mcast-agent.service").read_text()
        self.assertIn(f"\nExecStart={self.tree}/bin/mcast-agent --config.file=/etc/mcast-agent/mcast-agent.yml\n", unit)
        manual = (REPOSITORY / "man/mcast-agent.8").read_text().replace("\\", "")
        self.assertIn("/etc/mcast-agent/mcast-agent.yml", manual)
        bounds, = [line.partition("=")[2].split() for line in unit.splitlines()
                   if line.startswith("CapabilityBoundingSet=")]
        for capability in bounds:
            self.assertIn(capability, manual)

    def test_systemd_has_nothing_to_say_about_the_unit(self):
        done = run("systemd-analyze", "verify", "--man=no", self.tree / "lib/systemd/system/mcast-agent.service")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def fish(self, line):
        done = run("fish", "--no-config", "-c",
                   f"source {self.tree}/share/fish/vendor_completions.d/mcast-receive.fish; complete -C '{line}'",
                   HOME=str(self.folder), PATH=f"{self.tree}/bin:{os.environ['PATH']}")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return dict(line.partition("\t")[::2] for line in done.stdout.splitlines())

    def test_fish_offers_the_options_of_help_and_their_values(self):
        offered = self.fish("mcast-receive -")
        self.assertIn("-t", offered)
        self.assertIn("--fail-on-loss", offered)
        self.assertIn("Print one JSON object", offered["--json"])
        self.assertIn("--config.check", self.fish("mcast-agent --c"))
        self.assertIn("lo", self.fish("mcast-status -i "))
        self.assertEqual(list(self.fish("mcast-send --dscp af4")), ["af41", "af42", "af43"])
        self.assertEqual(self.fish("mcast-receive "), {})


if __name__ == "__main__":
    unittest.main()
