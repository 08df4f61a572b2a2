# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that is created on a host to see whether servers start there, and deleted again."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...._image.glance import Glance
from ...._network.neutron import Neutron
from ...._openstack.cloud import Cloud
from ...._plan.errors import ZoneopsError
from ...._plan.limits import refuse_wrong_seconds
from ...._plan.progress import Awaited
from ...._plan.text.near import nearest
from ...migrations import CANARY_KEY, CANARY_VALUE, Found, Migrations
from ..read import CANARY

LOOK_SECONDS = 1.0
# To delete the server there is time also when the deadline has passed.
LAST_SECONDS = 60.0


@dataclass(frozen=True)
class Kind:
    """What it is made of, by names or ids.

    :ivar volume_size: gigabytes of a volume that it boots from; None where it boots from the image.
    """

    flavor: str
    image: str
    networks: tuple[str, ...] = ()
    volume_size: int | None = None
    seconds: float = 300.0


OPTION: dict[str, Any] = {
    "type": "dict",
    "options": {
        "flavor": {"type": "str", "required": True},
        "image": {"type": "str", "required": True},
        "volume_size": {"type": "int"},
        "networks": {"type": "list", "elements": "str", "default": []},
        "seconds": {"type": "int", "default": 300},
    },
}


def kind_of(given: Mapping[str, Any] | None) -> Kind | None:
    """Of the value of the option; None where no canary is wanted."""
    if given is None:
        return None
    refuse_wrong_seconds({"canary_server.seconds": given["seconds"]}, ("canary_server.seconds",))
    size = given["volume_size"]
    if size is not None and size < 1:
        raise ZoneopsError(f"option 'canary_server.volume_size' is {size}: give a number of at least 1.")
    return Kind(given["flavor"], given["image"], tuple(given["networks"]), size, given["seconds"])


class Canary:
    """Creates one at a time."""

    def __init__(self, cloud: Cloud, kind: Kind) -> None:
        self.cloud = cloud
        self.kind = kind
        self.calls = Migrations(cloud.service("compute"), cloud.writes)
        self._body: dict[str, Any] | None = None

    def resolve(self) -> dict[str, Any]:
        """The server as nova takes it, without its name and its place. Raises ZoneopsError for a name that nothing or several things have."""
        if self._body is None:
            image = _one("image", self.kind.image, self._images())
            self._body = {
                "flavorRef": _one("flavor", self.kind.flavor, self.calls.flavors()),
                "networks": self._networks() or "none",
                "metadata": {CANARY_KEY: CANARY_VALUE},
                **self._root(image),
            }
        return self._body

    def check(self, host: str, zone: str) -> None:
        """Raise ZoneopsError unless a server starts on the host. Nothing of it remains."""
        name = f"{CANARY}{host}"
        server = ""
        try:
            server = self.calls.create({**self.resolve(), "name": name, "availability_zone": zone, "host": host})
            self._wait_active(server, host)
        finally:
            with self.cloud.deadline.grace(LAST_SECONDS):
                # An answer that was lost may have left one as well.
                found = [server] if server else [one.id for one in self.calls.named(name) if one.canary]
                for number in found:
                    self.calls.delete(number)
                    self._wait_gone(number)

    def _wait_active(self, server: str, host: str) -> None:
        awaited = Awaited(f"canary server on {host}")
        while True:
            with self.cloud.deadline.look():
                found = self.calls.server(server)
            if found is None:
                raise ZoneopsError(f"the canary server on host {host} was deleted while it was being created.")
            awaited.is_now(found.status)
            if found.status == "ERROR":
                raise ZoneopsError(f"the canary server on host {host} failed: {self.calls.fault(server)}")
            if found.status == "ACTIVE" and not found.task:
                _check_place(found, host)
                return
            if awaited.seconds >= self.kind.seconds or not self.cloud.deadline.remaining():
                raise ZoneopsError(
                    f"the canary server on host {host} is in status {found.status} after {awaited.seconds:.0f} s."
                )
            time.sleep(LOOK_SECONDS)

    def _wait_gone(self, server: str) -> None:
        while self.calls.server(server) is not None:
            self.cloud.deadline.check(f"the end of canary server {server}")
            time.sleep(LOOK_SECONDS)

    def _root(self, image: str) -> dict[str, Any]:
        if self.kind.volume_size is None:
            return {"imageRef": image}
        disk = {
            "boot_index": 0,
            "uuid": image,
            "source_type": "image",
            "destination_type": "volume",
            "volume_size": self.kind.volume_size,
            "delete_on_termination": True,
        }
        return {"block_device_mapping_v2": [disk]}

    def _images(self) -> dict[str, list[str]]:
        images = Glance(self.cloud.service("image", version="2")).images()
        return _by_name((image.name, image.id) for image in images)

    def _networks(self) -> list[dict[str, str]]:
        if not self.kind.networks:
            return []
        listed = Neutron(self.cloud.service("network", version="2")).named_networks()
        found = _by_name((str(entry["name"]), str(entry["id"])) for entry in listed)
        return [{"uuid": _one("network", name, found)} for name in self.kind.networks]


def _check_place(found: Found, host: str) -> None:
    if found.host != host:
        raise ZoneopsError(f"the canary server for host {host} is on host {found.host}.")


def _by_name(entries: Iterable[tuple[str | None, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, number in entries:
        found.setdefault(name or "", []).append(number)
    return found


def _one(what: str, asked: str, found: Mapping[str, list[str]]) -> str:
    """The id of the thing with this name or id."""
    if any(asked in ids for ids in found.values()):
        return asked
    ids = found.get(asked, [])
    if len(ids) > 1:
        raise ZoneopsError(f"option 'canary_server': {len(ids)} {what}s are called {asked}: give the id.")
    if not ids:
        raise ZoneopsError(f"option 'canary_server': there is no {what} {asked}{nearest(asked, found)}.")
    return ids[0]
