# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where placement does not mirror the aggregates that make zones: servers of a zone then land elsewhere, and nova does not notice. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._compute.model import Observed


def drift(observed: Observed, providers: Mapping[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    """By aggregate, the hosts whose resource providers lack its UUID, and those that carry it without being its hosts.

    :param providers: resource providers of every compute host. Others, such as sharing providers, are none of nova's mirror.
    """
    hosts = {provider: host for host, owned in providers.items() for provider in owned}
    found: list[dict[str, Any]] = []
    for aggregate in observed.aggregates:
        members = observed.members.get(aggregate.uuid or "")
        if aggregate.availability_zone is None or members is None:
            continue
        mirrored = {hosts[provider] for provider in members if provider in hosts}
        wanted = {host for host in aggregate.hosts if host in providers}
        if mirrored != wanted:
            found.append(
                {
                    "aggregate": aggregate.name,
                    "missing": sorted(wanted - mirrored),
                    "surplus": sorted(mirrored - wanted),
                }
            )
    return found
