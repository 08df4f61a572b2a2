# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to placement that zones need, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .._openstack.errors import ApiError
from .._openstack.reader import Reader
from .._openstack.service import Service

# 1.19: aggregates of a provider are written with its generation, so that two writers cannot overwrite each other.
VERSION = "1.19"
# 1.29: candidates with the traits and all resources of each provider, and the root of its tree.
CANDIDATES = "1.29"
DISABLED = "COMPUTE_STATUS_DISABLED"
ATTEMPTS = 4


class Placement(Reader):
    """placement of one region."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def consumers(self, provider: str) -> tuple[str, ...]:
        """GET /resource_providers/{uuid}/allocations: who uses it, servers, migrations and left-overs alike."""
        return tuple(sorted(self._get(f"/resource_providers/{provider}/allocations")["allocations"]))

    def overuse(self, provider: str) -> dict[str, tuple[int, int]]:
        """GET inventories and usages of a provider: what more is used of than is there, with both numbers, ratios and reserves applied."""
        inventories = self._get(f"/resource_providers/{provider}/inventories")["inventories"]
        usages = self._get(f"/resource_providers/{provider}/usages")["usages"]
        there = {
            name: int((one["total"] - one["reserved"]) * one["allocation_ratio"]) for name, one in inventories.items()
        }
        return {
            name: (int(used), there.get(name, 0)) for name, used in sorted(usages.items()) if used > there.get(name, 0)
        }

    def members(self, aggregate_uuid: str) -> tuple[str, ...]:
        """GET /resource_providers?member_of=: the providers that carry an aggregate. One call, however many they are."""
        listed = self._service.get("/resource_providers", microversion=VERSION, params={"member_of": aggregate_uuid})
        return tuple(sorted(entry["uuid"] for entry in listed["resource_providers"]))

    def is_disabled(self, provider: str) -> bool:
        """Whether the scheduler is kept away by the trait that mirrors a disabled compute service, and can lag behind it."""
        return DISABLED in self._get(f"/resource_providers/{provider}/traits")["traits"]

    def disabled(self) -> frozenset[str]:
        """GET /resource_providers?required=: the providers with that trait. One call, however many they are."""
        listed = self._service.get("/resource_providers", microversion=VERSION, params={"required": DISABLED})
        return frozenset(str(entry["uuid"]) for entry in listed["resource_providers"])

    def names(self) -> dict[str, str]:
        """GET /resource_providers: their names by UUID; that of a compute host's is the name of its hypervisor. One call, however many they are."""
        listed = self._service.get("/resource_providers", microversion=VERSION)
        return {str(entry["uuid"]): str(entry["name"]) for entry in listed["resource_providers"]}

    def candidates(self, resources: Mapping[str, int], traits: Iterable[str] = ()) -> dict[str, Any]:
        """GET /allocation_candidates: the providers that can give this now, with the capacity and the use of each. One call, however many they are.

        :param traits: that are required, or forbidden with a ! before them.
        """
        params = {"resources": ",".join(f"{name}:{amount}" for name, amount in sorted(resources.items()))}
        if required := ",".join(sorted(traits)):
            params["required"] = required
        return self._service.get("/allocation_candidates", microversion=CANDIDATES, params=params)

    def change_aggregates(self, provider: str, change: Callable[[set[str]], set[str]]) -> None:
        """Rewrite the aggregates of a provider from a fresh read; a conflict (409) is read and tried again, a few times."""
        path = f"/resource_providers/{provider}/aggregates"
        for attempt in range(1, ATTEMPTS + 1):
            found = self._get(path)
            body = {
                "aggregates": sorted(change(set(found["aggregates"]))),
                "resource_provider_generation": found["resource_provider_generation"],
            }
            try:
                self._service.put(path, body, microversion=VERSION)
            except ApiError as error:
                if error.status != 409 or attempt == ATTEMPTS:
                    raise
            else:
                return

    def _get(self, path: str) -> dict[str, Any]:
        return self._service.get(path, microversion=VERSION)
