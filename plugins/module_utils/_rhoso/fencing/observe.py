# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists that tell whether hosts are cut off. What cannot be read says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._kubernetes.client import Cluster
from ..._kubernetes.errors import ApiError
from ..._kubernetes.objects import Ref

Body = Mapping[str, Any]
MEDIK8S = "medik8s.io/v1alpha1"
# Kind, its API, and whether it is looked for in the region's namespace only.
LISTS = (
    ("v1", "Node", False),
    (f"self-node-remediation.{MEDIK8S}", "SelfNodeRemediation", False),
    (f"fence-agents-remediation.{MEDIK8S}", "FenceAgentsRemediation", False),
    (f"remediation.{MEDIK8S}", "NodeHealthCheck", False),
    ("metal3.io/v1alpha1", "BareMetalHost", False),
    ("baremetal.openstack.org/v1beta1", "OpenStackBaremetalSet", True),
)


@dataclass(frozen=True)
class Observed:
    """What was read, by kind.

    :ivar unread: kinds that the user may not read, and why. A kind that the cluster does not know has no objects.
    """

    lists: Mapping[str, tuple[Body, ...]]
    unread: Mapping[str, str] = field(default_factory=dict)

    def all(self, kind: str) -> tuple[Body, ...]:
        return self.lists.get(kind, ())


def read(cluster: Cluster, namespace: str) -> Observed:
    """One list for each kind."""
    lists: dict[str, tuple[Body, ...]] = {}
    unread: dict[str, str] = {}
    for version, kind, within in LISTS:
        try:
            items = cluster.items(Ref(version, kind, namespace=namespace if within else None))
            # Of what Kubernetes itself has, the objects of a list do not say what they are.
            lists[kind] = tuple({**item, "kind": kind} for item in items)
        except ApiError as error:
            if error.status not in (403, 404):
                raise
            if error.status == 403:
                unread[kind] = "the user lacks the right to list it"
    return Observed(lists, unread)
