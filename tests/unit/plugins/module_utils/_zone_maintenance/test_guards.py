# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What blocks the maintenance of a zone as a whole, each by itself and all together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Host
from ansible_collections.zoneops.openstack.plugins.module_utils._types.model import FoundType
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance.guards import (
    announced,
    before_begin,
    before_end,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance.model import Defaults
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import host

ZONES: dict[str, dict[str, Any]] = {
    name: {"compute": {"hosts": [f"{name}-0", f"{name}-1"]}, "image_store": {}} for name in ("az1", "az2", "az3")
}
HOSTS = {f"{zone}-{number}": host(f"{zone}-{number}") for zone in ZONES for number in range(2)}
QUORUM = {"etcd": {"size": 3, "members": {name: [f"master-{name}"] for name in ZONES}}}
NONE = Defaults()
ZONE_MARK = "zoneops: maintenance of the zone, left: work"


def a_map(region: Mapping[str, Any] | None = None, **zones: Mapping[str, Any]) -> ZoneMap:
    """Three zones, az1 announced; what is given is added to their files."""
    files = {name: {**file, **zones.get(name, {})} for name, file in ZONES.items()}
    files["az1"] = {"zone_state": "maintenance", **files["az1"]}
    return load_map(files, {"zones": list(files), **(region or {})})


def refused(
    zone_map: ZoneMap,
    *allow: str,
    hosts: Mapping[str, Host] = HOSTS,
    defaults: Defaults = NONE,
    quorum: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    found = list(before_begin(zone_map, "az1", hosts, defaults, quorum, allow))
    assert len({one.rule for one in found}) == len(found)
    return {one.rule: one.message for one in found}


def away(names: Iterable[str], **values: Any) -> dict[str, Host]:
    return HOSTS | {name: replace(HOSTS[name], **values) for name in names}


def test_nothing_blocks_it() -> None:
    assert refused(a_map()) == {}


@pytest.mark.parametrize("state", ["active", "new", "down"])
def test_the_zone_has_to_be_announced(state: str) -> None:
    message = refused(a_map(az1={"zone_state": state}))["zone_state"]
    assert f"zone_state of zone az1 is {state}" in message
    assert message.endswith("(host_vars/az1.yml): 'zone_state: maintenance'")


@pytest.mark.parametrize(("state", "said"), [("maintenance", "in maintenance"), ("down", "down")])
def test_another_zone_is_out_by_its_file(state: str, said: str) -> None:
    message = refused(a_map(az2={"zone_state": state}), "defaults", "quorum")["other_zone"]
    assert message.startswith(f"zone az2 is {said}, by zone_state of its file.")


@pytest.mark.parametrize(
    ("hosts", "said"),
    [
        (away(("az2-1",), status="disabled", disabled_reason=ZONE_MARK), "by the disabled reason of az2-1"),
        (away(("az2-0", "az2-1"), state="down"), "zone az2 has no compute host that is up"),
    ],
)
def test_another_zone_is_out_as_it_is_seen(hosts: Mapping[str, Host], said: str) -> None:
    assert said in refused(a_map(), hosts=hosts)["other_zone"]


@pytest.mark.parametrize(
    "hosts",
    [
        away(("az2-1",), status="disabled", disabled_reason="zoneops: maintenance, emptied: work"),
        away(("az2-1",), state="down"),
        away(("az1-0", "az1-1"), status="disabled", disabled_reason=ZONE_MARK),
        {name: one for name, one in HOSTS.items() if not name.startswith("az2")},
    ],
    ids=["one host in maintenance", "one host down", "the zone itself", "hosts that nova does not list"],
)
def test_another_zone_is_not_out(hosts: Mapping[str, Host]) -> None:
    assert refused(a_map(), hosts=hosts) == {}


BOUND = FoundType("1", "fast", specs={"RESKEY:availability_zones": "az1"})
SHARES = FoundType("1", "nfs", specs={"availability_zones": "az1"})
BACKUP = {"mode": "zone", "zone": "az1", "target": {"type": "nfs", "address": "192.0.2.1", "path": "/b"}}


@pytest.mark.parametrize(
    ("region", "defaults", "name"),
    [
        ({"kubernetes": {"services": {"nova": {"default_schedule_zone": "az1"}}}}, Defaults(), "default_schedule_zone"),
        ({}, Defaults(image_store="az1"), "default_store"),
        ({"backup": BACKUP}, Defaults(), "backup_zone"),
        ({}, Defaults(volume_type=BOUND), "default_volume_type"),
        ({}, Defaults(share_type=SHARES), "default_share_type"),
    ],
)
def test_defaults_that_lead_to_the_zone(region: Mapping[str, Any], defaults: Defaults, name: str) -> None:
    zone_map = a_map(region)
    (found,) = before_begin(zone_map, "az1", HOSTS, defaults, None, ())
    assert (found.rule, [item["name"] for item in found.items]) == ("defaults", [name])
    assert refused(zone_map, "defaults", defaults=defaults) == {}
    assert "az1" in found.message


@pytest.mark.parametrize(
    ("region", "defaults"),
    [
        ({"kubernetes": {"services": {"nova": {"default_schedule_zone": "az2"}}}}, Defaults()),
        ({}, Defaults(image_store="az2")),
        ({"backup": {**BACKUP, "zone": "az2"}}, Defaults()),
        ({}, Defaults(volume_type=replace(BOUND, specs={"RESKEY:availability_zones": "az1,az2"}))),
        ({}, Defaults(share_type=replace(SHARES, specs={}))),
    ],
)
def test_defaults_that_lead_elsewhere(region: Mapping[str, Any], defaults: Defaults) -> None:
    assert refused(a_map(region), defaults=defaults) == {}


RHOSO: dict[str, Any] = {
    name: {
        "kubernetes": {},
        "ceph": {"fsid": f"00000000-0000-4000-8000-00000000000{number}"},
        "volume_backends": [{}],
    }
    for number, name in enumerate(ZONES)
}


def test_cinder_s_default_zone_is_the_one_of_the_map() -> None:
    (found,) = before_begin(a_map(**RHOSO), "az1", HOSTS, Defaults(), QUORUM, ())
    assert [item["name"] for item in found.items] == ["storage_availability_zone"]


@pytest.mark.parametrize(
    ("quorum", "said"),
    [
        (None, "option 'quorum' is not set"),
        ({}, "option 'quorum' names none"),
        ({"etcd": {"size": 3, "members": {"az1": ["a"], "az2": ["b"]}}}, "1 of 3 members would be left, 2 are needed"),
        (
            {"etcd": {"size": 3, "members": {"az1": ["a", "b"], "az2": ["c"]}}},
            "etcd does not survive the loss of zone az1",
        ),
    ],
)
def test_majorities_that_would_be_lost(quorum: Mapping[str, Any] | None, said: str) -> None:
    zone_map = a_map(**RHOSO)
    assert said in refused(zone_map, "defaults", quorum=quorum)["quorum"]
    assert refused(zone_map, "defaults", "quorum", quorum=quorum) == {}
    assert refused(zone_map, "defaults", quorum=QUORUM) == {}


def test_all_at_once() -> None:
    files = {**RHOSO, "az1": {**RHOSO["az1"], "zone_state": "active"}, "az3": {**RHOSO["az3"], "zone_state": "down"}}
    assert set(refused(a_map(**files))) == {"zone_state", "other_zone", "defaults", "quorum"}


def test_the_end() -> None:
    assert not list(before_end(a_map(), "az1"))
    (found,) = before_end(a_map(az1={"zone_state": "down"}), "az1")
    assert found.rule == "zone_state"
    assert "'zone_state: maintenance': remove that line" in announced(a_map().zones["az1"])
    assert announced(a_map().zones["az2"]) == ""


def test_defaults_that_cannot_be_read_are_refused_as_those_that_lead_here() -> None:
    unread = Defaults(unread=("cinder's default type: no answer.", "glance stores: 500"))
    message = refused(a_map(), defaults=unread)["defaults"]
    assert message == (
        "it is unknown whether defaults lead to zone az1: cinder's default type: no answer; glance stores: 500. "
        "Correct that, or accept it: allow [defaults]."
    )
    assert refused(a_map(), "defaults", defaults=unread) == {}
    both = refused(a_map(), defaults=replace(unread, image_store="az1"))["defaults"]
    assert "defaults lead to zone az1" in both
    assert "it is unknown" in both
