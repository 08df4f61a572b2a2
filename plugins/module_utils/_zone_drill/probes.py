# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server, a volume and a share that are created in an availability zone to see whether that works, and deleted again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .._block_storage.api.dependencies import restoring
from .._block_storage.api.volume_calls import VolumeApi
from .._openstack.cloud import Cloud
from .._plan.errors import ZoneopsError
from .._plan.progress import Awaited
from .._servers.maintenance.end.canary import Canary
from .._servers.migrations import Migrations
from .._shared_filesystem.api.manila import Manila
from .._shared_filesystem.api.model import Share
from .model import NAME, Left, name_of

SERVER, VOLUME, SHARE = "server", "volume", "share"
GIGABYTES = 1
#: Of the metadata of volumes and shares: one that a person gave such a name is not deleted.
KEY, VALUE = "zoneops", "drill"
LOOK_SECONDS = 1.0
LAST_SECONDS = 120.0


@dataclass(frozen=True)
class Kinds:
    """What is created.

    :ivar server: None for no server.
    :ivar volume: whether a volume is; of which type: empty for cinder's default, `{zone}` for the availability zone.
    :ivar share_type: the same of a share; None for no share.
    """

    server: Canary | None = None
    volume: bool = True
    volume_type: str = ""
    share_type: str | None = None
    share_protocol: str = "NFS"
    seconds: float = 300.0


@dataclass(frozen=True)
class Probe:
    """What became of one.

    :ivar error: empty where it was created.
    """

    zone: str
    kind: str
    seconds: float
    error: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {"zone": self.zone, "kind": self.kind, "seconds": round(self.seconds, 1), "error": self.error}


class Probes:
    """Creates one after the other; whatever a run leaves behind, the next one finds by its name.

    :ivar unread: what was not looked for in the last look at what is left, and why.
    """

    def __init__(self, cloud: Cloud, kinds: Kinds) -> None:
        self.cloud = cloud
        self.kinds = kinds
        self.nova = Migrations(cloud.service("compute"), cloud.writes)
        self.unread: tuple[str, ...] = ()
        self._cinder: VolumeApi | None = None
        self._manila: Manila | None = None
        block, share = cloud.service("block-storage"), cloud.service("shared-file-system")
        if block.present():
            self._cinder = VolumeApi(block, cloud.deadline)
        if share.present():
            self._manila = Manila(share)

    def resolve(self) -> None:
        """Raise ZoneopsError for a name that nothing has, and for what cannot be created here, before anything is disabled."""
        if self.kinds.server is not None:
            self.kinds.server.resolve()
        if self.kinds.share_type is not None and self._manila is None:
            raise ZoneopsError("option 'share_type' is set, and the cloud has no manila: leave it out.")
        if not self._wanted():
            raise ZoneopsError(
                "nothing would be created in the other zones: set option 'server' or 'share_type', or leave 'volume' as it is."
            )

    def _wanted(self) -> dict[str, Callable[[str, str], None]]:
        found: dict[str, Callable[[str, str], None]] = {}
        if self.kinds.server is not None:
            found[SERVER] = self._server
        if self.kinds.volume and self._cinder is not None:
            found[VOLUME] = self._volume
        if self.kinds.share_type is not None and self._manila is not None:
            found[SHARE] = self._share
        return found

    def left(self) -> Left:
        """What was created and is still there."""
        volumes = self._cinder.volumes(all_projects=False) if self._cinder is not None else ()
        shares = self._shares()
        return Left(
            {one.id: one.name for one in self.nova.named(NAME) if one.canary},
            {one.id: one.name for one in volumes if one.metadata.get(KEY) == VALUE},
            {one.id: one.name or "" for one in shares if one.metadata.get(KEY) == VALUE},
        )

    def _shares(self) -> tuple[Share, ...]:
        """Also where this run creates none: an earlier one may have. Then a manila that does not answer keeps no drill away."""
        self.unread = ()
        try:
            return self._manila.shares() if self._manila is not None else ()
        except ZoneopsError as error:
            if self.kinds.share_type is not None:
                raise
            self.unread = (f"shares of an earlier drill: {error.message}",)
            return ()

    def run(self, drilled: str, zone: str, availability_zone: str) -> Iterator[Probe]:
        """One of each kind in the zone; its name says which drill it belongs to."""
        for kind, create in self._wanted().items():
            begun = time.monotonic()
            error = ""
            try:
                create(name_of(drilled, zone), availability_zone)
            except ZoneopsError as problem:
                error = problem.message
            yield Probe(zone, kind, time.monotonic() - begun, error)

    def clean(self, left: Left) -> None:
        """Delete what was created. Raises ZoneopsError for what is still there at the end; the next run deletes it."""
        with self.cloud.deadline.grace(LAST_SECONDS):
            for number in left.servers:
                self.nova.delete(number)
            if self._cinder is not None:
                for number in left.volumes:
                    if self._cinder.settled_volume(number, "can be deleted", restoring(None)) is not None:
                        self._cinder.delete_volume(number)
            if self._manila is not None:
                for number in left.shares:
                    self._manila.delete_share(number)
            for number in left.servers:
                self._wait(f"server {number} is gone", lambda number=number: self.nova.server(number) is None)  # type: ignore[misc]

    def _server(self, name: str, availability_zone: str) -> None:
        canary = self.kinds.server
        if canary is None:
            raise ZoneopsError("no server is asked for.")
        number = self.nova.create({**canary.resolve(), "name": name, "availability_zone": availability_zone})

        def ready() -> bool:
            found = self.nova.server(number)
            if found is None:
                raise ZoneopsError(f"server {name} was deleted while it was being created.")
            if found.status == "ERROR":
                raise ZoneopsError(f"server {name} failed: {self.nova.fault(number)}")
            return found.status == "ACTIVE" and not found.task

        self._wait(f"server {name} is ACTIVE", ready)

    def _volume(self, name: str, availability_zone: str) -> None:
        if self._cinder is None:
            raise ZoneopsError("the cloud has no cinder.")
        kind = self.kinds.volume_type.replace("{zone}", availability_zone)
        body: dict[str, Any] = {
            "name": name,
            "size": GIGABYTES,
            "availability_zone": availability_zone,
            "metadata": {KEY: VALUE},
        }
        number = self._cinder.make_volume({**body, **({"volume_type": kind} if kind else {})})
        found = self._cinder.settled_volume(number, "is available", restoring(None))
        if found is None or found.status != "available":
            raise ZoneopsError(
                f"volume {name} is {'gone' if found is None else found.status}: {self._cinder.reason(number)}"
            )

    def _share(self, name: str, availability_zone: str) -> None:
        if self._manila is None:
            raise ZoneopsError("the cloud has no manila.")
        kind = (self.kinds.share_type or "").replace("{zone}", availability_zone)
        number = self._manila.create_share(
            {
                "name": name,
                "share_type": kind,
                "share_proto": self.kinds.share_protocol,
                "size": GIGABYTES,
                "availability_zone": availability_zone,
                "metadata": {KEY: VALUE},
            }
        )

        def ready() -> bool:
            status = self._manila.share_status(number) if self._manila is not None else None
            if status in (None, "error"):
                raise ZoneopsError(f"share {name} is {status or 'gone'}: see 'openstack share message list'")
            return status == "available"

        self._wait(f"share {name} is available", ready)

    def _wait(self, what: str, reached: Callable[[], bool]) -> None:
        awaited = Awaited(what)
        while True:
            with self.cloud.deadline.look():
                if reached():
                    return
            if awaited.seconds >= self.kinds.seconds or not self.cloud.deadline.remaining():
                raise ZoneopsError(f"{what.replace(' is ', ' is not ', 1)} after {awaited.seconds:.0f} s.")
            awaited.is_now("not yet")
            time.sleep(LOOK_SECONDS)
