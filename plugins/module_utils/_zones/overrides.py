# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of `zoneops_allow`: one list for all roles, of which each takes its own. A misspelt one would lift nothing without a word."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from .._plan.near import nearest
from .errors import Problem, show

WORDS = {
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
    "block_storage": ("successor_types",),
    "control_plane": ("force_conflicts", "takeover", "orphans"),
    "data_plane": ("full_deployment", "remove_failed_deployments", "force_conflicts", "takeover"),
    "images": ("unfinished_images", "images_in_use"),
    "node_zones": ("few_nodes",),
    "topologies": ("force_conflicts", "takeover"),
    "shared_file_systems": ("zones_in_use", "foreign_exports"),
}


def unknown_words(variable: str, value: object) -> Iterator[Problem]:
    """A problem for each word that no role knows; what is no list of words the roles themselves refuse."""
    known = sorted(set(chain.from_iterable(WORDS.values())))
    for index, word in enumerate(value if isinstance(value, (list, tuple)) else ()):
        if word not in known:
            rule = f"is not an override{nearest(str(word), known)}; choose from {', '.join(known)}"
            yield Problem("", f"{variable}[{index}]", show(word), rule, "")
