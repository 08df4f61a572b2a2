# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of cinder in the flow of a writer: set as asked, or compared with the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..._compute.nova import Nova
from ..._plan.apply import Undo
from ..._plan.change import Plan
from ..._plan.converge import Reconciler
from ..._plan.disabled.reason import status_of
from ..._plan.errors import ZoneopsError
from ..._zones.schema.zone_map import ZoneMap
from ..api.cinder import Cinder
from ..api.model import VOLUME, Service
from .findings import compare, region_notes
from .freeze import Thaw
from .model import Observed, Options, SetService
from .plan import frozen_by_whom, may_thaw, plan_services, services_of, unknown


class BlockStorageServices(Reconciler[Observed, SetService]):
    """The reconciler that `_plan.converge` works in.

    To set services costs one call where there is nothing to do. To compare them with the map costs four to cinder and two to nova.
    """

    def __init__(self, cinder: Cinder, nova: Nova, wanted: ZoneMap, options: Options) -> None:
        self.cinder = cinder
        self.nova = nova
        self.wanted = wanted
        self.options = options
        self._thaw = Thaw(cinder)
        self._seen = Observed()

    @property
    def zones(self) -> Sequence[str]:
        return self.options.only

    @property
    def warnings(self) -> list[str]:
        """What concerns no zone of the map alone."""
        return [] if self.options.status else region_notes(self.wanted, self._seen)

    def observe(self) -> Observed:
        observed = Observed({service.key: service for service in self.cinder.found_services()})
        if self.options.status is None:
            observed = replace(
                observed,
                zones=frozenset(str(entry["name"]) for entry in self.cinder.availability_zones()),
                nova_zones=self._nova_zones() if self.options.with_nova else None,
                pools=tuple(self.cinder.pools()),
                default_type=self.cinder.default_type(),
            )
        elif wrong := unknown(self.wanted, observed, self.options):
            raise ZoneopsError(wrong)
        self._seen = observed
        return observed

    def _nova_zones(self) -> frozenset[str]:
        return frozenset(str(entry["name"]) for entry in self.nova.availability_zones())

    def observe_details(self, observed: Observed, plan: Plan[SetService]) -> Observed | None:
        """Where a service is frozen: whether a run of this collection did it."""
        del plan
        if self.options.status is None or not frozen_by_whom(self.wanted, observed, self.options):
            return None
        return replace(observed, thawing=self._thaw.under_way())

    def plan(self, observed: Observed) -> Plan[SetService]:
        if self.options.status is None:
            return compare(self.wanted, observed, self.options.only)
        return plan_services(self.wanted, observed, self.options)

    def simulate(self, observed: Observed, change: SetService) -> Observed:
        return observed.with_service(replace(change.service, enabled=change.reason is None, reason=change.reason))

    def write(self, change: SetService) -> Undo:
        service = change.service
        self._expect(service)
        self._set(service, change.reason)
        was = None if service.enabled else service.reason or "unknown"
        return lambda: self._set(replace(service, enabled=change.reason is None, reason=change.reason), was)

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        if self.options.status is not None:
            mine = services_of(self.wanted, observed, self.options, zone)
            return {service.text: status_of(service.enabled, service.reason) for service in mine}
        name = self.wanted.zones[zone].availability_zone
        services = [observed.services[key] for key in sorted(observed.services)]
        return {
            service.text: {
                **status_of(service.enabled, service.reason),
                "state": "up" if service.up else "down",
                **({"pools": _pools(observed, service)} if service.binary == VOLUME else {}),
            }
            for service in services
            if service.zone == name
        }

    def _set(self, service: Service, reason: str | None) -> None:
        if reason is not None:
            self.cinder.set_service("disable-log-reason", service.binary, service.host, reason)
            self._prove(service, enabled=False, helps="")
            return
        if service.frozen:
            self._finish(service)
            return
        self.cinder.set_service("enable", service.binary, service.host)
        if self._now(service).enabled:
            return
        # 200, and nothing done: cinder 28 and 29.
        no_way = may_thaw(service, self.options)
        if no_way:
            raise ZoneopsError(f"cinder accepted the request and did nothing, as some of its releases do: {no_way}.")
        self._thaw.enable(service)
        self._prove(service, enabled=True, helps=" Check it with 'openstack volume service list --long'.")

    def _finish(self, service: Service) -> None:
        no_way = may_thaw(service, self.options)
        if no_way:
            raise ZoneopsError(f"{service.text} is frozen: {no_way}.")
        self._thaw.finish(service)
        self._prove(service, enabled=True, helps="")

    def _prove(self, service: Service, *, enabled: bool, helps: str) -> None:
        if self._now(service).enabled != enabled:
            raise ZoneopsError(
                f"cinder accepted the request, and {service.text} is still {'disabled' if enabled else 'enabled'}.{helps}"
            )

    def _expect(self, service: Service) -> None:
        """Somebody may have changed it since the plan was made: that is not ours to overwrite."""
        now = self._now(service)
        if (now.enabled, now.reason) != (service.enabled, service.reason):
            state = "enabled" if now.enabled else f"disabled ({now.reason or 'no reason given'})"
            raise ZoneopsError(f"{service.text} was changed during this run and is now {state}. Run it again.")

    def _now(self, service: Service) -> Service:
        found = next((one for one in self.cinder.found_services(service) if one.key == service.key), None)
        if found is None:
            raise ZoneopsError(f"{service.text} is no longer in cinder's list of services.")
        return found


def _pools(observed: Observed, service: Service) -> dict[str, Any]:
    return {
        pool.name: {"volume_backend_name": pool.backend_name, "free_gb": pool.free}
        for pool in sorted(observed.pools_of(service), key=lambda pool: pool.name)
    }
