# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is as somebody wants it to be is no finding: a maintenance, a zone that is known to be down, storage of no zone."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.evaluate import evaluate
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.build import build
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.read import Seen

from .regions import NOW, backup, host, seen, server, service, volume, zone_map
from .test_rules import RULES

MARK = "zoneops: maintenance, emptied: new firmware"
OF_ZONE = "zoneops: maintenance of the zone until 2030-01-31T{}Z, stopped: new power supply"


def found(about: Seen, **zones: dict[str, Any]) -> dict[str, list[str]]:
    """Names by rule."""
    names: dict[str, list[str]] = {}
    for one in evaluate(RULES, build(about, zone_map(**zones), NOW)).findings:
        names.setdefault(one.rule.id, []).append(one.name)
    return names


def agent(on: str, zone: str | None = None) -> dict[str, Any]:
    return {**service("neutron-ovs-agent", "", "down"), "service": "neutron", "host": on, "availability_zone": zone}


@pytest.mark.parametrize(("reason", "down"), [(MARK, False), ("broken fan", True), (None, True)])
def test_an_agent_of_a_host_in_maintenance_may_be_down(reason: str | None, down: bool) -> None:
    about = seen()
    about.region.hosts[0] = host("az1-a", "az1", "down", reason)
    about.region.services = [agent("az1-a")]
    names = found(about)
    assert names.get("service-down", []) == ["neutron-ovs-agent az1-a"] * down
    assert "az1" in names["zone-with-hosts-down"] if down else "zone-with-hosts-down" not in names


def test_an_agent_that_names_no_zone_is_in_that_of_its_host() -> None:
    about = seen()
    about.region.services = [agent("az1-a"), agent("gateway"), agent("az3-a", "az2")]
    services = {one["host"]: one["zone"] for one in build(about, zone_map(), NOW)["objects"]["service"]}
    assert services == {"az1-a": "az1", "gateway": None, "az3-a": "az2"}


@pytest.mark.parametrize(
    ("state", "names"), [("active", ["cinder-volume lab@az3"]), ("down", None), ("new", ["cinder-volume lab@az3"])]
)
def test_services_of_a_zone_that_is_known_to_be_down_are_down(state: str, names: list[str] | None) -> None:
    assert found(seen(), az3={"zone_state": state}).get("service-down") == names


@pytest.mark.parametrize(
    ("status", "reason", "names"),
    [("SHUTOFF", MARK, None), ("ACTIVE", MARK, ["name-off"]), ("SHUTOFF", None, ["name-off"])],
)
def test_a_server_that_was_stopped_for_a_maintenance(status: str, reason: str | None, names: list[str] | None) -> None:
    about = seen(servers=[server("off", "az1-a", "az1", status=status)])
    about.region.hosts[0] = host("az1-a", "az1", "down", reason)
    assert found(about).get("server-on-dead-host") == names


def test_backups_of_a_zone_in_maintenance_wait_for_its_end() -> None:
    about = seen(backups=[backup("b1", "v1", "az3", 1)])
    assert found(about)["backup-service-away"] == ["b1"]
    assert "backup-service-away" not in found(about, az3={"zone_state": "maintenance"})


def test_a_volume_on_storage_of_no_zone_is_nowhere_else() -> None:
    about = seen(volumes=[volume("v1", "nova", "in")])
    assert "server-volume-elsewhere" not in found(about)
    assert found(seen())["server-volume-elsewhere"] == ["name-in"]


def test_a_host_in_a_zone_that_no_file_describes() -> None:
    about = seen()
    about.region.hosts[0] = host("az1-a", "legacy")
    assert found(about)["host-in-another-zone"] == ["az1-a"]
    about.region.hosts[0] = host("az1-a", None, reason="fan")
    assert "host-in-another-zone" not in found(about)


@pytest.mark.parametrize(("ends", "overdue"), [(("06:00", "11:00"), True), (("06:00", "18:00"), False)])
def test_a_maintenance_is_overdue_once_its_last_end_has_passed(ends: tuple[str, ...], overdue: bool) -> None:
    about = seen()
    about.region.hosts = [host(f"az1-{n}", "az1", reason=OF_ZONE.format(end)) for n, end in enumerate(ends)]
    assert ("zone-maintenance-overdue" in found(about)) == overdue
