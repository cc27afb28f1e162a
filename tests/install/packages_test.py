"""docs/lab.md names, for each release, the packages that the programs need on a machine that has
nothing: held against ldd on the release that this runs on."""

import os
import pathlib
import platform
import re
import subprocess
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = ["mcast-agent", "mcast-receive", "mcast-send", "mcast-status"]
# Debian's package manager itself needs them: they are everywhere.
EVERYWHERE = {"libc6", "libgcc-s1", "libstdc++6"}
RELEASES = {"Debian 12", "Debian 13", "Ubuntu 24.04"}


def documented():
    """Release -> packages, of the table in docs/lab.md."""
    rows = re.findall(r"^\| ((?:Debian|Ubuntu) [\d.]+) \| `([^`]+)` \|$", (REPOSITORY / "docs/lab.md").read_text(), re.M)
    return {release: set(packages.split()) for release, packages in rows}


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def libraries(program):
    return set(re.findall(r"=> (/\S+)", output("ldd", program)))


def package_of(library):
    """As dpkg knows it, which may have the file in /lib or in /usr/lib."""
    path = os.path.realpath(library)
    for name in (path, path.removeprefix("/usr")):
        found = subprocess.run(["dpkg", "-S", name], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    raise RuntimeError(f"{library} belongs to no package")


class Packages(unittest.TestCase):
    def test_each_release_of_the_readme_has_its_list(self):
        self.assertEqual(set(documented()), RELEASES)
        readme = (REPOSITORY / "README.md").read_text()
        for release in RELEASES:
            self.assertIn(release, readme)

    def test_the_container_installs_the_list_of_its_release(self):
        lines = (REPOSITORY / "packaging/containerlab/Dockerfile").read_text()
        self.assertIn("\nFROM debian:12-slim\n", lines)
        self.assertLessEqual(documented()["Debian 12"], set(lines.split()))

    def test_the_list_of_this_release_is_what_the_programs_are_linked_with(self):
        system = platform.freedesktop_os_release()
        release = f"{system['NAME'].split()[0]} {system['VERSION_ID']}"
        self.assertIn(release, documented())
        bin_folder = pathlib.Path(os.environ["MCAST_BUILD"]) / "bin"
        needed = set().union(*(libraries(bin_folder / name) for name in COMMANDS))
        self.assertEqual({package_of(library) for library in needed} - EVERYWHERE, documented()[release])


if __name__ == "__main__":
    unittest.main()
