# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the control plane declares and runs, as the OpenStack half hears it."""

from __future__ import annotations

from typing import Any

import pytest
from zonelab.declared import Declared
from zonelab.operators.declared import configuration, declared
from zonelab.operators.world import Object, World
from zonelab.options import Options

NODE = "worker-az1-0"


def thing(kind: str, name: str, config: str = "", **spec: Any) -> Object:
    return {"kind": kind, "metadata": {"name": name, "uid": name}, "spec": {"customServiceConfig": config, **spec}}


def running(owner: Object, **changes: Any) -> list[Object]:
    """A StatefulSet of the owner with one pod."""
    name = f"{owner['metadata']['name']}-set"
    of_owner = {"name": name, "uid": name, "ownerReferences": [{"uid": owner["metadata"]["uid"]}]}
    of_set = {"name": f"{name}-0", "uid": f"{name}-0", "ownerReferences": [{"uid": name}]}
    pod = {"kind": "Pod", "metadata": of_set, "spec": {"nodeName": NODE}, "status": {"phase": "Running"}}
    return [owner, {"kind": "StatefulSet", "metadata": of_owner}, {**pod, **changes}]


VOLUME = thing("CinderVolume", "volume", "[DEFAULT]\nx = 1\n[fast]\nvolume_backend_name = gold\n[extra]\ny = 2\n")
BACKUP = thing("CinderBackup", "backup", "[DEFAULT]\nstorage_availability_zone = az1\n")
SHARE = thing("ManilaShare", "share", "[DEFAULT]\nenabled_share_backends = az1, az2\n")


def test_each_kind_by_its_own_configuration() -> None:
    stores = "[DEFAULT]\nenabled_backends = az1:rbd,az2:rbd\n"
    apis = [
        thing("GlanceAPI", "default-external", stores, apiType="external"),
        thing("GlanceAPI", "az3-edge", stores.replace("az2", "az3"), apiType="edge"),
    ]
    nodes = {"kind": "OpenStackDataPlaneNodeSet", "metadata": {"name": "az1", "uid": "az1"}}
    nodes["status"] = {"deployedConfigHash": "n1", "allHostnames": {"c0": {"ctlplane": "c0.example.com"}}}
    things = [*apis, *running(VOLUME), *running(BACKUP), *running(SHARE), nodes]
    assert declared(World.of(things), ()) == Declared(
        stores=("az1", "az2"),
        backends=("fast",),
        backups=("az1",),
        share_backends=("az1", "az2"),
        hosts=("c0.example.com",),
    )


@pytest.mark.parametrize(
    ("changes", "silent"),
    [
        ({"status": {"phase": "Pending"}}, ()),
        ({}, (NODE,)),
        (
            {
                "metadata": {
                    "name": "p",
                    "uid": "p",
                    "deletionTimestamp": "now",
                    "ownerReferences": [{"uid": "volume-set"}],
                }
            },
            (),
        ),
    ],
)
def test_what_does_not_run_is_not_served(changes: dict[str, Any], silent: tuple[str, ...]) -> None:
    assert declared(World.of(running(VOLUME)), ()).backends == ("fast",)
    assert declared(World.of(running(VOLUME, **changes)), silent).backends == ()


def test_hosts_that_are_not_deployed_are_not_there() -> None:
    nodes = {"kind": "OpenStackDataPlaneNodeSet", "metadata": {"name": "az1", "uid": "az1"}}
    nodes["status"] = {"allHostnames": {"c0": {"ctlplane": "c0.example.com"}}}
    assert declared(World.of([nodes]), ()).hosts == ()


def test_of_an_option_that_stands_twice_the_last_one_counts() -> None:
    text = "[DEFAULT]\na = 1\n# a = 3\n[s]\nb = {{ .x }}=y\n[DEFAULT]\na = 2\n"
    assert configuration(thing("CinderVolume", "v", text)) == {"DEFAULT": {"a": "2"}, "s": {"b": "{{ .x }}=y"}}


def test_what_the_lab_does_not_have_is_told() -> None:
    wanted = Declared(stores=("az1", "az9"), backends=("az1", "fast"), backups=("az2",), hosts=("any",))
    assert wanted.known_to(Options()) == Declared(stores=("az1",), backends=("az1",), backups=("az2",), hosts=("any",))
    assert wanted.unknown_to(Options()) == ["stores: az9", "backends: fast"]
