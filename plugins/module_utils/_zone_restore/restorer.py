# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creates servers again, with volumes from backups, a bounded number at a time: the only writer of a restore.

What is created bears the mark of what it stands for from its first moment, so that the next run finds it: a volume by its working name until it is complete,
a port by a tag, a server by its metadata and a tag. A restore replaces the metadata of a volume by those of its source, so its marks come last.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._block_storage.api.dependencies import restoring
from .._block_storage.api.volume_calls import VolumeApi
from .._block_storage.api.volume_model import Volume
from .._network.neutron import Neutron
from .._openstack.cloud import Cloud
from .._plan.apply import UNDO_SECONDS
from .._plan.errors import ZoneopsError
from .._plan.progress import Awaited
from .._plan.threads import threads
from .calls import Restores
from .draft import disks_of
from .model import (
    BACKUP,
    FROM,
    KEPT_FOR,
    SELF,
    SHUTOFF,
    STOPS,
    VOLUMES,
    Copy,
    Port,
    Restoration,
    Restored,
    working_name,
)
from .read import Sessions

DONE, FAILED, NOT_BEGUN = "restored", "failed", "not begun"
LOOK_SECONDS = 1.0
#: A server that does not start in this time is left to the next run.
START_SECONDS = 600.0
TASK_SECONDS = 15.0
AGAIN = "Run it again, which continues from there"


@dataclass(frozen=True)
class Bounds:
    """How many at a time, and when no further one is begun."""

    at_once: int = 4
    canary: bool = True
    max_failed: int = 0


@dataclass
class Fate:
    """What became of a server."""

    restoration: Restoration
    outcome: str = NOT_BEGUN
    reason: str = ""
    new: str = ""
    volumes: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class Restorer:
    """Restores the servers of one zone.

    :param guard: why the host of a server is not out of service any more; empty where it is.
    :param say: told of each step of a server.
    """

    def __init__(
        self,
        cloud: Cloud,
        sessions: Sessions,
        bounds: Bounds,
        phase: str,
        guard: Callable[[str], str],
        say: Callable[[Restoration, str], None],
    ) -> None:
        self.cloud = cloud
        self.sessions = sessions
        self.bounds = bounds
        self.phase = phase
        self.guard = guard
        self.say = say
        self.calls = Restores(cloud.service("compute"), cloud.writes)
        self.api = VolumeApi(cloud.service("block-storage"), cloud.deadline)
        self._failed = 0
        self._stopped = ""
        self._lock = threading.Lock()

    def run(self, restorations: Sequence[Restoration]) -> list[Fate]:
        """The first one goes alone."""
        fates = [Fate(one) for one in restorations]
        alone = 1 if self.bounds.canary else 0
        for fate in fates[:alone]:
            self._one(fate)
            if fate.outcome != DONE:
                self._stopped = "the first one failed"
        with threads(self.bounds.at_once, self.cloud.deadline) as pool:
            list(pool.map(self._one, fates[alone:]))
        return fates

    def _one(self, fate: Fate) -> None:
        with self._lock:
            if self._stopped or self.cloud.deadline.stopped:
                fate.reason = self._stopped or "the run was stopped"
                return
        begun = time.monotonic()
        try:
            self.cloud.deadline.check(f"server {fate.restoration.label}")
            self._restore(fate)
            fate.outcome = DONE
            self.say(fate.restoration, "restored")
        except ZoneopsError as error:
            fate.outcome, fate.reason = FAILED, error.message
            self.say(fate.restoration, f"failed: {error.message}")
            with self._lock:
                self._failed += 1
                if self._failed > self.bounds.max_failed:
                    self._stopped = f"{self._failed} failed, and {self.bounds.max_failed} may"
        finally:
            fate.seconds = time.monotonic() - begun

    def _restore(self, fate: Fate) -> None:
        wanted = fate.restoration
        if wanted.begun is not None:
            fate.new = wanted.begun.id
            self._finish(wanted, fate.new)
            return
        for copy in wanted.copies:
            fate.volumes[copy.source.id] = copy.whole or self._volume(wanted, copy)
        if self.phase == VOLUMES:
            return
        taken = [port for port in wanted.ports if port.kept]
        try:
            for port in wanted.ports:
                self._check(wanted)
                self._take(wanted, port, taken)
            self._check(wanted)
            fate.new = self._server(wanted, fate.volumes)
        except ZoneopsError as error:
            raise ZoneopsError(f"{error.message}{_kept(wanted, taken)}") from error
        self._finish(wanted, fate.new)

    def _check(self, wanted: Restoration) -> None:
        """Looked at once more: a host that is back runs its servers."""
        if reason := self.guard(wanted.host):
            raise ZoneopsError(f"{reason}. {AGAIN}.")

    # Volumes

    def _volume(self, wanted: Restoration, copy: Copy) -> str:
        mine = VolumeApi(self.sessions.of(wanted.project).service("block-storage"), self.cloud.deadline)
        number = copy.begun or self._made(mine, wanted, copy)
        self.say(wanted, f"volume {copy.source.label} is being restored as {number}")
        found = self.api.settled_volume(number, "is available", restoring(self.api.backup(copy.backup)))
        if found is None:
            raise ZoneopsError(
                f"volume {number}, the copy of volume {copy.source.label}, was deleted by others. {AGAIN}."
            )
        if found.status != "available":
            raise ZoneopsError(
                f"volume {number}, the copy of volume {copy.source.label}, is '{found.status}': {self.api.reason(number)}. "
                f"Delete it (openstack volume delete {number}), then run it again."
            )
        self._whole(mine, copy, found)
        return number

    def _made(self, mine: VolumeApi, wanted: Restoration, copy: Copy) -> str:
        body: dict[str, Any] = {
            "name": working_name(copy),
            "size": copy.source.size,
            "backup_id": copy.backup,
            "availability_zone": wanted.target,
        }
        if copy.type is not None:
            body["volume_type"] = copy.type
        try:
            return mine.make_volume(body)
        except ZoneopsError as error:
            if error.uncertain:
                with self.cloud.deadline.grace(UNDO_SECONDS):
                    for found in self.api.volumes(all_projects=True, zone=wanted.target):
                        if found.name == body["name"] and found.project_id == copy.source.project_id:
                            return found.id
            raise

    def _whole(self, mine: VolumeApi, copy: Copy, found: Volume) -> None:
        """What makes it whole comes last and in one request."""
        source = copy.source
        if found.size != source.size:
            raise ZoneopsError(
                f"volume {found.id}, the copy of volume {source.label}, has {found.size} GB: it is not used."
            )
        if source.image and found.image != source.image:
            mine.set_image_metadata(found.id, source.image)
        if source.bootable and not found.bootable:
            mine.set_bootable(found.id)
        own = {key: value for key, value in found.metadata.items() if key not in (FROM, BACKUP, SELF)}
        marked = {**own, FROM: source.id, BACKUP: copy.backup, SELF: found.id}
        body = {"name": source.name, "description": source.description or "", "metadata": marked}
        try:
            mine.update_volume(found.id, body)
        except ZoneopsError as error:
            with self.cloud.deadline.grace(UNDO_SECONDS):
                now = self.api.volume(found.id) if error.uncertain else None
            if now is None or now.metadata.get(SELF) != found.id:
                raise

    # Ports

    def _take(self, wanted: Restoration, port: Port, taken: list[Port]) -> None:
        """The old server loses it, with consent. Nova keeps MAC address and id of a port as one until that server is deleted, and refuses both again.

        :param taken: gets the port once it is kept.
        """
        neutron = Neutron(self.cloud.service("network", version="2"))
        if not port.kept:
            neutron.tag_port(port.id, f"{KEPT_FOR}{wanted.server}")
            try:
                neutron.release_port(port.id)
            except ZoneopsError as error:
                # The old server's still, with a tag that says nothing before the port is released: unless the answer was lost.
                raise ZoneopsError(f"{error.message}{_unknown(port) if error.uncertain else ''}") from error
            taken.append(port)
            self.say(wanted, f"port {port.id} is taken from the old server")
        neutron.renew_mac(port.id)

    # The server

    def _server(self, wanted: Restoration, volumes: dict[str, str]) -> str:
        mine = Restores(self.sessions.of(wanted.project).service("compute"), self.cloud.writes)
        body = {**wanted.body, **disks_of(wanted, volumes)}
        try:
            number = mine.make(body, wanted.hints)
        except ZoneopsError as error:
            if error.uncertain:
                with self.cloud.deadline.grace(UNDO_SECONDS):
                    for found in self.calls.restored():
                        if found.origin == wanted.server and found.project == wanted.project:
                            return found.id
            raise
        self.say(wanted, f"server {number} is being created in {wanted.target}")
        return number

    def _finish(self, wanted: Restoration, number: str) -> None:
        """Until it runs; and until it is off again, where the old one was."""
        found = self._until(number, "is ACTIVE", lambda one: one.status != "BUILD" and not one.task)
        if not found.stops:
            return
        if found.status != SHUTOFF:
            self.calls.act(number, "os-stop")
            self._until(number, f"is {SHUTOFF}", lambda one: one.status == SHUTOFF and not one.task)
        self.calls.forget(number, STOPS)
        self.say(wanted, f"server {number} is stopped, as the old one was")

    def _until(self, number: str, what: str, reached: Callable[[Restored], bool]) -> Restored:
        awaited = Awaited(f"server {number}")
        while True:
            with self.cloud.deadline.look():
                found = self.calls.one(number)
            if found is None:
                raise ZoneopsError(f"server {number} was deleted while the run was working. {AGAIN}.")
            if found.failed or found.status == "ERROR":
                why = found.failed or self.calls.fault(number)
                raise ZoneopsError(
                    f"server {number}, which was created for it, failed: {why.rstrip('.')}. Delete that one (openstack server delete {number}), then run "
                    "it again: ports that it got are kept for the next one."
                )
            if reached(found):
                return found
            if awaited.seconds >= START_SECONDS or not self.cloud.deadline.remaining():
                raise ZoneopsError(
                    f"server {number} is {found.status} after {awaited.seconds:.0f} s, not yet what it {what}. {AGAIN}."
                )
            awaited.is_now(f"is {found.status}")
            time.sleep(LOOK_SECONDS)


def _named(port: Port) -> str:
    return f"{port.id} ({' '.join(port.addresses) or 'no address'})"


def _unknown(port: Port) -> str:
    return f" Whether port {_named(port)} is the old server's still is unknown: look at it (openstack port show {port.id})."


def _kept(wanted: Restoration, ports: Sequence[Port]) -> str:
    """What became of ports where no server was created that has them."""
    if not ports:
        return ""
    names = ", ".join(map(_named, ports))
    kept = f"{names} {'is' if len(ports) == 1 else 'are'} kept for the new server (tag {KEPT_FOR}{wanted.server})"
    return f" {'Port' if len(ports) == 1 else 'Ports'} {kept}, which the next run creates."
