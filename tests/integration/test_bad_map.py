# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the inventory is said in full before anything is asked of the cloud."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .harness import inventory
from .harness.golden import SECRETS
from .harness.inventory import hosts_of, lab_zones
from .harness.play import COLLECTION, Player, Run

SITE = "zoneops.openstack.site"
FREE = str(COLLECTION / "tests" / "integration" / "playbooks" / "free_strategy.yml")
ONCE = "but must be the same for the whole region; set {} once, in group_vars of the group, and nowhere else"


@dataclass(frozen=True)
class Case:
    """An inventory, how it is run, and the whole message; the parts of `options` go to inventory.write."""

    message: str
    zones: Mapping[str, Any] = field(default_factory=lab_zones)
    region: Mapping[str, Any] = field(default_factory=dict)
    group: str = "zones"
    arguments: tuple[str, ...] = ()
    playbook: str = SITE


def zone(**compute: Any) -> dict[str, Any]:
    return {"compute": compute}


def with_az2(text: str | Mapping[str, Any] | None) -> dict[str, Any]:
    return {**lab_zones(), "az2": text}


def named(**names: object) -> dict[str, dict[str, object]]:
    return {name: {"availability_zone": value} for name, value in names.items()}


NOVA = "[nova 34.0.0, API schema]"
GUIDE = "[nova guide: availability zones]"
SECRET = "(not shown): looks like a secret, which a zone file must not contain; remove it, and rotate the secret"


def shown(char: str, count: int) -> str:
    """A value too long to be shown whole."""
    return f"'{char * 58}… ({count} characters)"


def problems(*lines: str) -> str:
    head = "The zone map has 1 problem:" if len(lines) == 1 else f"The zone map has {len(lines)} problems:"
    return "\n".join([head, *(f"- {line}" for line in lines)])


CASES = {
    "names of availability zones": Case(
        zones={
            **named(colon="a:b", before=" a", after="a ", newline="a\nb", emoji="a😀", longer="z" * 256),
            **named(longest="y" * 300, empty="", nova="nova", internal="internal", default="home", number=7),
            **{name: {**zone, "compute": {}} for name, zone in named(first="twice", second="twice").items()},
            "comma": {"availability_zone": "a,b", "volume_backends": [{"name": "comma"}]},
        },
        region={"default_availability_zone": "home"},
        message=problems(
            "zone colon: availability_zone = 'a:b': has a ':', which nova refuses because it writes zone:host with it; "
            f"choose a name without it {NOVA}",
            f"zone before: availability_zone = ' a': begins or ends with a space; remove it {NOVA}",
            f"zone after: availability_zone = 'a ': begins or ends with a space; remove it {NOVA}",
            r"zone newline: availability_zone = 'a\nb': has the control character U+000A, which nova refuses; "
            f"leave it out {NOVA}",
            "zone emoji: availability_zone = 'a😀': has the character '😀' beyond the basic multilingual plane, "
            f"which nova refuses; leave it out {NOVA}",
            f"zone longer: availability_zone = {shown('z', 256)}: has 256 characters; shorten it to 255 {NOVA}",
            f"zone longest: availability_zone = {shown('y', 300)}: has 300 characters; shorten it to 255 {NOVA}",
            f"zone empty: availability_zone = '': is empty; give a name of 1 to 255 characters {NOVA}",
            "zone nova: availability_zone = 'nova': cannot be a zone's name: nova shows hosts without a zone "
            f"in it and, until it is created, places its servers anywhere; choose another {NOVA}",
            "zone internal: availability_zone = 'internal': cannot be a zone's name: nova shows its own services in it; "
            f"choose another {NOVA}",
            "zone number: availability_zone = 7: has to be text; write it in quotes",
            "zone default: availability_zone = 'home': is the cloud's default availability zone, where nova shows hosts "
            f"without a zone; choose another name {GUIDE}",
            "zone comma: availability_zone = 'a,b': has a ','; volume and share types list availability zones with "
            "commas: choose a name without one [cinder, manila: extra specs]",
            "zone second: availability_zone = 'twice': is also that of zone first (availability_zone); "
            f"each zone needs its own availability zone {GUIDE}",
            "zone second: compute.aggregate = 'twice': is also that of zone first (compute.aggregate); "
            f"each zone needs its own host aggregate {GUIDE}",
        ),
    ),
    "hosts": Case(
        zones={
            "az1": zone(hosts=["compute-az1-0", "compute-az1-0", "compute az1", "c" * 300]),
            "az2": zone(hosts=["compute-az1-0"]),
            "az3": zone(aggregate="az2", hosts=[""]),
        },
        message=problems(
            "zone az1: compute.hosts[1] = 'compute-az1-0': is in this list twice; remove one of them",
            "zone az1: compute.hosts[2] = 'compute az1': is not a host name for nova (letters, digits, '-', '.', '_'); "
            f"see `openstack compute service list` {NOVA}",
            f"zone az1: compute.hosts[3] = {shown('c', 300)}: has 300 characters; "
            f"a compute host's name has at most 255 {NOVA}",
            "zone az3: compute.hosts[0] = '': is empty; give the host's name as `openstack compute service list` "
            f"shows it {NOVA}",
            "zone az3: compute.aggregate = 'az2': is also that of zone az2 (compute.aggregate); "
            f"each zone needs its own host aggregate {GUIDE}",
            "zone az2: compute.hosts[0] = 'compute-az1-0': is also that of zone az1 (compute.hosts[0]); "
            f"a host can be in one zone only: remove it from one of them {GUIDE}",
        ),
    ),
    "metadata": Case(
        zones={"az1": zone(metadata={"availability_zone": "az9", "größe": "1", "long": "v" * 300, "list": [1]})},
        message=problems(
            "zone az1: compute.metadata.availability_zone: is not free metadata: it is what makes the zone; "
            f"set availability_zone of the zone instead {NOVA}",
            "zone az1: compute.metadata.größe: is not a metadata key (letters, digits, '-', '_', ':', '.', space); "
            f"choose another {NOVA}",
            f"zone az1: compute.metadata.long = {shown('v', 300)}: has 300 characters; "
            f"a metadata value has at most 255 {NOVA}",
            "zone az1: compute.metadata.list = a list: has to be text",
        ),
    ),
    "unknown key": Case(
        zones=with_az2({"compute": {"host": hosts_of("az2")}}),
        message=problems("zone az2: compute.host: is not a key of the zone map (did you mean hosts?)"),
    ),
    "zone is no mapping": Case(
        zones=with_az2("zoneops_zone: [compute-az2-0]\n"),
        message=problems("zone az2 = a list: has to be a mapping; write {} for the defaults or leave the key out"),
    ),
    "secret in plain": Case(
        zones=with_az2(zone(metadata={"admin_password": "hunter2"})),
        message=problems(f"zone az2: compute.metadata.admin_password = {SECRET}"),
    ),
    "secret in a URL": Case(
        zones=with_az2(zone(metadata={"url": "https://user:hunter2@host/"})),
        message=problems(f"zone az2: compute.metadata.url = {SECRET}"),
    ),
    "empty group": Case(
        zones={},
        message="The group zones is empty, so there is no zone to work on; add a host for each zone",
    ),
    "no group": Case(
        group="zone",
        message="The group zones is not in the inventory (did you mean zone?), so there is no zone to work on; "
        "add a host for each zone",
    ),
    "no such zone in the inventory": Case(
        region={"zones": ["az1", "az2", "az3", "az4"]},
        message=problems(
            "zone az4: is in zoneops_region.zones but not "
            "in the inventory's group; add it to the group or remove it from the list"
        ),
    ),
    "surplus zone in the inventory": Case(
        region={"zones": ["az1", "az2"]},
        message=problems(
            "zone az3: is in the inventory's group "
            "but not in zoneops_region.zones; add it to the list or remove it from the group"
        ),
    ),
    "misspelt zone": Case(
        region={"zones": ["az1", "az2", "az-3"]},
        message=problems(
            "zone az-3: is in zoneops_region.zones but not in the inventory's group (did you mean az3?); "
            "add it to the group or remove it from the list",
            "zone az3: is in the inventory's group but not in zoneops_region.zones (did you mean az-3?); "
            "add it to the list or remove it from the group",
        ),
    ),
    "zone file is missing": Case(
        zones=with_az2(None),
        message=problems(
            "zone az2: zoneops_zone: is not set; write it into host_vars/az2.yml (`compute: {}` for its aggregate in nova)"
        ),
    ),
    "differing clouds": Case(
        zones=with_az2("zoneops_zone: {}\nzoneops_region: {zones: [az1, az2, az3], cloud: other}\n"),
        message=problems(
            f"region: cloud: differs between zones ('lab' on az1, az3; 'other' on az2), {ONCE.format('zoneops_region')}"
        ),
    ),
    "differing regions": Case(
        zones=with_az2("zoneops_zone: {}\nzoneops_region: {zones: [az1, az2, az3], cloud: lab, region_name: B}\n"),
        message=problems(
            "region: region_name: differs between zones (not set on az1, az3; 'B' on az2), "
            f"{ONCE.format('zoneops_region')}"
        ),
    ),
    "allow in a zone file": Case(
        zones=with_az2("zoneops_zone: {}\nzoneops_allow: [host_moves]\n"),
        message=problems(
            "region: zoneops_allow: differs between zones (not set on az1, az3; a list on az2), "
            f"{ONCE.format('zoneops_allow')}"
        ),
    ),
    "undefined variable": Case(
        zones=with_az2("zoneops_zone:\n  compute:\n    hosts: ['{{ nowhere }}']\n"),
        message=problems(
            "zone az2: compute.hosts[0]: cannot be templated ('nowhere' is undefined); define for this host what it needs"
        ),
    ),
    "template that is none": Case(
        zones=with_az2("zoneops_zone:\n  compute:\n    aggregate: '{{ 1 + }}'\n"),
        message=problems(
            "zone az2: compute.aggregate: cannot be templated (Syntax error in template: "
            "unexpected 'end of print statement'); define for this host what it needs"
        ),
    ),
    "limit to a sound zone": Case(
        zones=with_az2({"availability_zone": "nova"}),
        arguments=("--limit", "az1"),
        message=problems(
            "zone az2: availability_zone = 'nova': cannot be a zone's name: nova shows hosts without a zone "
            f"in it and, until it is created, places its servers anywhere; choose another {NOVA}"
        ),
    ),
    "strategy free": Case(
        playbook=FREE,
        message="The play has the strategy free: each zone would repeat the steps that are for all zones; "
        "set `strategy: linear` for the play, as the playbooks of this collection do",
    ),
}


@pytest.fixture(scope="module")
def runs(play: Player, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """All cases, two at a time: none of them may reach the cloud, so they cannot disturb each other."""

    def run(case: Case) -> Run:
        folder: Path = tmp_path_factory.mktemp("inventory") / "inventory"
        return play(case.playbook, inventory.write(folder, case.zones, case.region, case.group), *case.arguments)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(CASES, pool.map(run, CASES.values()), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_whole_message(runs: dict[str, Run], case: str) -> None:
    run = runs[case]
    assert run.rc != 0
    assert run.requests == ()
    (message,) = set(run.failures.values())
    assert message == CASES[case].message
    assert [secret for secret in SECRETS if secret in run.output or secret in repr(run.results)] == []
