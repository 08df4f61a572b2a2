# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cinder in memory, behind the methods of `_block_storage.api.cinder.Cinder` that its reconcilers call. Any write can fail, or its answer get lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import (
    VOLUME,
    Pool,
    Service,
    Volume,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._types.changes import CreateType
from ansible_collections.zoneops.openstack.plugins.module_utils._types.model import FoundType

REFUSED, LOST = "refused", "lost"  # nothing happens; it takes effect and the answer gets lost


@dataclass
class StandIn:
    """One region.

    :ivar calls: every call by its method's name.
    :ivar faults: what becomes of a write, by its number from 0.
    :ivar kill_after: the run ends after the write with this number.
    :ivar obeys: whether enabling a service takes effect: not so in cinder 28 and 29.
    """

    types_by_id: dict[str, FoundType] = field(default_factory=dict)
    access: dict[str, set[str]] = field(default_factory=dict)
    volumes: dict[str, list[Volume]] = field(default_factory=dict)
    services: dict[tuple[str, str], Service] = field(default_factory=dict)
    reported: list[Pool] = field(default_factory=list)
    qos: set[str] = field(default_factory=set)
    default: FoundType | None = field(default_factory=lambda: FoundType("default", "__DEFAULT__"))
    faults: dict[int, str] = field(default_factory=dict)
    kill_after: int | None = None
    obeys: bool = True
    calls: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)

    def add_type(self, name: str, specs: Mapping[str, str] | None = None, *, public: bool = True, **rest: Any) -> None:
        number = f"id-{len(self.types_by_id)}"
        self.types_by_id[number] = FoundType(number, name, public, specs=dict(specs or {}), **rest)

    def add_service(self, binary: str, host: str, zone: str, **rest: Any) -> None:
        service = Service(binary, host, zone, **rest)
        self.services[service.key] = service

    def add_backend(self, zone: str) -> None:
        """A cinder-volume that works, with a pool that is called like its zone."""
        self.add_service(VOLUME, f"lab@{zone}", zone)
        self.reported.append(Pool(f"lab@{zone}#pool", zone, 100.0))

    def named(self) -> dict[str, FoundType]:
        return {found.name: found for found in self.types_by_id.values()}

    # What is read.

    def types(self) -> list[FoundType]:
        self.calls.append("types")
        return list(self.types_by_id.values())

    def projects(self, type_id: str) -> frozenset[str]:
        self.calls.append("projects")
        return frozenset(self.access.get(type_id, ()))

    def volumes_of(self, type_id: str, most: int) -> list[Volume]:
        self.calls.append("volumes_of")
        return self.volumes.get(type_id, [])[:most]

    def availability_zones(self) -> list[dict[str, Any]]:
        self.calls.append("availability_zones")
        return [{"name": zone} for zone in {service.zone for service in self.services.values() if "@" in service.host}]

    def found_services(self, one: Service | None = None) -> list[Service]:
        self.calls.append("services")
        return [found for found in self.services.values() if one is None or found.key == one.key]

    def pools(self) -> list[Pool]:
        self.calls.append("pools")
        return self.reported

    def default_type(self) -> FoundType | None:
        self.calls.append("default_type")
        return self.default

    # What is written.

    def _write(self, what: str, effect: Callable[[], None]) -> None:
        fault = self.faults.get(len(self.writes))
        self.writes.append(what)
        if fault == REFUSED:
            raise ApiError(f"{what}: 503", status=503, uncertain=True)
        effect()
        if self.kill_after == len(self.writes) - 1:
            raise KeyboardInterrupt
        if fault == LOST:
            raise ApiError(f"{what}: no answer", uncertain=True)

    def _change(self, number: str, **values: Any) -> None:
        self.types_by_id[number] = replace(self.types_by_id[number], **values)

    def _specs(self, number: str, specs: Mapping[str, str]) -> None:
        if self.volumes.get(number):
            raise ApiError("400 Volume Type is currently in use.", status=400)
        self._change(number, specs=dict(specs))

    def create_type(self, change: CreateType) -> str:
        if change.name in self.named():
            raise ApiError("409 Volume Type already exists", status=409)
        number = f"id-{len(self.types_by_id)}-{len(self.writes)}"
        made = FoundType(number, change.name, change.public, change.description, dict(change.specs))
        self._write(f"create {change.name}", lambda: self.types_by_id.update({number: made}))
        return number

    def delete_type(self, number: str) -> None:
        def gone() -> None:
            del self.types_by_id[number]

        self._write("delete", gone)

    def set_specs(self, number: str, specs: Mapping[str, str]) -> None:
        self._write("set_specs", lambda: self._specs(number, {**self.types_by_id[number].specs, **specs}))

    def remove_spec(self, number: str, key: str) -> None:
        left = {name: value for name, value in self.types_by_id[number].specs.items() if name != key}
        self._write("remove_spec", lambda: self._specs(number, left))

    def update_type(self, number: str, values: Mapping[str, Any]) -> None:
        self._write(f"update {self.types_by_id[number].name}", lambda: self._change(number, **values))

    def add_project(self, number: str, project: str) -> None:
        if project in self.access.get(number, ()):
            raise ApiError("409 Volume type access combination already exists.", status=409)
        self._write("add_project", lambda: self.access.setdefault(number, set()).add(project))

    def remove_project(self, number: str, project: str) -> None:
        self._write("remove_project", lambda: self.access[number].discard(project))

    def qos_specs(self) -> dict[str, str]:
        self.calls.append("qos_specs")
        return {name: f"id of {name}" for name in self.qos}

    def add_qos_spec(self, name: str) -> None:
        self._write(f"add {name}", lambda: self.qos.add(name))

    def delete_qos_spec(self, number: str) -> None:
        name = number.removeprefix("id of ")
        self._write(f"delete {name}", lambda: self.qos.discard(name))

    def set_service(self, action: str, binary: str, host: str, reason: str | None = None) -> None:
        service = self.services[binary, host]
        known: dict[str, dict[str, Any]] = {
            "enable": {"enabled": True, "reason": None} if self.obeys else {},
            "disable-log-reason": {"enabled": False, "reason": reason},
            "freeze": {"enabled": False, "reason": "frozen", "frozen": True},
            "thaw": {"enabled": True, "reason": None, "frozen": False},
        }
        changes = known[action]
        self._write(f"{action} {host}", lambda: self.services.update({service.key: replace(service, **changes)}))


class Projects:
    """A keystone whose projects are called like their ids; "twin" is in two domains, "gone" in none."""

    def __init__(self, region: StandIn) -> None:
        self.region = region

    def projects(self, wanted: Any) -> dict[str, tuple[str, ...]]:
        self.region.calls.append("keystone")
        known: dict[str, tuple[str, ...]] = {"gone": (), "twin": ("twin-1", "twin-2")}
        return {name: known.get(name, (f"id-of-{name}",)) for name in wanted}

    def hints(self, found: Any) -> dict[str, str]:
        return {name: f" (did you mean {name}?)" for name, ids in found.items() if not ids}


class NovaZones:
    """A nova that has these availability zones."""

    def __init__(self, *zones: str) -> None:
        self.zones = zones

    def availability_zones(self) -> list[dict[str, Any]]:
        return [{"name": zone} for zone in self.zones]
