# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone in memory that was lost and evacuated: nova, cinder and manila as far as its return asks them, as measured (day 2, section 1)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.attachments import (
    Attachment,
    Attachments,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.cinder import Cinder
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import BACKUP
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.volume_model import Volume
from ansible_collections.zoneops.openstack.plugins.module_utils._masakari.masakari import Masakari
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.dead import Dead
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.end.canary import Canary
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.model import EVACUATION
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.manila import Manila
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.model import ShareService
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_return.build import Call
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_return.left.model import LeftOver
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_return.model import Wanted
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._block_storage.stand_in import StandIn
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import zone_file, zone_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import (
    FakeCloud,
    FakeService,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._shared_filesystem.test_services import (
    Manila as Shares,
)

FILES: dict[str, Any] = {"az1": zone_file("az1-0 az1-1"), "az2": zone_file("az2-0 az2-1")}
MARK = Dead("fire", zone=True).text


@dataclass
class LostNova(FakeCloud):
    """A nova whose hosts die.

    :ivar stopped: hosts whose nova-compute does not run.
    :ivar lagging: hosts that were enabled before they were up: the scheduler does not see it.
    :ivar misplaced: servers that no list of a zone has, after a failed evacuation to another one.
    :ivar silent: hosts that run, and do not come up.
    """

    stopped: set[str] = field(default_factory=set)
    lagging: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    misplaced: set[str] = field(default_factory=set)

    def service(self, service_type: str, version: str | None = None) -> FakeService:
        del version
        return LostService(self, service_type)

    def reported(self, name: str) -> str:
        away = self.services[name]["forced_down"] or name in self.stopped | self.silent
        return "down" if away else "up"

    def lose(self, name: str, reason: str = MARK) -> None:
        """The host dies, and is taken out of service."""
        self.stopped.add(name)
        self.services[name] |= {"status": "disabled", "disabled_reason": reason, "forced_down": True, "state": "down"}

    def evacuate(self, server: str, target: str | None, status: str = "done") -> None:
        record = {
            "uuid": f"e{len(self.migrations)}",
            "instance_uuid": server,
            "migration_type": EVACUATION,
            "status": status,
            "source_compute": self.servers[server]["OS-EXT-SRV-ATTR:host"],
            "dest_compute": target,
        }
        self.migrations.append(record)
        if status == "failed":
            # As nova has it: in the zone that it was to go to, on the host that it is on.
            self.misplaced.add(server)
        if status == "done":
            self.servers[server]["OS-EXT-SRV-ATTR:host"] = target

    def start(self, *names: str) -> None:
        """nova-compute starts, and removes what was evacuated."""
        for name in names:
            self.stopped.discard(name)
            for record in self.migrations:
                if record["source_compute"] == name and record["status"] in ("done", "accepted", "pre-migrating"):
                    record["status"] = "completed"
            self.services[name]["state"] = self.reported(name)


@dataclass
class LostService(FakeService):
    """One service of it."""

    cloud: LostNova

    def _written(self, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if not path.startswith("/os-services/"):
            return super()._written(method, path, body)
        name = path.rpartition("/")[2]
        service = self.cloud.services[name]
        waiting = [one for one in self.cloud.migrations if one["source_compute"] == name and one["status"] == "done"]
        if body.get("forced_down") is False and waiting:
            raise ApiError(f"Unable to force up host {name} as `done` evacuation migration records remain", status=400)
        if "status" in body:
            service |= {"disabled_reason": None}
            (self.cloud.lagging.add if service["state"] != "up" else self.cloud.lagging.discard)(name)
        service |= body
        service["state"] = self.cloud.reported(name)
        return {}

    def _get(self, path: str, params: dict[str, Any]) -> dict[str, Any]:
        if path.endswith("/os-volume_attachments"):
            server = self._server(path.split("/")[2])
            return {"volumeAttachments": list(server["os-extended-volumes:volumes_attached"])}
        return super()._get(path, params)

    def _list(self, path: str, params: dict[str, Any]) -> dict[str, Any]:
        kind = params.pop("migration_type", None)
        if params.get("status") == "REBUILD":
            return {"servers": [dict(one) for one in self.cloud.servers.values() if one["status"] == "REBUILD"]}
        found = super()._list(path, params)
        if params.get("availability_zone"):
            found = {"servers": [one for one in found["servers"] if one["id"] not in self.cloud.misplaced]}
        if kind is not None:
            found = {"migrations": [one for one in found["migrations"] if one["migration_type"] == kind]}
        return found


class Lost:
    """A region of two zones; az1 was lost, and one server of each of its hosts was evacuated."""

    def __init__(self) -> None:
        self.nova = LostNova(hosts_per_zone=2)
        self.cinder = StandIn()
        for zone in FILES:
            self.cinder.add_backend(zone)
        self.cinder.add_service(BACKUP, "backup-1", "az1")
        self.volumes: list[Volume] = []
        self.attachments = FakeAttachments(self.volumes)
        self.left_behind: list[LeftOver] = []
        self.masakari: Any = None
        self.manila = Shares(*(ShareService(f"lab@{zone}", "manila-share", zone) for zone in FILES))
        for number in range(2):
            self.nova.add(f"web-{number}", f"az1-{number}")
            self.nova.add(f"waits-{number}", f"az1-{number}")
            self.nova.lose(f"az1-{number}")
            self.nova.evacuate(f"web-{number}", f"az2-{number}")
        for key, one in self.cinder.services.items():
            if one.zone == "az1":
                self.cinder.services[key] = replace(one, enabled=False, up=False, reason=MARK)
        self.manila.services["lab@az1"] = replace(
            self.manila.services["lab@az1"], enabled=False, up=False, disabled_reason=MARK
        )

    def power_on(self, *, storage: bool = True, hosts: tuple[str, ...] = ("az1-0", "az1-1")) -> None:
        if storage:
            for key, one in self.cinder.services.items():
                self.cinder.services[key] = replace(one, up=True)
            self.manila.services["lab@az1"] = replace(self.manila.services["lab@az1"], up=True)
        self.nova.start(*hosts)

    def statuses(self) -> dict[str, tuple[str, bool, str]]:
        return {name: (one["status"], one["forced_down"], one["state"]) for name, one in self.nova.services.items()}

    def picture(self) -> tuple[Any, ...]:
        """All that is there."""
        return copy.deepcopy((self.nova.servers, self.nova.services, self.cinder.services, self.manila.services))


class FakeAttachments:
    """Of cinder, in memory."""

    def __init__(self, volumes: list[Volume]) -> None:
        self.found: dict[str, Attachment] = {}
        self.deleted: list[str] = []
        self._volumes = volumes

    def all(self) -> tuple[Attachment, ...]:
        return tuple(self.found.values())

    def delete(self, number: str) -> None:
        self.deleted.append(number)
        volume = self.found.pop(number).volume
        if not any(one.volume == volume for one in self.found.values()):
            # As cinder does it.
            self._volumes[:] = [replace(one, status="available") if one.id == volume else one for one in self._volumes]


class Fake(Call):
    """With services in memory."""

    lost: Lost

    def cinder(self) -> Cinder:
        return cast(Cinder, self.lost.cinder)

    def manila(self) -> Manila:
        return cast(Manila, self.lost.manila)

    def masakari(self) -> Masakari | None:
        return cast("Masakari | None", self.lost.masakari)

    def attachments(self) -> Attachments:
        return cast(Attachments, self.lost.attachments)

    def volumes(self, zone: str) -> list[Volume]:
        return [one for one in self.lost.volumes if one.availability_zone == zone]


def call_of(lost: Lost, *, files: Mapping[str, Any] | None = None, kind: Any = None, **wanted: Any) -> Fake:
    asked = Wanted(("az1",), canary=kind is not None, **wanted)
    lost.nova.deadline = Deadline(3600)
    cloud = lost.nova.as_cloud()
    canary = None if kind is None else Canary(cloud, kind)
    call = Fake(cloud, lost.nova.nova(), zone_map(**(files or FILES)), asked, canary)
    call.lost = lost
    return call


def run(lost: Lost, *, check: bool = False, **more: Any) -> Verdict:
    left, stages = call_of(lost, **more).stages()
    verdict = Converge(stages, check=check, deadline=lost.nova.deadline, settle=0).run()["az1"]
    lost.left_behind = left.found
    return verdict


def rules(verdict: Verdict) -> list[str]:
    return [refusal.rule for refusal in verdict.refusals]
