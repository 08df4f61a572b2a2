# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loss of a zone is rehearsed: the others serve meanwhile, nothing of it is left, and what stops a drill is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.disabled.reason import drill_mark
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drill.model import name_of
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drill.record import KEY
from ansible_collections.zoneops.openstack.plugins.modules import zone_drill
from zonelab.client import LabClient

from ..conftest import MakeInventory
from ..harness.block_storage import BlockStorage
from ..harness.cloud import Cloud
from ..harness.inventory import ZONES, hosts_of
from ..harness.maintenance import Answer, answer, in_the_lab
from ..harness.mended import zones_of
from ..harness.pauses import slowness
from ..harness.play import Player
from ..harness.servers import Servers
from ..harness.shares import Shares
from ..harness.waiting import until

PLAYBOOK = "zoneops.openstack.zone_drill"
HERE, THERE = hosts_of("az1")
# The fake hypervisor has 800000 MB, of which nova keeps 512.
BIG, SMALL = 790_000, 64
# What the lab's defaults lead to is not this test's matter.
ALLOW = ["defaults"]


@dataclass
class Drill:
    """Calls about the first zone of the lab."""

    cloud: Cloud
    lab: LabClient

    def __call__(self, *, check: bool = False, **options: Any) -> Answer:
        server = {"flavor": "small", "image": self.cloud.root(None)["imageRef"]}
        given = in_the_lab(options, level="soft", seconds=1, server=server, allow=ALLOW)
        return answer(zone_drill.MODULE, self.cloud, self.lab, given, check=check)

    def last(self) -> dict[str, Any]:
        """What the region remembers."""
        found = dict(self.cloud.aggregates()["az1"].metadata).get(KEY)
        return dict(json.loads(found)) if found else {}


@pytest.fixture
def servers(cloud: Cloud, lab: LabClient) -> Iterator[Servers]:
    """The lab's zones, and two flavors; afterwards everything runs and works again."""
    with zones_of(cloud, lab, small=SMALL, big=BIG) as found:
        yield found


@pytest.fixture
def drill(cloud: Cloud, lab: LabClient, servers: Servers) -> Drill:
    del servers
    return Drill(cloud, lab)


def enabled(cloud: Cloud) -> dict[str, bool]:
    return {host: found["status"] == "enabled" for host, found in cloud.services().items()}


def left(cloud: Cloud) -> list[str]:
    """What bears the name of a drill."""
    volumes = BlockStorage(cloud).api.get("/volumes/detail?all_tenants=1").json()["volumes"]
    shares = Shares(cloud).api.get("/shares?all_tenants=1").json()["shares"]
    names = [*cloud.servers(), *(str(one["name"]) for one in (*volumes, *shares))]
    return [name for name in names if name.startswith("zoneops-drill")]


def succeeds(found: Answer) -> dict[str, Any]:
    assert not found.result["failed"], found.result["msg"]
    return dict(found.result["drills"]["az1"])


def refused(found: Answer, *rules: str) -> str:
    """By these rules, and nothing was written."""
    assert [one["rule"] for one in found.zone()["refusals"]] == list(rules), found.zone()["msg"]
    assert found.written == []
    return str(found.zone()["msg"])


def test_a_zone_is_out_for_a_while_and_the_others_serve(
    cloud: Cloud, lab: LabClient, servers: Servers, drill: Drill
) -> None:
    servers.add("stays", "small", host=HERE)
    Shares(cloud).add_type("drill", {})
    looked = drill(check=True, share_type="drill")
    assert (looked.written, looked.repeated, looked.result["drills"]["az1"]["outcome"]) == ([], {}, None)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(drill, share_type="drill", seconds=4)
        until(lambda: running.done() or not any(enabled(cloud)[host] for host in (HERE, THERE)))
        assert not running.done()
    ran = running.result()
    found = succeeds(ran)
    assert str(ran.zone()["plan"][0]["text"]).startswith(
        f"disable host {HERE}, {THERE} for 4 s, create a server, a volume and a share in az2, az3"
    )
    probed = [(one["zone"], one["kind"], one["error"]) for one in found["probes"]]
    once = [(zone, kind, "") for zone in ("az2", "az3") for kind in ("server", "volume", "share")]
    assert probed == once * 2
    assert found["outcome"] == drill.last()["outcome"] == "SUCCEEDED"
    assert set(found["seconds"]) == {"server", "volume", "share"}
    assert all(enabled(cloud).values())
    # A run waits for the end of servers; cinder and manila delete by themselves.
    until(lambda: left(cloud) == [])
    assert list(cloud.servers()) == ["stays"]
    assert ran.zone()["changed"]

    again = succeeds(drill(slower=10_000.0))
    assert again["last"]["outcome"] == "SUCCEEDED"


def test_on_paper_nothing_is_written(cloud: Cloud, servers: Servers, drill: Drill) -> None:
    servers.add("pinned", "small", zone="az1")
    found = drill(level="paper")
    drilled = succeeds(found)
    assert (found.written, drilled["outcome"], drilled["probes"]) == ([], "SUCCEEDED", [])
    assert (drilled["loss"]["servers"], drilled["evacuation_seconds"]) == (1, None)
    assert drilled["last"] is None
    assert drilled["only_there"] == {"images": [], "backups": [], "counts": {"images": 0, "backups": 0}}
    assert found.repeated == {}


def test_what_an_interrupted_drill_left_is_put_back(
    cloud: Cloud, lab: LabClient, servers: Servers, drill: Drill
) -> None:
    cloud.set_service(HERE, status="disabled", disabled_reason=drill_mark("2030-01-31T06:00Z"))
    cloud.set_service(THERE, status="disabled", disabled_reason="fan")
    image = cloud.root(None)["imageRef"]
    wanted = {"name": name_of("az1", "az2"), "imageRef": image, "networks": "none", "metadata": {"zoneops": "canary"}}
    cloud.compute.post(
        "/servers", json={"server": {**wanted, "availability_zone": "az2", "flavorRef": servers.flavor_id("small")}}
    )
    paper = drill(level="paper")
    assert f"host {HERE} is disabled" in " ".join(paper.zone()["warnings"])
    refused_elsewhere = drill(limit=["az2"])
    assert "a drill of zone az1 was interrupted" in refused_elsewhere.zone("az2")["msg"]

    blocked = [{"from": "2020-01-01T00:00Z", "until": "2999-01-01T00:00Z", "reason": "end of the year"}]
    found = drill(blocked=blocked)
    assert found.zone()["failed"]
    assert "end of the year" in found.zone()["msg"]
    assert drill.last()["outcome"] == "INTERRUPTED"
    until(lambda: left(cloud) == [])
    assert (enabled(cloud)[HERE], enabled(cloud)[THERE]) == (True, False)

    succeeds(drill())
    assert (enabled(cloud)[HERE], cloud.services()[THERE]["disabled_reason"]) == (True, "fan")


def test_what_fails_elsewhere_fails_the_drill_and_everything_is_put_back(
    cloud: Cloud, lab: LabClient, drill: Drill
) -> None:
    lab.fail("backend", "az3")
    found = drill()
    assert found.zone()["failed"]
    assert "FAILED: volume in zone az3" in found.zone()["msg"]
    assert found.result["drills"]["az1"]["outcome"] == drill.last()["outcome"] == "FAILED"
    lab.heal()
    assert all(enabled(cloud).values())
    until(lambda: left(cloud) == [])
    succeeds(drill())


@pytest.mark.parametrize(("service", "more"), [("cinder", 0), ("manila", 0), ("nova", 4), ("placement", 0)])
def test_an_api_that_dies_during_a_drill(
    cloud: Cloud, lab: LabClient, servers: Servers, drill: Drill, service: str, more: int
) -> None:
    """It answers what a drill asks before its first write, and so many requests more."""
    del servers
    Shares(cloud).add_type("drill", {})
    before = sum(request.service == service for request in drill(check=True, share_type="drill").requests)
    fault = lab.add_fault("status", status=503, service=service, skip=before + more)
    found = drill(share_type="drill")
    assert [one["hits"] for one in lab.faults() if one["id"] == fault] > [0]
    lab.clear_faults()
    assert found.result["failed"]
    assert drill.last().get("outcome") != "SUCCEEDED"
    # Nova has the region's lock, and this process, which could not give it back, is not dead as that of a module would be.
    succeeds(drill(break_lock=True, share_type="drill"))
    assert all(enabled(cloud).values())
    until(lambda: left(cloud) == [])
    assert drill.last()["outcome"] == "SUCCEEDED"


def test_a_neutron_that_dies_during_a_drill_without_networks(
    cloud: Cloud, lab: LabClient, servers: Servers, drill: Drill
) -> None:
    del servers
    before = sum(request.service == "neutron" for request in drill(check=True).requests)
    fault = lab.add_fault("status", status=503, service="neutron", skip=before)
    found = drill()
    assert [one["hits"] for one in lab.faults() if one["id"] == fault] > [0]
    assert succeeds(found)["outcome"] == drill.last()["outcome"] == "SUCCEEDED"
    assert "neutron" in " ".join(found.zone()["warnings"])
    assert all(enabled(cloud).values())
    until(lambda: left(cloud) == [])


def test_all_are_slow_during_a_drill(cloud: Cloud, lab: LabClient, servers: Servers, drill: Drill) -> None:
    servers.add("stays", "small", host=HERE)
    with slowness(lab):
        found = succeeds(drill())
    assert (found["outcome"], drill.last()["outcome"]) == ("SUCCEEDED", "SUCCEEDED")
    assert {(one["zone"], one["kind"], one["error"]) for one in found["probes"]} == {
        (zone, kind, "") for zone in ("az2", "az3") for kind in ("server", "volume")
    }
    assert all(enabled(cloud).values())
    until(lambda: left(cloud) == [])
    assert list(cloud.servers()) == ["stays"]


def test_what_blocks_a_drill(cloud: Cloud, lab: LabClient, servers: Servers, drill: Drill) -> None:
    finding = {"severity": "critical", "zone": "az1", "message": "its only gateway is down", "muted": ""}
    assert "its only gateway is down" in refused(drill(findings=[finding]), "findings")
    assert "is in maintenance" in refused(drill(files={"az2": {"zone_state": "maintenance"}}), "other_zone")
    assert drill(files={"az1": {"zone_state": "maintenance"}}).result["drills"]["az1"]["outcome"] == "BLOCKED"
    wrong = drill(server={"flavor": "smal", "image": "x"})
    assert "there is no image x" in wrong.result["msg"]
    for zone in ZONES:
        for host in hosts_of(zone):
            servers.add(f"big-{host}", "big", host=host)
    found = drill()
    assert "2 of 2 servers that need a restore have no room" in refused(found, "capacity")
    assert found.result["drills"]["az1"]["outcome"] == "CAPACITY_CHECK_FAILED"
    assert drill(level="paper").result["drills"]["az1"]["outcome"] == "CAPACITY_CHECK_FAILED"
    lab.stop_host(HERE, now=True)
    refused(drill(allow=[*ALLOW, "capacity"]), "host_down")
    lab.start_host(HERE)
    until(lambda: cloud.services()[HERE]["state"] == "up")


def test_the_playbook(
    play: Player, cloud: Cloud, servers: Servers, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    inventory = make_inventory()
    file = tmp_path / "drill.json"
    values = {
        "zoneops_drill_level": "soft",
        "zoneops_drill_seconds": 1,
        "zoneops_drill_server": {"flavor": "small", "image": cloud.root(None)["imageRef"]},
        "zoneops_drill_audit": False,
        "zoneops_drill_json": str(file),
        "zoneops_allow": ALLOW,
    }
    options = ("--limit", "az1", "-e", json.dumps(values))
    check = play(PLAYBOOK, inventory, "--check", *options)
    assert (check.rc, check.changed_hosts, check.written) == (0, {"az1"}, [])
    ran = play(PLAYBOOK, inventory, *options)
    assert (ran.rc, ran.changed_hosts) == (0, {"az1"})
    assert json.loads(file.read_text())["az1"]["outcome"] == "SUCCEEDED"
    paper = play(PLAYBOOK, inventory, "-e", json.dumps({"zoneops_allow": ALLOW}))
    assert (paper.rc, paper.changed_hosts, paper.written) == (0, set(), [])
