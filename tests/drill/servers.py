# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers of the drill, one of each kind that an evacuation tells apart, all on hosts of the zone that is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.zoneops.openstack.tests.integration.harness.block_storage import BlockStorage
from ansible_collections.zoneops.openstack.tests.integration.harness.cloud import Cloud

#: The names of what the drill makes begin so: the next drill deletes it.
NAME = "drill-"
CONSENT = {"zoneops:may_rebuild": "true"}
IMAGE = "hello"
FLAVOR = "m1.tiny"
PATIENCE = 120.0
LOST = "lost"
UNDER_WAY = ("accepted", "pre-migrating")


class Failed(Exception):
    """What did not come as the drill needs it."""


@dataclass(frozen=True)
class Kind:
    """A server.

    :ivar text: what it boots from, and what else matters.
    :ivar disk: the zone of the volume that it boots from; None for one that boots from the image.
    :ivar why: why it stays where it is, in words of the plan; empty for one that is evacuated.
    """

    name: str
    text: str
    disk: str | None = None
    consent: bool = False
    pinned: bool = False
    runs: bool = True
    why: str = ""


def kinds(lost: str, other: str) -> tuple[Kind, ...]:
    """One of each.

    :param lost: the zone that is lost; `other` one that works.
    """
    return (
        Kind("web", "image, consent", consent=True),
        Kind("batch", "image, consent, off", consent=True, runs=False),
        Kind("shop", f"volume in {other}", disk=other),
        Kind("cache", "image, no consent", why="would be recreated from its image"),
        Kind("fixed", f"image, pinned to {lost}", consent=True, pinned=True, why="pinned"),
        Kind("data", f"volume in {lost}", disk=lost, why="Wait for the storage"),
    )


class Servers:
    """Those of one cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.storage = BlockStorage(cloud)

    def seen(self) -> dict[str, tuple[str, str]]:
        """Host and status of each, by its name without the beginning. Nova shows no loss in the status of a server."""
        return {
            name.removeprefix(NAME): (
                str(one["OS-EXT-SRV-ATTR:host"] or "no host"),
                LOST if one.get("host_status") in ("DOWN", "UNKNOWN") else str(one["status"]),
            )
            for name, one in self.cloud.servers().items()
            if name.startswith(NAME)
        }

    def settle(self) -> None:
        """No evacuation of an earlier drill is under way: a host that starts before its last one has ended has to start once more."""
        path = "/os-migrations?migration_type=evacuation"
        until(
            lambda: not any(one["status"] in UNDER_WAY for one in self.cloud.compute.get(path).json()["migrations"]),
            "evacuations of an earlier drill have ended",
        )

    def clear(self) -> None:
        """Delete what an earlier drill made."""
        for name, one in self.cloud.servers().items():
            if name.startswith(NAME):
                self.cloud.compute.delete(f"/servers/{one['id']}")
        until(lambda: not self.seen(), "servers of an earlier drill are deleted")
        for volume in self._volumes():
            self.storage.api.delete(f"/volumes/{volume['id']}?force=true&cascade=true")
        until(lambda: not self._volumes(), "volumes of an earlier drill are deleted")

    def _volumes(self) -> list[dict[str, Any]]:
        listed = self.storage.api.get("/volumes/detail?all_tenants=1").json()["volumes"]
        return [one for one in listed if str(one["name"]).startswith(NAME)]

    def create(self, wanted: tuple[Kind, ...], zone: str, hosts: list[str]) -> None:
        """All on hosts of the zone, in turn; those that do not run are stopped."""
        flavor = self._one("flavors", FLAVOR)
        listed = self.cloud.image.get(f"/v2/images?name={IMAGE}").json()["images"]
        image = str(listed[0]["id"])
        for number, kind in enumerate(wanted):
            server = {
                "name": f"{NAME}{kind.name}",
                "flavorRef": flavor,
                "networks": "none",
                "host": hosts[number % len(hosts)],
                "metadata": CONSENT if kind.consent else {},
                **(self.cloud.root(self._disk(kind)) if kind.disk else {"imageRef": image}),
                **({"availability_zone": zone} if kind.pinned else {}),
            }
            self.cloud.compute.post("/servers", json={"server": server})
        self._reached({kind.name: "ACTIVE" for kind in wanted})
        for kind in wanted:
            if not kind.runs:
                number_of = self.cloud.servers()[f"{NAME}{kind.name}"]["id"]
                self.cloud.compute.post(f"/servers/{number_of}/action", json={"os-stop": None})
        self._reached({kind.name: "ACTIVE" if kind.runs else "SHUTOFF" for kind in wanted})

    def _disk(self, kind: Kind) -> str:
        volume = self.storage.add_volume(f"{NAME}{kind.name}", f"{kind.disk}-gold", kind.disk)
        if volume["status"] != "available":
            raise Failed(f"volume {volume['name']} is {volume['status']}")
        self.storage.api.post(f"/volumes/{volume['id']}/action", json={"os-set_bootable": {"bootable": True}})
        return str(volume["id"])

    def _one(self, what: str, name: str) -> str:
        listed = self.cloud.compute.get(f"/{what}").json()[what]
        return next(str(one["id"]) for one in listed if one["name"] == name)

    def _reached(self, wanted: dict[str, str]) -> None:
        def reached() -> bool:
            seen = self.seen()
            broken = [name for name in wanted if seen.get(name, ("", ""))[1] == "ERROR"]
            if broken:
                raise Failed(f"server {', '.join(broken)} is in status ERROR")
            return {name: seen.get(name, ("", ""))[1] for name in wanted} == wanted

        until(reached, f"servers are {', '.join(sorted(set(wanted.values())))}")


def until(reached: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    end = time.monotonic() + patience
    while not reached():
        if time.monotonic() > end:
            raise Failed(f"not after {patience:.0f} s: {what}")
        time.sleep(0.5)
