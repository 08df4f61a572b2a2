# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labs start, stop, die with their parents, leave nothing, live side by side, and are copied."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from selftest.api import Api, until
from selftest.commands import command, environment, zonelab
from zonelab.client import LabClient

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL = ("--zones", "1", "--hosts", "1")
UP = ("up", *SMALL, "--with-parent", str(os.getpid()))
# Seconds in which a lab ends, on a machine that has other things to do.
PATIENCE = 120


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A folder for a lab, which is down after the test."""
    yield tmp_path / "state"
    zonelab(tmp_path / "state", "down")


def processes_of(state: Path) -> list[str]:
    """The command lines of all processes that name the folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it ended meanwhile
            continue
        if str(state) in line and "zonelab.supervisor" in line:
            found.append(line)
    return found


def open_ports(lab_ports: list[int]) -> list[int]:
    """Those on which somebody listens."""
    found = []
    for port in lab_ports:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                found.append(port)
    return found


def all_ports(lab: LabClient) -> list[int]:
    record = lab.record
    return [*record.public.values(), *record.internal.values(), record.control, record.web]


def test_nothing_is_left_after_down_and_the_state_survives(state: Path) -> None:
    zonelab(state, *UP)
    lab = LabClient(state)
    ports = all_ports(lab)
    assert len(open_ports(ports)) == len(ports) == 16
    assert len(processes_of(state)) == 6
    Api(lab).call("nova", "POST", "/os-aggregates", {"aggregate": {"name": "kept"}})
    assert "already up" in zonelab(state, *UP).stderr
    zonelab(state, "down")
    assert (open_ports(ports), processes_of(state)) == ([], [])
    assert "was not up" in zonelab(state, "down").stderr
    assert zonelab(state, "status", check=False).returncode == 3
    zonelab(state, "up", "--with-parent", str(os.getpid()))
    assert all_ports(lab) == ports
    [aggregate] = Api(lab).call("nova", "GET", "/os-aggregates")["aggregates"]
    assert aggregate["name"] == "kept"
    assert zonelab(state, "status").returncode == 0


def test_lab_in_the_foreground_ends_with_its_command(state: Path) -> None:
    running = subprocess.Popen(
        command(state, "up", *SMALL, "--foreground"), env=environment(), stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    for line in running.stderr:
        if "the lab is up" in line:
            break
    ports = all_ports(LabClient(state))
    running.kill()
    running.wait()
    until(lambda: (open_ports(ports), processes_of(state)), ([], []), PATIENCE)
    running.stderr.close()


def test_lab_ends_with_the_process_it_belongs_to(state: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as parent:
        zonelab(state, "up", *SMALL, "--with-parent", str(parent.pid))
        ports = all_ports(LabClient(state))
        parent.kill()
    until(lambda: (open_ports(ports), processes_of(state)), ([], []), PATIENCE)


def test_dead_service_is_told_and_a_killed_lab_leaves_nothing_and_starts_again(state: Path) -> None:
    zonelab(state, *UP)
    lab = LabClient(state)
    ports = all_ports(lab)
    os.kill(lab.record.processes["glance"], signal.SIGKILL)
    until(lambda: zonelab(state, "status", check=False).returncode, 3)
    status = zonelab(state, "status", check=False).stdout
    assert [line.split()[0] for line in status.splitlines() if "DEAD" in line] == ["glance"]
    os.kill(lab.record.pid, signal.SIGKILL)
    until(lambda: (open_ports(ports), processes_of(state)), ([], []), PATIENCE)
    assert zonelab(state, "status", check=False).returncode == 3
    zonelab(state, *UP)
    assert Api(lab).compute_states() == {"compute-az1-0": "up"}


def test_two_labs_start_at_once_and_live_side_by_side(tmp_path: Path) -> None:
    states = [tmp_path / "a", tmp_path / "b"]
    starting = [subprocess.Popen(command(state, *UP), env=environment(), stderr=subprocess.DEVNULL) for state in states]
    assert [process.wait(3 * PATIENCE) for process in starting] == [0, 0]
    first, second = (LabClient(state) for state in states)
    assert not set(all_ports(first)) & set(all_ports(second))
    Api(first).call("nova", "POST", "/os-aggregates", {"aggregate": {"name": "only-in-a"}})
    assert Api(second).call("nova", "GET", "/os-aggregates") == {"aggregates": []}
    zonelab(states[0], "down")
    assert Api(second).compute_states() == {"compute-az1-0": "up"}
    zonelab(states[1], "down")


def test_lab_starts_from_the_snapshot_of_a_running_one(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    zonelab(first, *UP)
    api = Api(LabClient(first))
    image = api.upload("kept", [b"content"])
    name = f"selftest-{os.getpid()}"
    folder = LabClient(first).snapshot(name)
    api.call("glance", "DELETE", f"/images/{image['id']}")
    zonelab(first, "down")
    zonelab(second, "up", "--from", name, "--with-parent", str(os.getpid()))
    restored = Api(LabClient(second))
    assert restored.request("glance", "GET", f"/v2/images/{image['id']}/file").body == b"content"
    assert restored.compute_states() == {"compute-az1-0": "up"}
    zonelab(second, "down")
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    folder.rmdir()
    missing = zonelab(second, "up", "--from", name, check=False)
    assert missing.returncode == 1
    assert f"snapshot '{name}': there is none of that name" in missing.stderr


def test_thousands_of_record_hosts_answer_like_real_ones(state: Path) -> None:
    options = ("--zones", "2", "--hosts", "1", "--record-hosts", "1000", "--backends", "1")
    zonelab(state, "up", *options, "--with-parent", str(os.getpid()))
    lab = LabClient(state)
    api = Api(lab)
    states = api.compute_states()
    assert (len(states), set(states.values())) == (2002, {"up"})
    aggregate = api.call("nova", "POST", "/os-aggregates", {"aggregate": {"name": "az2", "availability_zone": "az2"}})
    number = aggregate["aggregate"]["id"]
    began = time.monotonic()
    for index in range(500, 520):
        api.call("nova", "POST", f"/os-aggregates/{number}/action", {"add_host": {"host": f"compute-az2-{index}"}})
    assert time.monotonic() - began < 30
    services = api.call("nova", "GET", "/os-services?host=compute-az2-500", version="2.53")["services"]
    began = time.monotonic()
    body = {"status": "disabled", "disabled_reason": "test"}
    disabled = api.call("nova", "PUT", f"/os-services/{services[0]['id']}", body, version="2.53")["service"]
    assert disabled["status"] == "disabled"
    assert time.monotonic() - began < 30, "no answer came to nova's RPC call"
    providers = "/resource_providers?name=compute-az2-500"
    provider = api.call("placement", "GET", providers, version="1.39")["resource_providers"][0]["uuid"]
    traits = api.call("placement", "GET", f"/resource_providers/{provider}/traits", version="1.39")["traits"]
    assert "COMPUTE_STATUS_DISABLED" in traits
    lab.stop_host("compute-az2-501", now=True)
    assert api.compute_states()["compute-az2-501"] == "down"
    lab.stop_zone("az2", now=True)
    assert sorted(api.compute_states().values()).count("down") == 1001
    assert sum(process["megabytes"] for process in lab.info()["processes"].values()) <= 700
