# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dead hosts that Masakari knows: it ignores each before the host is taken out of service, or nothing is evacuated from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._masakari.model import HaHost, Observed, Recovery
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.model import SavedPlan, as_entries
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.model import Region
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate import reconcile
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.evidence.instance_ha import of_host
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.model import Seen, Wanted
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._masakari.stand_in import (
    Killed as KilledInMasakari,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._masakari.stand_in import StandIn
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import (
    FakeCloud,
    Killed,
)

from .test_evacuate import TAG, evacuated, filled, no_waiting, refused, run, statuses

MEMORY = {"zoneops:masakari az1-0": "zoneops: dead: fire"}
IGNORE = "put host az1-0 on maintenance in Masakari (segment racks)"
Change = Callable[[StandIn], None]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    no_waiting(monkeypatch)


@pytest.fixture
def cloud() -> FakeCloud:
    return filled()


@pytest.fixture
def masakari(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """The dead host and one that lives, in one segment."""
    found = StandIn("az1-0", "az1-1")
    monkeypatch.setattr(reconcile, "masakari_of", lambda _cloud: found)
    return found


def test_a_dead_host_is_ignored_before_it_is_taken_out(
    cloud: FakeCloud, masakari: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def noticed(host: HaHost, *, on: bool) -> None:
        seen.append((cloud.metadata["az1"], cloud.services["az1-0"]["status"]))
        set_maintenance(host, on=on)

    set_maintenance = masakari.set_maintenance
    monkeypatch.setattr(masakari, "set_maintenance", noticed)
    check = run(cloud, check=True)
    assert (cloud.writes, masakari.writes) == ([], [])
    assert check.plan[0].text.startswith(f"{IGNORE}, and take host az1-0 out of service")
    verdict = run(cloud)
    assert not verdict.failed, verdict.message()
    assert ([change.text for change in verdict.plan], verdict.after) == (
        [change.text for change in check.plan],
        check.after,
    )
    assert verdict.after["hosts"]["az1-0"]["masakari"] == {"segment": "racks", "on_maintenance": True}
    assert (masakari.on(), cloud.metadata["az1"], seen) == ({"az1-0"}, MEMORY, [(MEMORY, "enabled")])
    evacuated(cloud)
    again = run(cloud)
    assert (again.changed, again.failed, len(masakari.writes)) == (False, False, 1)


@pytest.mark.parametrize("write", [0, 1, 2])
def test_a_run_that_is_killed_between_is_resumed(cloud: FakeCloud, masakari: StandIn, write: int) -> None:
    """Behind what is remembered, behind Masakari's own write, and behind nova's; a saved plan lets the rest be done."""
    plan = [change.as_dict() for change in run(cloud, check=True).plan]
    saved = SavedPlan("plan", "now", changes={"az1": as_entries(plan)})
    if write == 1:
        masakari.kill_after = 1
    else:
        cloud.killed = write // 2
    with pytest.raises((Killed, KilledInMasakari)):
        run(cloud, saved=saved)
    cloud.killed = masakari.kill_after = None
    verdict = run(cloud, saved=saved)
    assert not verdict.failed, verdict.message()
    assert (masakari.on(), cloud.metadata["az1"]) == ({"az1-0"}, MEMORY)
    evacuated(cloud)


def test_one_that_is_out_of_service_already_is_ignored_as_well(cloud: FakeCloud, masakari: StandIn) -> None:
    assert not run(cloud, phase="prepare").failed
    masakari.by_hand("az1-0", on=False)
    check = run(cloud, check=True)
    assert check.plan[0].text == IGNORE
    written = len(cloud.writes)
    verdict = run(cloud)
    assert (verdict.failed, verdict.after) == (False, check.after)
    assert not any(one["path"].startswith("/os-services/") for one in cloud.writes[written:])
    evacuated(cloud)


@pytest.mark.parametrize("prepared", [False, True])
def test_one_that_masakari_does_not_ignore_is_not_evacuated(
    cloud: FakeCloud, masakari: StandIn, monkeypatch: pytest.MonkeyPatch, prepared: bool
) -> None:
    if prepared:
        assert not run(cloud, phase="prepare").failed
        masakari.by_hand("az1-0", on=False)

    def refuses(_host: HaHost, *, on: bool) -> None:
        raise ZoneopsError(f"instance-ha API: 409 ({on}).")

    monkeypatch.setattr(masakari, "set_maintenance", refuses)
    verdict = run(cloud)
    assert verdict.failed
    assert "instance-ha API: 409" in verdict.message()
    assert {cloud.hosts()[name] for name in ("on", "off", "broken")} == {"az1-0"}
    assert (cloud.services["az1-0"]["status"] == "disabled", cloud.tagged()) == (prepared, set())
    assert TAG not in str(statuses(cloud))


def worked_on(host: str) -> Change:
    return lambda found: setattr(found, "at_work", (Recovery("s1", f"u-{host}", "COMPUTE_HOST", "new"),))


def silent(found: StandIn) -> None:
    found.answers = False


def on_already(found: StandIn) -> None:
    worked_on("az1-0")(found)
    found.by_hand("az1-0", on=True)


@pytest.mark.parametrize(
    ("change", "wanted", "said"),
    [
        (
            silent,
            {},
            "it is unknown whether Masakari evacuates hosts of the zone: instance-ha API: GET /segments: 503.",
        ),
        (worked_on("az1-0"), {}, "Masakari works on host az1-0 (COMPUTE_HOST, new)"),
        (on_already, {}, "Masakari works on host az1-0 (COMPUTE_HOST, new)"),
        (worked_on("az1-1"), {}, "while it works on failures there: COMPUTE_HOST of az1-1 (new). Wait for its end"),
        (lambda _found: None, {"masakari": False}, "openstack segment host update --on_maintenance True racks az1-0"),
    ],
)
def test_what_is_refused(
    cloud: FakeCloud, masakari: StandIn, change: Change, wanted: dict[str, Any], said: str
) -> None:
    change(masakari)
    assert said in refused(run(cloud, **wanted), cloud, "instance_ha")
    # Who allows it says that it cannot act: nothing is changed there.
    assert not run(cloud, allow=frozenset(("instance_ha",)), **wanted).failed
    assert (masakari.writes, cloud.metadata["az1"]) == ([], {})
    evacuated(cloud)


def test_what_nothing_would_remember_is_refused() -> None:
    known = Observed({"az1-0": HaHost("az1-0", "u", "s1", "racks")}, {})
    seen, wanted = Seen(Region({}, {}), masakari=known), Wanted(("az1",))
    assert "availability zone az1 has no host aggregate" in of_host(seen, wanted, "az1-0", "az1")
    on = replace(known.hosts["az1-0"], on_maintenance=True)
    assert of_host(replace(seen, masakari=Observed({"az1-0": on}, {})), wanted, "az1-0", "az1") == ""


def test_a_host_that_another_tool_ignores_already_is_left(cloud: FakeCloud, masakari: StandIn) -> None:
    masakari.found["az1-0"] = replace(masakari.found["az1-0"], on_maintenance=True)
    assert not run(cloud, masakari=False).failed
    assert (masakari.writes, cloud.metadata["az1"]) == ([], {})
