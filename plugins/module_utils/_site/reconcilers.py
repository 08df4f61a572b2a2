# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reconcilers that the playbook site works in, each set up as its role sets up the module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .._block_storage.api.cinder import Cinder
from .._block_storage.services.model import Options as BlockStorageOptions
from .._block_storage.services.reconcile import BlockStorageServices
from .._block_storage.types.model import Options as VolumeTypeOptions
from .._block_storage.types.reconcile import VolumeTypes
from .._compute.nova import Nova
from .._compute.options import Options as ZoneOptions
from .._compute.placement import Placement
from .._compute.reconcile import AvailabilityZones
from .._identity.keystone import Keystone
from .._image.glance import Glance
from .._image.options import Options as ImageOptions
from .._image.reconcile import Images
from .._openstack.cloud import Cloud
from .._plan.converge import Reconciler
from .._plan.progress import Progress
from .._plan.saved.model import SavedPlan
from .._shared_filesystem.api.manila import Manila
from .._shared_filesystem.services.model import Options as ShareServiceOptions
from .._shared_filesystem.services.reconcile import ShareServices
from .._shared_filesystem.types.model import Options as ShareTypeOptions
from .._shared_filesystem.types.reconcile import ShareTypes
from .._zones.managed_parts import BLOCK_STORAGE, COMPUTE, IMAGES, SHARED_FILE_SYSTEMS, parts_of
from .._zones.schema.zone_map import ZoneMap

AnyReconciler = Reconciler[Any, Any]
ZONE = "availability zone"


@dataclass(frozen=True)
class Asked:
    """What a call is about.

    :ivar only: zones that may be touched.
    :ivar settings: the options of the roles, by name without their prefix.
    :ivar refused: zones that would be in `only` if no part refused them.
    :ivar saved: the plan that the run carries out, None for a run without one.
    """

    cloud: Cloud
    wanted: ZoneMap
    only: tuple[str, ...]
    settings: Mapping[str, Any]
    refused: frozenset[str] = frozenset()
    saved: SavedPlan | None = None

    @property
    def allow(self) -> frozenset[str]:
        return frozenset(self.settings["allow"])


def reconcilers(asked: Asked) -> dict[str, AnyReconciler]:
    """The reconcilers of OpenStack of all parts that are asked for and that the map speaks of, by what they are about, in the order of site."""
    chosen = asked.settings["parts"]
    parts = [part for part in parts_of(asked.wanted) if chosen is None or part in chosen]
    return {about: build(asked) for part in parts for about, build in RECONCILERS.get(part, {}).items()}


def _availability_zones(asked: Asked) -> AnyReconciler:
    settings, cloud = asked.settings, asked.cloud
    options = ZoneOptions(
        only=asked.only,
        allow=asked.allow,
        purge_hosts=settings["purge_hosts"],
        max_removed_hosts=settings["max_removed_hosts"],
        purge_metadata=settings["purge_metadata"],
        mirror=settings["placement_mirror"],
        refused=asked.refused,
    )
    nova, placement = Nova(cloud.service("compute")), Placement(cloud.service("placement"))
    return AvailabilityZones(nova, placement, asked.wanted, options, cloud.deadline)


def _volume_types(asked: Asked) -> AnyReconciler:
    options = VolumeTypeOptions(asked.only, purge_projects=asked.settings["purge_projects"], allow=asked.allow)
    return VolumeTypes(_cinder(asked), _keystone(asked), asked.wanted, options)


def _block_storage_services(asked: Asked) -> AnyReconciler:
    # The zones may still have to be made in nova; the playbook verify compares with it.
    options = BlockStorageOptions(asked.only, with_nova=False)
    return BlockStorageServices(_cinder(asked), Nova(asked.cloud.service("compute")), asked.wanted, options)


def _share_types(asked: Asked) -> AnyReconciler:
    options = ShareTypeOptions(asked.only, purge_projects=asked.settings["purge_projects"], allow=asked.allow)
    return ShareTypes(_manila(asked), _keystone(asked), asked.wanted, options)


def _share_services(asked: Asked) -> AnyReconciler:
    return ShareServices(_manila(asked), asked.wanted, ShareServiceOptions(asked.only))


def _images(asked: Asked) -> AnyReconciler:
    settings, cloud = asked.settings, asked.cloud
    options = ImageOptions(
        only=asked.only,
        purge_stores=settings["purge_stores"],
        replaced=settings["replaced_images"],
        precache=settings["precache_images"],
        allow=asked.allow,
    )
    glance, nova = Glance(cloud.service("image", version="2")), Nova(cloud.service("compute"))
    return Images(
        glance,
        nova,
        _cinder(asked),
        asked.wanted,
        options,
        cloud.deadline,
        Progress(None, "image", "store"),
        cloud.project_id,
    )


def _cinder(asked: Asked) -> Cinder:
    return Cinder(asked.cloud.service("block-storage"))


def _manila(asked: Asked) -> Manila:
    return Manila(asked.cloud.service("shared-file-system"))


def _keystone(asked: Asked) -> Keystone:
    return Keystone(asked.cloud.service("identity", version="3"))


RECONCILERS: Mapping[str, Mapping[str, Callable[[Asked], AnyReconciler]]] = {
    COMPUTE: {ZONE: _availability_zones},
    BLOCK_STORAGE: {"volume types": _volume_types, "volume services": _block_storage_services},
    SHARED_FILE_SYSTEMS: {"share types": _share_types, "share services": _share_services},
    IMAGES: {"images": _images},
}


def part_of(about: str) -> str:
    """The part of the map that a reconciler belongs to."""
    return next((part for part, builders in RECONCILERS.items() if about in builders), about)
