# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What storage a pool of cinder is on, by the `location_info` that its driver reports. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# cluster name:ceph.conf:fsid:user:pool, as cinder.volume.drivers.rbd reports it.
_RBD = re.compile(r"[^:]*:[^:]*:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):[^:]*:([^:]+)")


def storage_of(location: Any) -> str:
    """A text that pools on the same storage have in common; empty where the driver does not report it.

    Of Ceph it is fsid and pool: the name of the cluster, its configuration file and the user are chosen by each cinder-volume. Of every other driver it is
    what it reports, such as host and volume group of LVM, or serial number and pool of an array.
    """
    if isinstance(location, Mapping):
        return json.dumps(location, sort_keys=True)
    text = str(location or "").strip()
    ceph = _RBD.fullmatch(text)
    return f"Ceph cluster {ceph[1]}, pool {ceph[2]}" if ceph else text
