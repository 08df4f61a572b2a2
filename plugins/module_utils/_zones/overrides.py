# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The overrides of every module: the one list, from which options, roles and pages are made or checked. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from .._plan.text.near import nearest
from .errors import Problem, show

FORCE = "force_conflicts"
TAKEOVER = "takeover"
ORPHANS = "orphans"
FEW = "few_nodes"
REMOVE_FAILED = "remove_failed_deployments"

#: Of the modules that roles call. `zoneops_allow` is one list for all of them, of which each takes its own.
OF_ROLES: dict[str, tuple[str, ...]] = {
    "availability_zones": (
        "host_moves",
        "az_change",
        "recreate_aggregate",
        "empty_zone",
        "pinned_servers",
        "unfinished_migrations",
        "stray_allocations",
        "free_hosts_first",
    ),
    "control_plane": (FORCE, TAKEOVER, ORPHANS),
    "data_plane": ("full_deployment", REMOVE_FAILED, FORCE, TAKEOVER),
    "host_maintenance": ("foreign_reasons", "last_host", "stay"),
    "images": ("unfinished_images", "images_in_use"),
    "node_zones": (FEW,),
    "share_access": ("foreign_exports",),
    "share_types": ("zones_in_use",),
    "topologies": (FORCE, TAKEOVER),
    "volume_types": ("successor_types",),
    "zone_drain": ("stay",),
    "zone_drill": ("capacity", "defaults", "findings", "quorum"),
    "zone_evacuate": ("instance_ha",),
    "zone_maintenance": ("defaults", "foreign_reasons", "quorum", "stay", "thaw"),
    "zone_restore_servers": ("space",),
    "zone_return": ("agents", "foreign_reasons", "pods", "storage", "thaw"),
}
#: Of the modules that are used on their own.
OF_OTHERS: dict[str, tuple[str, ...]] = {
    "block_storage_services": ("foreign_reasons", "thaw"),
    "compute_services": ("foreign_reasons",),
    "share_services": ("foreign_reasons",),
    "volume_relocate": ("space",),
}
#: Of the look at all of OpenStack at once.
OF_SITE = ("availability_zones", "volume_types", "share_types", "images")
OVERRIDES = {
    **OF_ROLES,
    **OF_OTHERS,
    "site_info": tuple(chain.from_iterable(OF_ROLES[module] for module in OF_SITE)),
}
KNOWN = sorted(set(chain.from_iterable(OF_ROLES.values())))


def option(module: str) -> dict[str, Any]:
    """The option `allow` of a module."""
    return {"type": "list", "elements": "str", "choices": list(OVERRIDES[module]), "default": []}


def taken(module: str, words: Sequence[str]) -> list[str]:
    """Of the words for all roles those of one module. One that no module has is kept: the module refuses it by name."""
    return [word for word in words if word in OVERRIDES[module] or word not in KNOWN]


def unknown_words(variable: str, value: object) -> Iterator[Problem]:
    """A problem for each word that no role has; what is no list of words the roles themselves refuse."""
    for index, word in enumerate(value if isinstance(value, (list, tuple)) else ()):
        if word not in KNOWN:
            rule = f"is not an override{nearest(str(word), KNOWN)}; choose from {', '.join(KNOWN)}"
            yield Problem("", f"{variable}[{index}]", show(word), rule, "")
