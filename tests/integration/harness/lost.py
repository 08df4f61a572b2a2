# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone that is lost with its storage, the servers that were there, and what becomes of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Self

from zonelab.client import LabClient

from .cloud import Cloud
from .inventory import HOSTS, hosts_of
from .maintenance import ZoneEvacuate, ZoneRestoreServers
from .mended import mend
from .servers import Servers
from .volumes import Volumes
from .waiting import until

HERE = hosts_of("az1")[0]
AGO = "strftime('%Y-%m-%d %H:%M:%S.000000', 'now', '-10 minutes')"


@dataclass
class Lost:
    """Servers of a zone with data, and backups of it in another zone."""

    cloud: Cloud
    lab: LabClient
    servers: Servers
    volumes: Volumes
    restore: ZoneRestoreServers

    @classmethod
    def of(cls, cloud: Cloud, lab: LabClient) -> Self:
        """The lab's zones, and a flavor."""
        cloud.make_zones(HOSTS)
        servers, volumes = Servers(cloud), Volumes(cloud, lab)
        servers.flavor("small", 64)
        volumes.until_up()
        return cls(cloud, lab, servers, volumes, ZoneRestoreServers(cloud, lab))

    def clear(self) -> None:
        """Everything runs and works again, and nothing of it is left."""
        mend(self.cloud, self.lab)
        self.servers.clear()

    def volume(self, name: str, content: bytes, *, bootable: bool = False) -> str:
        number = self.volumes.make(name, "az1", content, metadata={"of": name})
        if bootable:
            self.volumes.act(number, "os-set_bootable", bootable=True)
        return number

    def write(self, number: str, content: bytes) -> None:
        with self.volumes.file(self.volumes.all()[number]).open("r+b") as file:
            file.write(content)

    def back_up(self, number: str, zone: str = "az3", **more: Any) -> str:
        body = {"volume_id": number, "force": True, "availability_zone": zone, "name": "nightly", **more}
        made = str(self.volumes.cinder.post("/backups", json={"backup": body}).json()["backup"]["id"])
        found = self.volumes.settled("backup", made)
        assert found["status"] == "available", found
        return made

    def add(self, name: str, *, root: str = "", data: str = "", host: str = HERE, **more: Any) -> str:
        """A server that boots from a volume, or from an image, and may have another volume."""
        disks = [disk(root, 0)] if root else []
        if data:
            image = {"uuid": self.cloud.root(None)["imageRef"], "source_type": "image", "destination_type": "local"}
            disks += [] if root else [{**image, "boot_index": 0, "delete_on_termination": True}]
            disks.append({**disk(data, -1), "tag": "data"})
        boots = {"block_device_mapping_v2": disks} if disks else {}
        image_ref = {} if root else self.cloud.root(None)
        wanted = {"name": name, "flavorRef": self.servers.flavor_id("small"), "networks": "none", **image_ref, **boots}
        wanted |= {"availability_zone": "az1", "host": host, **more}
        number = str(self.cloud.compute.post("/servers", json={"server": wanted}).json()["server"]["id"])
        self.servers.know(name, number)
        self.servers.wait({name: "ACTIVE"})
        return number

    def die(self, *, lately: bool = False) -> None:
        """The zone, with its storage; it is taken out of service as one that is known to be cut off.

        :param lately: this moment; a call waits then to see whether its hosts still report. Else ten minutes ago.
        """
        self.lab.stop_zone("az1", now=True)
        gone = ZoneEvacuate(self.cloud, self.lab)(phase="prepare", shared_disks=False)
        assert not gone.result["failed"], gone.result["msg"]
        if not lately:
            with closing(sqlite3.connect(self.lab.state.database("nova_cell1"), timeout=30)) as database:
                database.execute(f"UPDATE services SET updated_at = {AGO} WHERE host IN (?, ?)", hosts_of("az1"))
                database.commit()

    def server(self, number: str | None) -> dict[str, Any]:
        return dict(self.cloud.compute.get(f"/servers/{number}").json()["server"])

    def until_gone(self, listed: Callable[[], list[dict[str, Any]]]) -> None:
        until(lambda: not listed())

    def contents(self, server: str | None) -> list[bytes]:
        """What is on the volumes of a server, in the order of its devices."""
        listed = self.cloud.compute.get(f"/servers/{server}/os-volume_attachments").json()["volumeAttachments"]
        known = self.volumes.all()
        order = sorted(listed, key=lambda one: one["device"])
        return [self.volumes.file(known[one["volumeId"]]).read_bytes().rstrip(b"\0") for one in order]


def disk(volume: str, index: int) -> dict[str, Any]:
    return {"uuid": volume, "source_type": "volume", "destination_type": "volume", "boot_index": index}
