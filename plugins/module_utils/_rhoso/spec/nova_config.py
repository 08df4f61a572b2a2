# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nova's configuration on the hosts of a zone: where they take images from, and the zone's Ceph cluster."""

from __future__ import annotations

from ..._zones.schema.data_plane import ZoneDataPlane
from ..._zones.schema.kubernetes import ZoneKubernetes
from ..._zones.schema.zone_map import Region, Zone
from ..ini import Ini, Value
from ..names import glance_endpoint


def nova_config(zone: Zone, place: ZoneKubernetes, plane: ZoneDataPlane, region: Region) -> Ini:
    """Section, option, value. What the map adds comes on top; the rules keep it from replacing anything here."""
    sections: Ini = {
        "glance": {"endpoint_override": glance_endpoint(region.kubernetes, place), "valid_interfaces": "internal"},
        "cinder": {"catalog_info": "volumev3:cinderv3:internalURL"},
    }
    cross_az_attach = region.kubernetes.services.nova.cross_az_attach
    if cross_az_attach is not None:
        sections["cinder"]["cross_az_attach"] = cross_az_attach
    libvirt = _libvirt(zone, plane)
    if libvirt:
        sections["libvirt"] = libvirt
    for section, options in plane.config.items():
        sections[section] = {**sections.get(section, {}), **options}
    return sections


def _libvirt(zone: Zone, plane: ZoneDataPlane) -> dict[str, Value]:
    """Ceph: libvirt's secret for volumes, and servers' own disks where they are in Ceph too."""
    if zone.ceph is None:
        return {}
    found: dict[str, Value] = {"rbd_user": zone.ceph.user, "rbd_secret_uuid": zone.ceph.fsid}
    if plane.ephemeral_pool:
        found |= {
            "images_type": "rbd",
            "images_rbd_pool": plane.ephemeral_pool,
            "images_rbd_ceph_conf": f"/etc/ceph/{zone.ceph.name}.conf",
            # An image that the zone's store lacks is copied there at the first boot.
            "images_rbd_glance_copy_poll_interval": "15",
            "images_rbd_glance_copy_timeout": "600",
        }
        if zone.image_store:
            found["images_rbd_glance_store_name"] = zone.image_store.name
    return found
