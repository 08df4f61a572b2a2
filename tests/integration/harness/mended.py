# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab as it first came up, whatever a test has done to its zones or did not come to undo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from zonelab.client import LabClient

from .block_storage import BlockStorage
from .cloud import Cloud
from .inventory import HOSTS, lab_zones
from .servers import Servers
from .shares import Shares
from .volumes import Volumes

SMALL = 64


@contextmanager
def zones_of(cloud: Cloud, lab: LabClient, **flavors: int) -> Iterator[Servers]:
    """The lab's zones, and flavors with so much memory, `small` among them; afterwards everything is as before."""
    cloud.make_zones(HOSTS)
    found = Servers(cloud)
    for name, memory in {"small": SMALL, **flavors}.items():
        found.flavor(name, memory)
    try:
        yield found
        mend(cloud, lab)
    finally:
        # A flavor that is left keeps the next test from making its own.
        found.clear()


def mend(cloud: Cloud, lab: LabClient) -> None:
    """Everything runs, works and is enabled, and no server, volume, backup or share is left."""
    lab.clear_faults()
    lab.heal()
    # First the storage: nova waits for it when a server with a volume is deleted.
    for zone in lab_zones():
        lab.start_zone(zone, services=["cinder", "manila"])
    storage, volumes = BlockStorage(cloud), Volumes(cloud, lab)
    storage.new_backup_records(lab)
    volumes.until_up()
    # While their hosts are dead: nothing is left to be evacuated from there.
    cloud.empty(kept=HOSTS)
    for zone in lab_zones():
        lab.start_zone(zone)
    volumes.empty_backups()
    for number, one in volumes.all().items():
        if one["status"] == "detaching":
            volumes.act(number, "os-reset_status", status="available")
    storage.empty()
    Shares(cloud).empty()
