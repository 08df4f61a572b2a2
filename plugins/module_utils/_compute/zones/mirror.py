# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The placement mirror: an aggregate's UUID belongs on the providers of its hosts, and of no other compute host. Pure.

See the nova guide, "Availability Zones with Placement". Providers that are no compute host's, such as shared storage, are not nova's to mirror.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..model import Aggregate, Observed


@dataclass(frozen=True)
class Drift:
    """Where placement differs from an aggregate.

    :ivar missing: providers of its hosts without its UUID.
    :ivar surplus: providers of other compute hosts with it.
    :ivar unseen: its hosts whose providers nova does not list, so that nothing can be said about them.
    """

    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()


def drift_of(observed: Observed, aggregate: Aggregate) -> Drift:
    """Nothing where the mirror was not read."""
    if aggregate.uuid is None or aggregate.uuid not in observed.members:
        return Drift()
    mirrored = set(observed.members[aggregate.uuid])
    others = {
        provider
        for host, providers in observed.providers.items()
        if host not in aggregate.hosts
        for provider in providers
    }
    wanted = {provider for host in aggregate.hosts for provider in observed.providers.get(host, ())}
    unseen = (host for host in aggregate.hosts if host not in observed.providers)
    return Drift(tuple(sorted(wanted - mirrored)), tuple(sorted(mirrored & others)), tuple(sorted(unseen)))


def hosts_of(observed: Observed, providers: Iterable[str]) -> list[str]:
    """The hosts that own resource providers."""
    wanted = set(providers)
    return sorted(host for host, owned in observed.providers.items() if wanted.intersection(owned))
