# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow a page as a reader would: its files written, its commands typed, in a fresh copy of the checkout, on labs."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from .steps import FOLLOWED, ROOT, Command, File, steps

# This is run by it.
NOT_TYPED = {"make test"}
DRILL = "make drill"
# The page's names for what the lab calls otherwise.
HOSTS = {
    "compute-1": "compute-az1-0",
    "compute-2": "compute-az1-1",
    "compute-3": "compute-az2-0",
    "compute-4": "compute-az2-1",
}


@dataclass(frozen=True)
class Reader:
    """A checkout where `make` is typed, a folder beside it with the reader's inventory, and his home with clouds.yaml."""

    checkout: Path
    site: Path
    home: Path

    def type(self, command: str) -> str:
        environ = dict(os.environ)
        for name in ("ANSIBLE_COLLECTIONS_PATH", "PYTHONPATH"):
            environ.pop(name)
        folder = self.checkout
        if command.startswith("ansible-"):
            environ["HOME"] = str(self.home)
            folder = self.site if command.startswith("ansible-playbook") else folder
        typed = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=environ, capture_output=True, text=True, check=False
        )
        print(f"$ {command}\n{typed.stdout}{typed.stderr}")
        assert typed.returncode == 0, f"`{command}` ended with exit code {typed.returncode}"
        return typed.stdout

    def interrupt(self, command: str, *, at: str) -> None:
        """Kill a command, with all that it has started, once it has said something."""
        environ = {
            name: value for name, value in os.environ.items() if name not in ("ANSIBLE_COLLECTIONS_PATH", "PYTHONPATH")
        }
        process = subprocess.Popen(
            ["bash", "-c", command],
            cwd=self.checkout,
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        said = ""
        for line in process.stdout or ():
            said += line
            if at in line:
                break
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        print(f"$ {command}\n{said}(killed)")
        assert at in said

    def write(self, file: File) -> None:
        text = file.text
        for name, real in HOSTS.items():
            text = text.replace(name, real)
        (self.site / file.name).write_text(text)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT, checkout, symlinks=True)
    reader = Reader(checkout, tmp_path / "site", tmp_path / "home")
    reader.site.mkdir()
    reader.home.mkdir()
    yield reader
    reader.type("make demo-down")
    made = "from runner.demo import own; print(own('lab'), own('lab-rhoso'), own('layouts'))"
    paths = subprocess.check_output(
        [sys.executable, "-c", made], env={**os.environ, "PYTHONPATH": f"{checkout}/tests"}, text=True
    )
    for path in paths.split():
        shutil.rmtree(path, ignore_errors=True)  # one of the labs was never up


@pytest.fixture
def own_cloud(reader: Reader, tmp_path: Path) -> Iterator[None]:
    """A cloud that the reader has in his clouds.yaml."""
    zonelab = [sys.executable, "-m", "zonelab", "--state", str(tmp_path / "lab")]
    subprocess.run([*zonelab, "up", "--with-parent", str(os.getpid())], check=True)
    clouds = yaml.safe_load((tmp_path / "lab" / "clouds.yaml").read_text())
    settings = reader.home / ".config" / "openstack"
    settings.mkdir(parents=True)
    (settings / "clouds.yaml").write_text(yaml.safe_dump({"clouds": {"mycloud": clouds["clouds"]["lab"]}}))
    yield
    subprocess.run([*zonelab, "down"], check=True)


def table(page: Path) -> list[str]:
    """The first block of text."""
    return table_of(page.read_text().partition("```text\n")[2].partition("```")[0])


def table_of(text: str) -> list[str]:
    """The scheduler chooses the zone of a pod that is spread: how many a zone has is not compared, only that all are ready."""
    lines = [line.rstrip() for line in text.splitlines() if re.match(r"ZONE  |az\d   \w+  +[\d+]+ ", line)]
    return [re.sub(r"\b(\d\d)/\1\b", "all", line) for line in lines]


def drilled(said: str) -> None:
    """A killed drill is brought to its end, and the next one shows the region before, during and after the loss."""
    assert "An earlier drill was interrupted: zone az2 comes back first." in said
    lost = [re.findall(r"^az\d +(ok|FAILED) ", part, re.MULTILINE)[1] for part in said.split("ZONE  RESULT")[1:]]
    assert lost == ["ok", "FAILED", "ok"]
    assert "refused: fencing" in said
    assert "3 servers are evacuated, 3 are left:" in said
    assert "nothing changed" in said
    row = r"^(\w+) .* az2-\d (\w+) +az(\d)-\d (\w+) +az\d-\d (\w+)$"
    servers = re.findall(row, said, re.MULTILINE)
    assert len(servers) == len({name for name, *_states in servers}) == 6
    assert all(
        (zone == "2") == (during == "lost") and after == before for _name, before, zone, during, after in servers
    )
    assert "NOT AS IT HAS TO BE" not in said
    # On a terminal of 80 columns; the name of a folder, which make says as well, is as long as it is.
    shown = [line for line in said.partition("BEFORE.")[2].splitlines() if not re.search(r"^make\[|/drill/", line)]
    assert max(map(len, shown)) <= 80


@pytest.mark.usefixtures("own_cloud")
@pytest.mark.parametrize("page", FOLLOWED)
def test_page(reader: Reader, page: str) -> None:
    said: dict[str, list[str]] = {}
    for step in steps(reader.checkout / page):
        if isinstance(step, File):
            reader.write(step)
        elif isinstance(step, Command) and step.text not in NOT_TYPED:
            if step.text == DRILL:
                reader.interrupt(DRILL, at="servers are evacuated")
            said.setdefault(step.text, []).append(reader.type(step.text))

    first, again = said["make demo"]
    assert "az3" in first
    # Each zone changed, and has one verdict.
    assert re.findall(r"^(az\d) .*changed=1 ", first, re.MULTILINE) == ["az1", "az2", "az3"]
    has_kubernetes = "Kubernetes cannot run here" not in first
    assert (" NODES " in first) == has_kubernetes
    assert "What to try next" in first
    if has_kubernetes:
        # What the page shows before it says how to get it.
        assert table(reader.checkout / page) == table_of(first)
    assert not re.search("changed=[1-9]", again)
    drilled(*said[DRILL])
    assert "changed=1" in said["ansible-playbook -i zones.yml zoneops.openstack.site --check --diff"][0]
    assert "changed=1" in said["ansible-playbook -i zones.yml zoneops.openstack.site"][0]
