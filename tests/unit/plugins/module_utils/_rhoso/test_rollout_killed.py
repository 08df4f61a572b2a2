# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is killed behind any of its writes: the next one ends with the hosts as a clean one does, and disturbs no more guests."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.adoption_note import notes, with_note
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.deployed import Live, Wanted
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.deployments import Content, Deployment
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.hashes import config_map_hash
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.rollout import Options, Step
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.data_plane import data_plane
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.validation.data_plane import KNOWN_HOSTS
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso import planes
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.test_rollout import Cloud

Change = Callable[[dict[str, Any]], None]
NAME = "nova-extra-config-az1"


def wanted(*changes: Change) -> Wanted:
    zone = planes.zone(1)
    for change in changes:
        change(zone["data_plane"])
    whole = planes.loaded({"az0": planes.zone(0), "az1": zone})
    return Wanted(*(item.body for item in data_plane(whole.zones["az1"], whole.region)))


class Killed(BaseException):
    """The process ended behind a write."""


class Region(Cloud):
    """What is on the hosts, whatever the operators say of it.

    :ivar hosts: what each host has.
    :ivar keys: the hosts whose keys are everywhere.
    :ivar whole: hosts that had something and got all services.
    """

    def __init__(self) -> None:
        super().__init__()
        self.hosts: dict[str, Content] = {}
        self.keys: set[str] = set()
        self.whole: set[str] = set()
        self.left: int | None = None

    def wrote(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Killed

    def write(self, want: Wanted) -> None:
        """ConfigMap, service and NodeSet, each where it differs, as the reconciler does."""
        on_service, on_set = notes(want, self.live, self.found())
        bodies = (want.config_map, with_note(dict(want.service), on_service), with_note(dict(want.node_set), on_set))
        lives = [dict(item) for item in (self.live.config_map, self.live.service, self.live.node_set)]
        for index, body in enumerate(bodies):
            if {key: lives[index].get(key) for key in body} != body:
                lives[index] = copy.deepcopy(dict(body))
                if index == 2:
                    self.status["configHash"] = str(body["spec"])
                    lives[index]["status"] = self.status
                self.live = Live(*lives)
                self.wrote()

    def found(self) -> list[Deployment]:
        return [Deployment.of(item) for item in self.deployments]

    def roll_out(self, step: Step, want: Wanted, *, ours: bool = True) -> None:
        everywhere = list(want.nodes)
        for host in step.hosts or everywhere:
            before = self.hosts.get(host)
            if not step.services and before is not None:
                self.whole.add(host)
            if step.services == (want.nova_service,) and before is not None:
                self.hosts[host] = Content(want.content(host).nova, before.shared, before.own)
            elif step.services != (KNOWN_HOSTS,):
                self.hosts[host] = want.content(host)
        if not step.hosts and (not step.services or KNOWN_HOSTS in step.services):
            self.keys = set(everywhere)
        self.deploy(step, want, ours=ours)
        self.wrote()

    def run(self, want: Wanted, options: Options, *, ours: bool = True) -> None:
        steps, blocked = self.plan(want, options)
        assert blocked is None, blocked
        self.write(want)
        for step in steps:
            self.roll_out(step, want, ours=ours)

    def settled(self, want: Wanted) -> dict[str, Any]:
        return {
            "hosts": {host: self.hosts[host] for host in want.nodes},
            "keys": set(want.nodes) <= self.keys,
            "whole": self.whole,
        }


def of_this_collection() -> Region:
    found = Region()
    found.run(wanted(), Options())
    return found


def of_somebody_else() -> Region:
    found = Region()
    found.run(wanted(), Options(), ours=False)
    return found


def of_an_older_version() -> Region:
    """Whose deployments have no note of what was before."""
    found = of_this_collection()
    for item in found.deployments:
        item["metadata"]["annotations"].pop("zoneops.openstack/had")
    return found


def without_its_first_deployment() -> Region:
    """As an administrator leaves it who deletes what has ended."""
    found = of_this_collection()
    found.run(wanted(nova), Options(batch=1))
    found.run(wanted(), Options(batch=1))
    del found.deployments[:-1]
    return found


def nova(plane: dict[str, Any]) -> None:
    plane["config"] = {"DEFAULT": {"a": 1}}


def host(plane: dict[str, Any]) -> None:
    plane["nodes"]["r1-compute-2"] = planes.node(1, 2)


def two_hosts(plane: dict[str, Any]) -> None:
    host(plane)
    plane["nodes"]["r1-compute-3"] = planes.node(1, 3)


def leaves(plane: dict[str, Any]) -> None:
    del plane["nodes"]["r1-compute-1"]


def shared(plane: dict[str, Any]) -> None:
    plane["ansible_vars"] = {"edpm_x": 1}


def own(plane: dict[str, Any]) -> None:
    plane["nodes"]["r1-compute-0"]["ansible_vars"] = {"edpm_y": 1}


NAMED = Options(services=("run-os",))
SCENES: list[tuple[str, tuple[Change, ...], Options]] = [
    ("nova", (nova,), Options()),
    ("nova in batches", (nova,), Options(batch=1)),
    ("a new host", (host,), Options()),
    ("new hosts in batches", (two_hosts,), Options(batch=1)),
    ("a new host and nova", (host, nova), Options()),
    ("a host leaves", (leaves,), Options()),
    ("a host leaves and nova", (leaves, nova), Options()),
    ("one comes and one leaves", (host, leaves), Options()),
    ("the set", (shared,), NAMED),
    ("one host's own part", (own,), NAMED),
    ("all of it", (host, leaves, nova, shared, own), Options(services=("run-os",), batch=1)),
]
BEGINNINGS = (of_this_collection, of_somebody_else, of_an_older_version, without_its_first_deployment)


def kills(begin: Callable[[], Region], want: Wanted, options: Options) -> Iterator[tuple[int, Region]]:
    """The region behind each write."""
    for count in range(50):
        region = begin()
        region.left = count
        try:
            region.run(want, options)
        except Killed:
            yield count, region
            continue
        return


@pytest.mark.parametrize("begin", BEGINNINGS, ids=lambda begin: begin.__name__)
@pytest.mark.parametrize(("changes", "options"), [scene[1:] for scene in SCENES], ids=[scene[0] for scene in SCENES])
def test_killed_behind_each_write(begin: Callable[[], Region], changes: tuple[Change, ...], options: Options) -> None:
    want = wanted(*changes)
    clean = begin()
    clean.run(want, options)
    assert clean.plan(want, options) == ([], None)
    assert clean.settled(want) == {"hosts": want.contents(), "keys": True, "whole": set()}
    tried = 0
    for count, region in kills(begin, want, options):
        region.run(want, options)
        assert region.settled(want) == clean.settled(want), count
        assert region.plan(want, options) == ([], None), count
        tried += 1
    assert tried >= 2


def failing(region: Region, want: Wanted, options: Options, index: int) -> bool:
    """A run whose deployment with this index fails for good; whether it had as many."""
    left = index

    def roll_out(step: Step, want: Wanted, *, ours: bool = True) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            region.deploy(step, want, ours=ours, end="failed")
            raise Killed
        Region.roll_out(region, step, want, ours=ours)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(region, "roll_out", roll_out)
        try:
            region.run(want, options)
        except Killed:
            return True
    return False


def remove_failed(region: Region) -> None:
    failed = {item.name for item in region.found() if item.state == "failed"}
    region.deployments = [item for item in region.deployments if item["metadata"]["name"] not in failed]


@pytest.mark.parametrize("removed", [False, True], ids=["by the next run", "by one that was killed behind that"])
@pytest.mark.parametrize("begin", BEGINNINGS, ids=lambda begin: begin.__name__)
@pytest.mark.parametrize(("changes", "options"), [scene[1:] for scene in SCENES], ids=[scene[0] for scene in SCENES])
def test_each_deployment_fails(
    begin: Callable[[], Region], changes: tuple[Change, ...], options: Options, removed: bool
) -> None:
    want = wanted(*changes)
    for index in range(20):
        region = begin()
        if not failing(region, want, options, index):
            assert index
            return
        if removed:
            remove_failed(region)
        steps, blocked = region.plan(want, options)
        assert blocked is None, (index, blocked)
        region.write(want)
        remove_failed(region)
        for step in steps:
            region.roll_out(step, want)
        assert region.settled(want) == {"hosts": want.contents(), "keys": True, "whole": set()}, index
        assert region.plan(want, options) == ([], None), index


@pytest.mark.parametrize("begin", BEGINNINGS, ids=lambda begin: begin.__name__)
def test_killed_twice(begin: Callable[[], Region]) -> None:
    want, options = wanted(two_hosts, nova), Options(batch=1)
    for first in range(9):
        region = begin()
        for left in (first, 1, 0):
            region.left = left
            try:
                region.run(want, options)
            except Killed:
                continue
        region.left = None
        region.run(want, options)
        assert region.settled(want) == {"hosts": want.contents(), "keys": True, "whole": set()}


def test_somebody_elses_service_that_was_written_and_not_rolled_out() -> None:
    """No hash of the NodeSet tells of the service."""
    region = of_somebody_else()
    live = copy.deepcopy(dict(region.live.service))
    live["spec"]["caCerts"] = "other"
    region.live = Live(region.live.config_map, live, region.live.node_set)
    region.left = 0
    with pytest.raises(Killed):
        region.run(wanted(), Options())
    assert [step.services for step in region.plan(wanted())[0]] == [("nova-custom-az1",)]


def test_a_note_holds_until_something_is_deployed() -> None:
    """Somebody else rolled out what the killed run had written."""
    region, want = of_somebody_else(), wanted(host)
    region.left = 0
    with pytest.raises(Killed):
        region.run(want, Options())
    assert [step.hosts for step in region.plan(want)[0]] == [("r1-compute-2",), ()]
    region.roll_out(Step((), (), want.contents(), "by hand"), want, ours=False)
    assert region.plan(want) == ([], None)
    region.write(want)
    kept = copy.deepcopy(region.live)
    region.write(want)
    assert region.live == kept, "the note stays, and is no change"


def test_an_older_host_that_nobody_made_known_is_found() -> None:
    """Left by a version that noted nothing: its deployment is the last one."""
    region = of_an_older_version()
    want = wanted(host)
    region.run(want, Options())
    region.deployments.pop()
    region.deployments[-1]["metadata"]["annotations"].pop("zoneops.openstack/had")
    assert [(step.services, step.hosts) for step in region.plan(want)[0]] == [((KNOWN_HOSTS,), ())]
    assert config_map_hash(region.live.config_map) == region.status["configMapHashes"][NAME]
