# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the storage of a zone works, by what its services and cinder's scheduler say. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .._block_storage.api.model import VOLUME, Pool, Service
from .._plan.change import Refusal
from .._plan.disabled.reason import in_dead_zone
from .._shared_filesystem.api.model import SHARE, ShareService
from .._zones.schema.zone_map import Zone
from .model import STORAGE


def unhealthy(
    zone: Zone, services: Iterable[Service], shares: Iterable[ShareService], pools: Iterable[Pool]
) -> Iterator[str]:
    """What is wrong. A service that others disabled is theirs to judge.

    The pools of a cluster have its name, and one of its services is enough to serve its volumes.
    """
    name = zone.availability_zone
    listed = {pool.host: pool for pool in pools}
    volumes = [one for one in services if one.binary == VOLUME and one.zone == name]
    served = {one.cluster for one in volumes if one.cluster and one.up}
    for one in volumes:
        pool = listed.get(one.cluster) or listed.get(one.host)
        if one.works and pool is None:
            yield f"{one.text} is up, and cinder's scheduler does not know its pool (openstack volume backend pool list)"
        elif one.works and pool is not None and not pool.up:
            yield f"{one.text} is up, and says that its back end is down"
        elif (
            not one.up and one.cluster not in served and (one.enabled or in_dead_zone(one.reason, enabled=one.enabled))
        ):
            yield f"{one.text} is down"
    for share in shares:
        mine = share.enabled or in_dead_zone(share.disabled_reason, enabled=share.enabled)
        if share.binary == SHARE and share.availability_zone == name and not share.up and mine:
            yield f"{share.text} is down"


def refuse(zone: Zone, found: Iterable[str]) -> Iterator[Refusal]:
    """Servers that start without their storage fail."""
    texts = "; ".join(found)
    if texts:
        message = f"the storage of zone {zone.name} does not work: {texts}. Start it first, or return the hosts without it: allow [storage]."
        yield Refusal(zone.name, STORAGE, message)
