# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cells of a zone that a look at storage and servers fills."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._report.cells import cell, columns
from ansible_collections.zoneops.openstack.plugins.module_utils._report.table import report

GATHERED = ["instances", "image_stores", "volume_types", "share_types", "volume_pools", "share_backends"]
WORKS = {"state": "up", "status": "enabled"}
ZONE = {"zone_state": "active", "availability_zone": "az1", "image_store": {"name": "az1"}}


def service(binary: str, host: str, zone: str = "az1") -> dict[str, Any]:
    return {"binary": binary, "host": host, "availability_zone": zone, **WORKS}


def pool(host: str, free: float | None) -> dict[str, Any]:
    return {"host": host, "free_gb": free}


def region(**values: Any) -> dict[str, Any]:
    return {
        "gathered": GATHERED,
        "availability_zones": {"nova": [{"name": "az1", "available": True}]},
        "hosts": [{"availability_zone": zone, "instances": 3, **WORKS} for zone in ("az1", "az1", "az2")],
        "services": [
            service("cinder-volume", "lab@a"),
            service("cinder-volume", "lab@b"),
            service("cinder-volume", "lab@c", "az2"),
            service("manila-share", "lab@a"),
        ],
        "volume_pools": [pool("lab@a", 900.0), pool("lab@b", 350.4), pool("lab@b", None), pool("lab@c", 1.0)],
        "share_backends": [
            {"availability_zone": "az1", "free_capacity_gb": 12.0},
            {"availability_zone": "az2", "free_capacity_gb": 5.0},
        ],
        "volume_types": [
            {"extra_specs": {"RESKEY:availability_zones": specs}} for specs in ("az1", "az2, az1", "az2", "az11")
        ]
        + [{"extra_specs": {}}],
        "share_types": [{"extra_specs": {"availability_zones": "az1"}}],
        "image_stores": [{"id": "az1"}, {"id": "az2"}],
        **values,
    }


def cells(
    found: dict[str, Any], zone: dict[str, Any] | None = None, errors: dict[str, str] | None = None
) -> dict[str, str]:
    look = {"region": found, "errors": errors or {}}
    return {heading: cell(one, ZONE if zone is None else zone, look) for heading, one in columns(look).items()}


def test_everything_that_was_gathered() -> None:
    assert cells(region()) == {
        "AVAILABLE": "yes",
        "HOSTS UP": "2/2",
        "SERVERS": "6",
        "STORE": "az1",
        "VOLUME": "2/2 1.3T",
        "SHARE": "1/1 12G",
        "BACKUP": "-",
        "TYPES": "2+1",
    }


def test_what_was_not_gathered_has_no_column() -> None:
    assert list(cells(region(gathered=["hosts"]))) == ["AVAILABLE", "HOSTS UP", "VOLUME", "SHARE", "BACKUP"]
    assert cells(region(gathered=["volume_types"]))["TYPES"] == "2"
    assert "SERVERS" in cells(region(gathered=["servers"]))


@pytest.mark.parametrize(
    ("error", "heading", "shown"),
    [
        ("nova services", "SERVERS", "?"),
        ("glance stores", "STORE", "?"),
        ("cinder types", "TYPES", "?+1"),
        ("manila types", "TYPES", "2+?"),
        ("cinder services", "VOLUME", "?"),
        ("manila services", "SHARE", "?"),
    ],
)
def test_what_could_not_be_read_is_not_taken_for_nothing(error: str, heading: str, shown: str) -> None:
    assert cells(region(), errors={error: "503"})[heading] == shown


def test_instances_that_nobody_could_count() -> None:
    hosts = [{"availability_zone": "az1", "instances": None, **WORKS}]
    assert cells(region(hosts=hosts))["SERVERS"] == "?"
    assert cells(region(hosts=[]))["SERVERS"] == "-"


def test_a_store_that_is_not_there_or_not_managed() -> None:
    assert cells(region(image_stores=[]))["STORE"] == "missing"
    assert cells(region(), {**ZONE, "image_store": None})["STORE"] == "-"


def test_back_ends_that_do_not_tell_their_space() -> None:
    silent = region(volume_pools=[pool("lab@a", None)], share_backends=[])
    assert [cells(silent)[heading] for heading in ("VOLUME", "SHARE")] == ["2/2", "1/1"]


def test_the_zone_of_nova_is_shown_where_its_name_is_another() -> None:
    look = {"region": region(), "errors": {}}
    assert "AZ" not in report({"az1": ZONE}, [], look).lines[0].split()
    assert report({"one": ZONE}, [], look).lines[:2] == [
        "ZONE  RESULT   CHANGES  STATE   AZ   AVAILABLE  HOSTS UP  SERVERS  STORE  VOLUME    SHARE    BACKUP  TYPES",
        "one   not run  -        active  az1  yes        2/2       6        az1    2/2 1.3T  1/1 12G  -       2+1",
    ]


def test_nodes_and_pods_have_columns_where_they_were_looked_at() -> None:
    seen = {"changed": False, "failed": False, "msg": "fine", "plan": [], "done": [], "warnings": []}
    pods = [{"pod": f"glance-{number}", "ready": number > 0} for number in range(3)]
    seen["state"] = {"nodes": {"worker-0": True, "worker-1": True}, "pods": pods}
    look = {"region": region(), "errors": {}}
    lines = report(
        {"az1": ZONE, "az2": {**ZONE, "availability_zone": "az2"}}, [], look, [{"zones": {"az1": seen}}]
    ).lines
    assert lines[0].split()[:5] == ["ZONE", "RESULT", "CHANGES", "STATE", "NODES"]
    assert [re.split(r" {2,}", line)[4:6] for line in lines[1:3]] == [["2/2", "2/3"], ["-", "-"]]
    assert "NODES" not in report({"az1": ZONE}, [], look).lines[0]


def test_a_line_of_everything_fits_a_wide_terminal() -> None:
    held = {"changed": False, "failed": False, "msg": "fine", "plan": [], "done": [], "warnings": []}
    held["state"] = {"store": "az1", "images": {"cirros": {"in_store": True}}}
    lines = report({"az1": ZONE}, [{"zones": {"az1": held}}], {"region": region(), "errors": {}}).lines
    assert max(map(len, lines)) <= 120
