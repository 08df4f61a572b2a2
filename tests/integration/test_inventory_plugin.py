# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin, as ansible-inventory and a play use it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from zonelab.client import LabClient

from .conftest import MakeInventory
from .harness.cloud import Cloud
from .harness.clouds_file import WRONG_PASSWORD
from .harness.play import Player, Run, surroundings

PLAYBOOK = Path(__file__).parent / "playbooks" / "inventory.yml"
PRINT = "Print the name"
MINE = "zoneops: maintenance, emptied: new kernel"
TWO_LISTS = ["GET /v2.1/os-aggregates", "GET /v2.1/os-services"]


@dataclass(frozen=True)
class Listed:
    """What ansible-inventory made of a file.

    :ivar calls: requests to nova, without those for its versions.
    """

    rc: int
    output: str
    groups: dict[str, list[str]]
    hosts: dict[str, dict[str, Any]]
    calls: list[str]


Make = Callable[..., Path]


def _plain(value: Any) -> Any:
    """The same data without what newer cores say of every text that comes from a plugin: that it is no template."""
    if isinstance(value, dict):
        return (
            value["__ansible_unsafe"]
            if "__ansible_unsafe" in value
            else {key: _plain(one) for key, one in value.items()}
        )
    return [_plain(one) for one in value] if isinstance(value, list) else value


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def make(name: str = "compute.zoneops.yml", **options: Any) -> Path:
        path = tmp_path / name
        path.write_text(yaml.safe_dump({"plugin": "zoneops.openstack.zones", "cloud": "lab", **options}))
        return path

    return make


@pytest.fixture
def listed(play: Player, lab: LabClient, tmp_path: Path) -> Callable[..., Listed]:
    def run(path: Path, *arguments: str, **environ: str) -> Listed:
        mark = lab.mark()
        done = subprocess.run(
            ["ansible-inventory", "-i", str(path), "--list", *arguments],
            cwd=tmp_path,
            env={
                **surroundings(),
                "OS_CLIENT_CONFIG_FILE": str(play.clouds),
                "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
                **environ,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        print(done.stdout, done.stderr)  # pytest shows it for a test that fails
        assert "Traceback" not in done.stderr
        found = json.loads(done.stdout) if done.returncode == 0 else {}
        requests = [one for one in lab.requests(mark) if one.service == "nova" and one.path.startswith("/v2.1/o")]
        return Listed(
            done.returncode,
            " ".join(done.stderr.split()),
            {name: group["hosts"] for name, group in found.items() if "hosts" in group},
            _plain(found.get("_meta", {}).get("hostvars", {})),
            [f"{one.method} {one.path.partition('?')[0]}" for one in requests],
        )

    return run


@pytest.fixture
def zones(cloud: Cloud) -> Cloud:
    """Zone az1 with one host, and az2 with two, one of which is in maintenance."""
    cloud.add_aggregate("az1", "az1", ["compute-az1-0"])
    cloud.add_aggregate("second", "az2", ["compute-az2-0", "compute-az2-1"])
    cloud.set_service("compute-az2-1", status="disabled", disabled_reason=MINE)
    return cloud


@pytest.mark.smoke
@pytest.mark.usefixtures("zones")
def test_compute_hosts(listed: Callable[..., Listed], make: Make) -> None:
    found = listed(
        make(
            compose={"ansible_host": "openstack.name ~ '.example.org'"},
            keyed_groups=[{"key": "openstack.status", "prefix": "is"}],
            groups={"broken": "openstack.state == 'down'"},
        )
    )
    assert found.groups["az_az1"] == found.groups["aggregate_az1"] == ["compute-az1-0"]
    assert found.groups["az_az2"] == found.groups["aggregate_second"] == ["compute-az2-0", "compute-az2-1"]
    assert (
        found.groups["state_maintenance"]
        == found.groups["state_disabled"]
        == found.groups["is_disabled"]
        == ["compute-az2-1"]
    )
    assert len(found.groups["state_up"]) == len(found.hosts) == 6
    assert "broken" not in found.groups
    assert found.hosts["compute-az2-1"]["ansible_host"] == "compute-az2-1.example.org"
    own = found.hosts["compute-az2-1"]["openstack"]
    assert (own["availability_zone"], own["maintenance"]["reason"]) == ("az2", "new kernel")
    assert found.calls == TWO_LISTS


# Reaches compute hosts: keeps whom it was to reach, and does the work here.
SSH = """#!/bin/sh
for last; do :; done
echo "$*" >> "$WORKED"
exec sh -c "$last"
"""
REACHED = """
- name: Work on the host itself
  ansible.builtin.raw: echo updated
  delegate_to: "{{ zoneops_host }}"
"""


@pytest.mark.smoke
def test_work_is_done_on_the_host_that_was_emptied(
    cloud: Cloud, play: Player, make: Make, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    """By a task that is delegated to it, in a second inventory, and by a play of its own between begin and end."""
    for zone in ("az1", "az2", "az3"):
        cloud.add_aggregate(zone, zone, [f"compute-{zone}-{number}" for number in range(2)])
    inventory, ssh, work, worked = make_inventory(), tmp_path / "ssh", tmp_path / "work.yml", tmp_path / "worked"
    ssh.write_text(SSH)
    ssh.chmod(0o700)
    work.write_text(REACHED)
    host = "compute-az1-0"
    composed = {"ansible_host": "openstack.name ~ '.example.org'", "composed": "'composed'"}
    hosts, values = make(compose=composed), {"zoneops_hosts": host, "zoneops_capacity_shared_disks": True}

    def maintenance(what: str, *arguments: str, **more: Any) -> Run:
        given = json.dumps({**values, "zoneops_maintenance": what, **more})
        environ = {"WORKED": str(worked), "ANSIBLE_SSH_EXECUTABLE": str(ssh), "ANSIBLE_SSH_ARGS": "-C"}
        return play("zoneops.openstack.host_maintenance", inventory, *arguments, "-e", given, environ=environ)

    begun = maintenance("begin", "-i", str(hosts), zoneops_work_tasks=str(work))
    assert (begun.rc, begun.one("Work on the host itself").result["stdout"].strip()) == (0, "updated")
    assert f" {host}.example.org " in worked.read_text()
    between = play(PLAYBOOK, make("away.zoneops.yml", compose=composed, states=["maintenance"]))
    assert (between.rc, list(between.of(PRINT))) == (0, [host])
    assert maintenance("end").rc == 0
    assert cloud.services()[host]["status"] == "enabled"


@pytest.mark.usefixtures("zones")
def test_zones_and_what_is_chosen(listed: Callable[..., Listed], make: Make) -> None:
    found = listed(make(hosts="zones"))
    assert {name: one["openstack"]["state"] for name, one in found.hosts.items()} == {"az1": "up", "az2": "degraded"}
    assert found.hosts["az2"]["openstack"]["serving_hosts"] == ["compute-az2-0"]
    assert found.calls == TWO_LISTS
    chosen = listed(make(states=["maintenance"], availability_zones=["az2"], group_by=["states"]))
    assert list(chosen.hosts) == ["compute-az2-1"]
    assert sorted(chosen.groups) == ["state_disabled", "state_maintenance", "state_up"]
    nothing = listed(make(states=["forced_down"], allow_empty=True))
    assert (nothing.rc, nothing.hosts) == (0, {})
    assert "no host is in one of the states of option 'states'" in nothing.output


@pytest.mark.smoke
def test_names_and_metadata_of_users_are_never_templates(
    zones: Cloud, play: Player, make: Make, tmp_path: Path
) -> None:
    trap = tmp_path / "sprung"
    template = "{{ lookup('ansible.builtin.pipe', 'touch " + str(trap) + "') }}"
    zones.add_server(template)
    zones.add_server("localhost")
    for server in zones.servers().values():
        zones.compute.post(f"/servers/{server['id']}/metadata", json={"metadata": {"note": template}})
    inventory = make(
        "servers.zoneops.yaml", hosts="servers", compose={"composed": "'it is ' ~ openstack.metadata.note"}
    )
    run = play(PLAYBOOK, inventory, environ={"ANSIBLE_JINJA2_NATIVE": "false"})
    assert (run.rc, trap.exists()) == (0, False)
    said = {server["id"]: f"{name} it is {template} {template}" for name, server in zones.servers().items()}
    assert {host: one.msg for host, one in run.of(PRINT).items()} == said


@pytest.mark.usefixtures("zones")
def test_a_cache_spares_all_requests_and_is_of_one_cloud(
    listed: Callable[..., Listed], make: Make, tmp_path: Path
) -> None:
    path = make(cache=True, cache_plugin="ansible.builtin.jsonfile", cache_connection=str(tmp_path / "cache"))
    first, second = listed(path), listed(path)
    assert (first.calls, second.calls) == (TWO_LISTS, [])
    assert (second.hosts, second.groups) == (first.hosts, first.groups)
    # What is chosen is no part of what is kept.
    text = path.read_text()
    path.write_text(f"{text}availability_zones: [az1]\n")
    chosen = listed(path)
    assert (list(chosen.hosts), chosen.calls) == (["compute-az1-0"], [])
    # Another kind of hosts, and another cloud, which the environment can name.
    path.write_text(f"{text}hosts: zones\n")
    assert listed(path).calls == TWO_LISTS
    path.write_text(text.replace("cloud: lab\n", ""))
    assert listed(path, OS_CLOUD="lab").calls == TWO_LISTS
    assert listed(path, OS_CLOUD="lab").calls == []
    other = listed(path, OS_CLOUD="nova-down")
    assert (other.rc, other.hosts) == (0, first.hosts), "the same cloud and user by another address of nova"
    assert listed(path, OS_CLOUD="keystone-down").rc != 0
    kept = "".join(one.read_text() for one in (tmp_path / "cache").iterdir())
    assert "labpassword" not in kept


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("wrong-password", "keystone refused the credentials"),
        ("nova-down", "Connection refused"),
        ("nowhere", "Known clouds come from clouds.yaml"),
    ],
)
def test_a_cloud_that_cannot_be_read_is_an_error(
    listed: Callable[..., Listed], make: Make, name: str, message: str
) -> None:
    found = listed(make(cloud=name), "-vvv")
    assert found.rc != 0
    assert message in found.output
    assert WRONG_PASSWORD not in found.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hosts": "servers"}, "nova lists no servers: an empty inventory would let every play pass"),
        ({"states": ["broken"]}, "option 'states' has broken, which compute hosts never are: choose from up, down"),
        ({"availability_zones": ["az9"]}, "has az9, where nova lists no compute hosts: it lists some in az1, az2"),
        (
            {"states": ["forced_down"]},
            "no compute hosts are forced_down, of 6 there are 1 disabled, 1 maintenance, 6 up.",
        ),
        ({"compose": {"ansible_host": "openstack.address"}}, "ansible_host"),
        ({"auth": [{"password": WRONG_PASSWORD}]}, "auth"),
        ({"auth": f"password is {WRONG_PASSWORD}"}, "auth"),
    ],
)
@pytest.mark.usefixtures("zones")
def test_wrong_options_are_errors(
    listed: Callable[..., Listed], make: Make, options: dict[str, Any], message: str
) -> None:
    found = listed(make(**options), "-vvvv")
    assert found.rc != 0
    assert message in found.output
    assert WRONG_PASSWORD not in found.output


@pytest.mark.usefixtures("zones")
def test_an_expression_that_fails_leaves_no_host(listed: Callable[..., Listed], make: Make) -> None:
    """Without what it gives them they would be reached by their names."""
    path = make(compose={"ansible_host": "openstack.maintenance.reason"})
    found = listed(path, ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="false")
    assert (found.rc, found.hosts) == (0, {})
    assert "ansible_host" in found.output


def test_a_server_takes_the_name_of_no_other_host_or_group(
    zones: Cloud, listed: Callable[..., Listed], make: Make, tmp_path: Path
) -> None:
    """Sources of one folder: whoever names a server may not get it, or a whole group, into plays on something else."""
    names = ("az_az1", "own_group", "composed", "bastion", "compute-az2-0", "web")
    for name in names:
        zones.add_server(name)
    folder = tmp_path / "inventory"
    folder.mkdir()
    (folder / "1.yml").write_text("own_group: {hosts: {bastion: {}}}")
    for name, options in (("2", {}), ("3", {"hosts": "servers", "groups": {"composed": "true"}})):
        make(f"{name}.zoneops.yml", **options).rename(folder / f"{name}.zoneops.yml")
    found = listed(folder)
    ids = {server["id"] for name, server in zones.servers().items() if name != "web"}
    assert set(found.groups["composed"]) == {*ids, "web"}
    assert not {*ids, "web"} & {*found.groups["own_group"], *found.groups["state_maintenance"]}
    assert found.hosts["compute-az2-0"]["openstack"]["service_id"]


@pytest.mark.usefixtures("zones")
@pytest.mark.parametrize("kept", [[], {}, "text", {"asked": None}])
def test_a_cache_with_another_content_is_read_again(
    listed: Callable[..., Listed], make: Make, tmp_path: Path, kept: Any
) -> None:
    path = make(cache=True, cache_plugin="ansible.builtin.jsonfile", cache_connection=str(tmp_path / "cache"))
    first = listed(path)
    for file in (tmp_path / "cache").iterdir():
        file.write_text(json.dumps(kept))
    assert (listed(path).hosts, listed(path).calls) == (first.hosts, [])


def test_without_the_setting_an_error_leaves_no_host(listed: Callable[..., Listed], make: Make) -> None:
    found = listed(make(cloud="keystone-down"), ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="false")
    assert (found.rc, found.hosts) == (0, {})
    assert "Is the service running, and reachable from here?" in found.output
    assert "Failed to discover available identity versions" not in found.output


def test_two_zones_that_would_be_one_group_are_refused(listed: Callable[..., Listed], make: Make, cloud: Cloud) -> None:
    cloud.add_aggregate("a", "east-1", ["compute-az1-0"])
    cloud.add_aggregate("b", "east_1", ["compute-az2-0"])
    assert "group az_east_1 would hold both east-1 and east_1" in listed(make()).output
    found = listed(make(group_by=["aggregates"]))
    assert (found.rc, found.groups["aggregate_a"]) == (0, ["compute-az1-0"])


@pytest.mark.usefixtures("zones")
def test_a_list_that_is_not_whole_is_an_error(listed: Callable[..., Listed], make: Make, lab: LabClient) -> None:
    lab.add_fault("status", status=503, service="nova", path=".*os-services.*")
    found = listed(make())
    assert (found.rc != 0, "GET /os-services: 503" in found.output) == (True, True)
