# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects whose default volume type leads to a lost zone get another one, on a real cinder, and only by a run that is asked for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from zonelab.client import LabClient

from .conftest import MakeInventory
from .harness.block_storage import BlockStorage
from .harness.cloud import Cloud
from .harness.play import Player, Run

PLAYBOOK = "zoneops.openstack.zone_evacuate"


@pytest.fixture
def storage(cloud: Cloud, lab: LabClient) -> Iterator[BlockStorage]:
    """A type in each of two zones, and one in all; two projects with defaults."""
    found = BlockStorage(cloud)
    found.empty()
    for name in ("az1", "az2"):
        found.add_type(name, {"RESKEY:availability_zones": name})
    found.add_type("any", {})
    found.set_default(found.project, "az1")
    found.set_default(member(lab), "any")
    yield found
    found.empty()


def member(lab: LabClient) -> str:
    return str(Cloud(lab.clouds_file, "lab-member").region.get_session().get_project_id())


def test_default_types_are_moved_only_when_asked_and_back(
    play: Player, lab: LabClient, storage: BlockStorage, make_inventory: MakeInventory
) -> None:
    inventory, own, other = make_inventory(), storage.project, member(lab)
    assert own != other

    def run(types: dict[str, str], *arguments: str, zone: str = "az1", **values: Any) -> Run:
        given = {"zoneops_evacuate_phase": "defaults", "zoneops_evacuate_default_types": types, **values}
        return play(PLAYBOOK, inventory, "--limit", zone, *arguments, "-e", json.dumps(given))

    before = {own: "az1", other: "any"}
    assert storage.defaults() == before
    check = run({"az1": "az2"}, "--check")
    assert (check.rc, check.written, check.changed_hosts) == (0, [], {"az1"}), check.output
    done = run({"az1": "az2"})
    assert (done.rc, done.changed_hosts) == (0, {"az1"}), done.output
    assert [one.rpartition("/")[2] for one in done.written] == [own]
    assert storage.defaults() == {own: "az2", other: "any"}
    again = run({"az1": "az2"})
    assert (again.rc, again.written, again.changed_hosts) == (0, [], set())
    there = run({"az2": "az1"})
    assert (there.rc != 0, there.written) == (True, [])
    assert "volume type az1 is only in zones that are away (az1)" in there.output
    back = run({"az2": "az1"}, zone="az2", zoneops_evacuate_default_type_projects=[own])
    assert (back.rc, back.changed_hosts, storage.defaults()) == (0, {"az2"}, before), back.output

    refused = run({"az1": "none"})
    assert (refused.rc != 0, refused.written, storage.defaults()) == (True, [], before)
    assert "cinder has no volume type named none" in refused.output
    nobody = run({"az1": "az2"}, zoneops_evacuate_default_type_projects=["0" * 32])
    assert (nobody.rc != 0, nobody.written) == (True, [])
    assert "keystone knows no project" in nobody.output


def test_a_project_without_a_default_type_gets_one_if_it_is_named(
    play: Player, lab: LabClient, storage: BlockStorage, make_inventory: MakeInventory
) -> None:
    inventory, own, other = make_inventory(), storage.project, member(lab)
    for project in (own, other):
        storage.set_default(project, None)
    given = {
        "zoneops_evacuate_phase": "defaults",
        "zoneops_evacuate_default_types": {"__DEFAULT__": "az2"},
        "zoneops_evacuate_default_type_projects": [other],
    }
    for check, changed in ((["--check"], {"az1"}), ([], {"az1"}), ([], set())):
        done = play(PLAYBOOK, inventory, "--limit", "az1", *check, "-e", json.dumps(given))
        assert (done.rc, done.changed_hosts) == (0, changed), done.output
    assert storage.defaults() == {other: "az2"}
