# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The share services of zones in the flow of a writer: compared with the map, enabled, disabled with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..._plan.apply import Undo
from ..._plan.change import Plan
from ..._plan.converge import Reconciler
from ..._plan.disabled.reason import status_of
from ..._plan.errors import ZoneopsError
from ..._zones.schema.zone_map import ZoneMap
from ..api.manila import Manila
from ..api.model import ShareService
from .findings import compare, region_notes
from .model import Observed, Options, SetService
from .plan import plan_services, services_of, unknown


class ShareServices(Reconciler[Observed, SetService]):
    """The reconciler that `_plan.converge` works in.

    To see that all is enabled costs one call, to compare with the map two more, for the pools and the default type. Where a service is disabled,
    manila's version document and a second look tell the reasons; where they shall be, the first look does.
    """

    def __init__(self, manila: Manila, zone_map: ZoneMap, options: Options) -> None:
        self.manila = manila
        self.zone_map = zone_map
        self.options = options
        self._seen = Observed()

    @property
    def zones(self) -> Sequence[str]:
        return self.options.only

    @property
    def warnings(self) -> list[str]:
        """What no zone's verdict says."""
        return region_notes(self.zone_map, self._seen) if self._compares else []

    @property
    def _compares(self) -> bool:
        return self.options.status is None

    def observe(self) -> Observed:
        if not self.manila.present():
            self._seen = Observed(present=False)
            return self._seen
        services = None if self.options.status == "disabled" else self.manila.share_services()
        keeps_reasons = True
        if services is None or not all(service.enabled for service in services):
            keeps_reasons = self.manila.keeps_reasons
            if services is None or keeps_reasons:
                services = self.manila.share_services(reasons=True)
        observed = Observed(services={service.key: service for service in services}, keeps_reasons=keeps_reasons)
        if self._compares:
            observed = replace(observed, pools=self.manila.pools(), default_type=self.manila.default_type())
        elif reason := unknown(self.zone_map, observed, self.options):
            raise ZoneopsError(reason)
        self._seen = observed
        return observed

    def observe_details(self, observed: Observed, plan: Plan[SetService]) -> Observed | None:
        """All is known already."""
        del observed, plan
        return None

    def plan(self, observed: Observed) -> Plan[SetService]:
        if self._compares or not observed.present:
            return compare(self.zone_map, observed, self.options.only)
        return plan_services(self.zone_map, observed, self.options)

    def simulate(self, observed: Observed, change: SetService) -> Observed:
        changed = replace(change.service, enabled=change.enabled, disabled_reason=change.reason)
        return observed.with_service(changed)

    def write(self, change: SetService) -> Undo:
        self._expect(change.service)
        self._set(change.service, enabled=change.enabled, reason=change.reason)
        old = change.service
        return lambda: self._set(old, enabled=old.enabled, reason=old.disabled_reason)

    def _expect(self, service: ShareService) -> None:
        """Somebody may have changed it since the plan was made: that is not ours to overwrite."""
        listed = self.manila.share_services(reasons=self._seen.keeps_reasons)
        now = next((one for one in listed if one.key == service.key), None)
        if now is None:
            raise ZoneopsError(f"{service.text} is no longer in manila's list of services.")
        if (now.enabled, now.disabled_reason) != (service.enabled, service.disabled_reason):
            state = "enabled" if now.enabled else f"disabled ({now.disabled_reason or 'no reason given'})"
            raise ZoneopsError(f"{service.text} was changed during this run and is now {state}. Run it again.")

    def _set(self, service: ShareService, *, enabled: bool, reason: str | None) -> None:
        self.manila.set_service(service.host, service.binary, enabled=enabled, reason=reason)

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        mine = services_of(self.zone_map.zones[zone], observed, self.options.services)
        return {service.text: self._described(observed, service) for service in mine}

    def _described(self, observed: Observed, service: ShareService) -> dict[str, Any]:
        state = status_of(service.enabled, service.disabled_reason)
        if not self._compares:
            return state
        pools = {
            pool.name: {"share_backend_name": pool.backend_name, "free_gb": pool.free}
            for pool in sorted(observed.pools_of(service), key=lambda pool: pool.name)
        }
        return {**state, "state": "up" if service.up else "down", "pools": pools}
