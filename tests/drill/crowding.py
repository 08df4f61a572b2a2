# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods that share a node after its zone came back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def crowded(pods: Iterable[Mapping[str, Any]], workers: Mapping[str, str]) -> Iterator[str]:
    """Of pods of one owner that share a node, those for which the zone has a worker node without any.

    :param workers: the zone of each worker node.
    """
    by_owner: dict[tuple[str, str], dict[str, list[str]]] = {}
    for pod in pods:
        node = str(pod["spec"].get("nodeName") or "")
        for owner in pod["metadata"].get("ownerReferences") or ():
            if node in workers:
                nodes = by_owner.setdefault((str(owner["uid"]), workers[node]), {})
                nodes.setdefault(node, []).append(str(pod["metadata"]["name"]))
    for (_owner, zone), nodes in by_owner.items():
        free = sum(place == zone and name not in nodes for name, place in workers.items())
        too_many = [name for names in nodes.values() for name in sorted(names)[1:]]
        yield from too_many[:free]
