# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In one look a list that several parts want is asked for once; the next look, and whoever waits, sees what is so then."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.cinder import Cinder
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.volume_calls import VolumeApi
from ansible_collections.zoneops.openstack.plugins.module_utils._network.neutron import Neutron
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import Cloud, connect
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError, CloudError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.read import read_recorded
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.manila import Manila
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.evidence import watching
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    Answer,
    StandIn,
    version_document,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._region.small_region import NETWORK_VERSION

VOLUMES, SHARES, AGENTS = "/volume/os-services", "/share/services", "/network/v2.0/agents"


def listed(cloud: Cloud) -> None:
    """As the parts of an evacuation do."""
    volumes, shares = cloud.service("block-storage"), cloud.service("shared-file-system")
    for _part in range(2):
        Cinder(volumes).found_services()
        VolumeApi(volumes, Deadline(60)).services()
        Manila(shares).share_services(reasons=True)
        list(Neutron(cloud.service("network", version="2")).agents())


def counts(cloud: StandIn) -> list[int]:
    return [cloud.count("GET", path) for path in (VOLUMES, SHARES, AGENTS)]


@pytest.mark.parametrize("newest", ["2.99", "2.78"])
def test_a_look_lists_each_service_once(cloud: StandIn, newest: str) -> None:
    cloud.on("GET", "/share", version_document(newest, "2.0"))
    for path in (VOLUMES, SHARES):
        cloud.on_get(path, {"services": []})
    cloud.on_get("/network", {"versions": [NETWORK_VERSION]})
    cloud.on_get(AGENTS, {"agents": []})
    connected = connect(cloud.params())
    with connected.one_look():
        listed(connected)
    first = counts(cloud)
    with connected.one_look():
        listed(connected)
    assert (first, counts(cloud)) == ([1, 1, 1], [2, 2, 2])
    # Whoever waits looks again each time.
    listed(connected)
    assert counts(cloud) == [6, 4, 4]


def test_a_manila_that_keeps_no_reasons_has_one_list(cloud: StandIn) -> None:
    cloud.on("GET", "/share", version_document("2.78", "2.0"))
    cloud.on_get(SHARES, {"services": []})
    connected = connect(cloud.params())
    manila = Manila(connected.service("shared-file-system"))
    with connected.one_look():
        assert (manila.share_services(), manila.share_services(reasons=True), manila.services()) == ((), (), [])
    assert cloud.count("GET", SHARES) == 1


def test_one_service_by_name_is_asked_for_each_time(cloud: StandIn) -> None:
    """What was written is read back, also in a look."""
    entry = {"binary": "cinder-volume", "host": "a@b", "zone": "az1", "status": "enabled", "state": "up"}
    cloud.on_get(VOLUMES, {"services": [entry]})
    connected = connect(cloud.params())
    cinder = Cinder(connected.service("block-storage"))
    with connected.one_look():
        (found,) = cinder.found_services()
        for _time in range(2):
            assert cinder.found_services(found) == [found]
    assert len(cloud.seen) == 3


def test_a_service_that_does_not_answer_is_waited_for_once(cloud: StandIn) -> None:
    cloud.on("GET", VOLUMES, Answer(403, {"forbidden": {"message": "not yet"}}), Answer(body={"services": []}))
    connected = connect(cloud.params())
    cinder = Cinder(connected.service("block-storage"))
    with connected.one_look():
        for _time in range(2):
            with pytest.raises(ApiError, match="not yet"):
                cinder.found_services()
    assert cloud.count("GET", VOLUMES) == 1
    assert cinder.found_services() == []


def test_which_versions_a_service_has_is_asked_once_as_well(cloud: StandIn) -> None:
    cloud.on("GET", "/share", Answer(503))
    connected = connect(cloud.params())
    manila = Manila(connected.service("shared-file-system"))
    asked = []
    with connected.one_look():
        for _time in range(2):
            with pytest.raises((ApiError, CloudError)):
                manila.share_services(reasons=True)
            asked.append(len(cloud.seen))
    assert asked[0] == asked[1]


ENTRY = {"binary": "cinder-volume", "host": "a@b", "zone": "az1", "status": "enabled", "state": "up"}


def test_an_error_ends_with_the_wait_for_records(cloud: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cinder answers again before nova has a record: the look is not that of the time before."""
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    cloud.on("GET", VOLUMES, Answer(503), Answer(503), Answer(503), Answer(503), Answer(body={"services": [ENTRY]}))
    connected = connect(cloud.params())
    cinder = Cinder(connected.service("block-storage"))
    passes: list[str] = []

    def read() -> Any:
        try:
            passes.append(f"{len(cinder.found_services())} services")
        except (ApiError, CloudError):
            passes.append("unread")
        return list(passes)

    missing = cast("Any", SimpleNamespace(label="web", task="migrating"))
    with connected.one_look():
        found: Any = read_recorded(read, lambda _region: [missing] * (len(passes) < 3), connected)
        assert len(cinder.found_services()) == 1
    assert found == ["unread", "1 services", "1 services"]
    # The parts after it have the answer of the last pass.
    assert cloud.count("GET", VOLUMES) == 4 + 2


def test_what_changed_while_hosts_were_watched_is_seen(cloud: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [0]
    monkeypatch.setattr(time, "sleep", lambda wait: seconds.__setitem__(0, seconds[0] + int(wait)))
    cloud.on("GET", VOLUMES, *(Answer(body={"services": [{**ENTRY, "state": state}]}) for state in ("up", "down")))
    connected = connect(cloud.params())
    cinder = Cinder(connected.service("block-storage"))

    def services() -> list[dict[str, Any]]:
        at = f"2030-01-01T00:00:{seconds[0]:02}"
        dead = {"id": "1", "binary": "nova-compute", "host": "dead", "updated_at": "2030-01-01T00:00:00"}
        return [dead, {"id": "2", "binary": "nova-conductor", "host": "c", "updated_at": at}]

    with connected.one_look():
        seen = [cinder.found_services()[0].up]
        assert watching.Watch(services, connected).reporting(services(), ["dead"]) == {}
        seen += [cinder.found_services()[0].up for _part in range(2)]
    assert seconds[0] > 0
    assert (seen, cloud.count("GET", VOLUMES)) == ([True, False, False], 2)
