# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps pods off a node: labels that they ask for, and its taints. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..._kubernetes.selectors import any_term

Body = Mapping[str, Any]
KEEP_AWAY = ("NoSchedule", "NoExecute")


def labels_of(item: Body) -> Mapping[str, str]:
    return item["metadata"].get("labels") or {}


def has_affinity(spec: Body, node: Body) -> bool:
    """By the required affinity to nodes: any of its terms.

    :param spec: of a pod or a Topology.
    """
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    return not required or any_term(required.get("nodeSelectorTerms") or (), labels_of(node))


def barriers(node: Body) -> Iterator[Body]:
    """Its taints that no pod passes without a toleration."""
    for taint in (node.get("spec") or {}).get("taints") or ():
        if taint.get("effect") in KEEP_AWAY:
            yield taint
