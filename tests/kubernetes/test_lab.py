# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Kubernetes lab itself: what it serves, how it dies, what it leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from zonelab.kube.client import ApiError, KubeApi, KubeClient
from zonelab.kube.nodes import is_ready

from .harness.cluster import CONTROL_PLANES, NODES, TOPOLOGIES, Cluster, until

SMALL = ("--zones", "1", "--workers", "1", "--masters", "0", "--crds", "own")
BOOT_LIMIT = 15 * 6  # a boot takes 15 s, on a machine that has nothing else to do


def zonelab(state: Path, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "zonelab", "--state", str(state), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def processes_of(state: Path) -> list[str]:
    """The command lines of all processes that name the folder, this one's own and its children's left out."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it ended meanwhile
            continue
        if str(state / "kubernetes") in line or f"--state {state} " in line:
            found.append(line)
    return found


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A folder for a lab, which is down after the test."""
    yield tmp_path / "state"
    zonelab(tmp_path / "state", "down")


@pytest.mark.releases
def test_serves_the_control_plane_and_fake_nodes(cluster: Cluster) -> None:
    """Every kind that the collection writes is served, and the zones' nodes are ready and without a zone yet."""
    for path in (CONTROL_PLANES, TOPOLOGIES):
        assert cluster.api.list(path) == []
    nodes = cluster.api.list(NODES)
    assert len(nodes) == sum(len(cluster.kube.nodes(zone)) for zone in cluster.kube.zones) == 12
    assert not [node for node in nodes if "topology.kubernetes.io/zone" in node["metadata"]["labels"]]
    assert cluster.api.get("/version")["gitVersion"].startswith("v1.")


def test_requests_are_logged_and_hit_by_faults(cluster: Cluster) -> None:
    kube = cluster.kube
    client = proxied(kube)
    mark = kube.mark()
    client.apply("/api/v1/namespaces/openstack/configmaps/a", config_map("a"), "test", dry_run=True)
    client.apply("/api/v1/namespaces/openstack/configmaps/a", config_map("a"), "test")
    asked = kube.requests(mark)
    assert [(one.method, one.status, one.writes) for one in asked] == [("PATCH", 201, False), ("PATCH", 201, True)]
    assert all(one.request_id for one in asked)
    kube.add_fault("status", service="kubernetes", status=503, count=1)
    with pytest.raises(ApiError, match="503"):
        client.get("/api/v1/namespaces/openstack/configmaps/a")
    kube.add_fault("drop-after", service="kubernetes", method="PATCH", count=1)
    with pytest.raises(OSError, match=r"closed|reset"):
        client.apply("/api/v1/namespaces/openstack/configmaps/b", config_map("b"), "test")
    assert client.get("/api/v1/namespaces/openstack/configmaps/b")


def test_a_user_may_do_what_his_rules_say_and_nothing_else(cluster: Cluster) -> None:
    rules = [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list"]}]
    client = proxied(cluster.kube, token_of(cluster.kube.add_user("reader", rules)))
    assert client.list(NODES)
    with pytest.raises(ApiError, match="403"):
        client.list(TOPOLOGIES)
    with pytest.raises(ApiError, match="401"):
        proxied(cluster.kube, token_of(cluster.kube.unknown_user())).list(NODES)


def test_a_zone_without_power_is_not_ready_and_comes_back(cluster: Cluster) -> None:
    kube = cluster.kube
    kube.power_off("az2")
    ready = {node["metadata"]["name"]: is_ready(node) for node in cluster.api.list(NODES)}
    assert {name for name, state in ready.items() if not state} == set(kube.nodes("az2"))
    kube.power_on("az2")
    assert all(is_ready(node) for node in cluster.api.list(NODES))


def test_nothing_is_left_after_down_and_the_state_survives(state: Path) -> None:
    began = time.monotonic()
    zonelab(state, "up", "--kubernetes", *SMALL, "--with-parent", str(os.getpid()))
    assert time.monotonic() - began < BOOT_LIMIT
    kube = KubeClient(state)
    port = kube.record.port
    assert len(processes_of(state)) >= 6
    assert zonelab(state, "status").count(" up ") == 5
    kube.api.apply("/api/v1/namespaces/openstack/configmaps/kept", config_map("kept"), "test")
    assert "already up" in zonelab(state, "up", "--kubernetes")
    zonelab(state, "down")
    assert processes_of(state) == []
    zonelab(state, "status", code=3)
    zonelab(state, "up", "--kubernetes", "--with-parent", str(os.getpid()))
    assert kube.record.port == port
    assert kube.api.get("/api/v1/namespaces/openstack/configmaps/kept")["data"] == {"key": "value"}


def test_nothing_is_left_when_the_lab_is_killed(state: Path) -> None:
    zonelab(state, "up", "--kubernetes", *SMALL, "--with-parent", str(os.getpid()))
    os.kill(KubeClient(state).record.pid, signal.SIGKILL)
    until(lambda: not processes_of(state), "no process is left")


def proxied(kube: KubeClient, token: str | None = None) -> KubeApi:
    """A client as the collection is one: through the proxy."""
    record = kube.record
    return KubeApi(record.port, token or record.token, kube.folder.authority)


def token_of(kubeconfig: Path) -> str:
    return str(json.loads(kubeconfig.read_text())["users"][0]["user"]["token"])


def config_map(name: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"key": "value"}}
