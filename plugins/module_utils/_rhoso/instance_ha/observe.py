# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of instance HA: one list."""

from __future__ import annotations

from ..._kubernetes.client import Cluster
from ..._kubernetes.errors import ApiError
from ..._kubernetes.objects import Ref
from .model import API_VERSION, KIND, InstanceHa, instance_ha


def read(cluster: Cluster, namespace: str) -> tuple[InstanceHa, ...]:
    """Those of the namespace; none where the cluster does not know the kind."""
    try:
        found = tuple(cluster.items(Ref(API_VERSION, KIND, namespace=namespace)))
    except ApiError as error:
        if error.status == 404 and "does not know the kind" in error.message:
            return ()
        raise
    return tuple(map(instance_ha, found))
