# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where placement does not mirror the aggregates that make zones: servers of a zone then land elsewhere, and nova does not notice. Pure."""

from __future__ import annotations

from typing import Any

from .._compute.model import Observed
from .._compute.zones.mirror import drift_of


def drift(observed: Observed) -> list[dict[str, Any]]:
    """By aggregate, the hosts whose resource providers lack its UUID, and those that carry it without being its hosts."""
    hosts = {provider: host for host, owned in observed.providers.items() for provider in owned}

    def named(providers: tuple[str, ...]) -> list[str]:
        return sorted({hosts[provider] for provider in providers})

    drifts = {
        aggregate.name: drift_of(observed, aggregate)
        for aggregate in observed.aggregates
        if aggregate.availability_zone is not None
    }
    return [
        {"aggregate": name, "missing": named(found.missing), "surplus": named(found.surplus)}
        for name, found in drifts.items()
        if found.missing or found.surplus
    ]
