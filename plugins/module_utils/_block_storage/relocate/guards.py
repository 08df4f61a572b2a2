# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What blocks the copy of a volume: its own nature, the services, its type, the quota, the space. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..._plan.text.near import nearest
from ..api.dependencies import scheduler_halted, state_of, volume_halted
from ..api.model import BACKUP, VOLUME
from ..api.volume_model import Backup, Pool, Volume, zones_with
from ..backups.plan import READY, choose_zone
from .model import Limits, Wanted

# The rule and what is wrong, for a sentence that begins with the volume.
Problem = tuple[str, str]
ONLY_IN = "RESKEY:availability_zones"


class Guards:
    """Looks at one volume after the other, and gives to each its share of what there is.

    :param limits: None before anything was asked: then only the volume itself is looked at.
    """

    def __init__(self, wanted: Wanted, limits: Limits | None) -> None:
        self.wanted = wanted
        self.limits = limits
        quota = {} if limits is None else limits.quota
        self._left: dict[str, float] = {
            name: entry["limit"] - entry.get("in_use", 0) - entry.get("reserved", 0)
            for name, entry in quota.items()
            if entry.get("limit", -1) >= 0
        }
        pools = () if limits is None else limits.pools
        self._free: dict[str, float] = {pool.name: pool.free for pool in pools if pool.free is not None}

    def problems(self, source: Volume, usable: Backup | None) -> list[Problem]:
        """All blockers.

        :param usable: a backup to go on from.
        """
        found = list(self._nature(source, usable))
        if self.limits is None:
            return found
        found += self._backup_service(self.limits, source, usable)
        looks: tuple[Callable[[Limits, Volume], Iterator[Problem]], ...] = (self._zone, self._type, self._pools)
        for look in looks:
            some = list(look(self.limits, source))
            if some:
                # What comes after needs what is missing here.
                return found + some
        found += self._quota(source, usable)
        return found or list(self._space(self.limits, source))

    @staticmethod
    def _nature(source: Volume, usable: Backup | None) -> Iterator[Problem]:
        if source.encrypted:
            yield (
                "encrypted",
                "is encrypted, and it is unknown whether its key is available in the other zone: copy its content with a server.",
            )
        if usable is None and source.status not in READY:
            yield "not_ready", f"is '{source.status}': cinder backs up only volumes that are {' or '.join(READY)}."

    def _backup_service(self, limits: Limits, source: Volume, usable: Backup | None) -> Iterator[Problem]:
        halted = scheduler_halted(limits.services)
        if halted:
            yield "service_down", f"{halted}."
        if usable is None or usable.status == "creating":
            # What is read comes through the cinder-volume of the source.
            halted = volume_halted(source, limits.services)
            if halted:
                yield (
                    "service_down",
                    f"{halted}: start it first: cinder would accept the request, and nothing would happen.",
                )
        if usable is None:
            problem = choose_zone(self.wanted.backup_zone, source.availability_zone, limits.services)[1]
            if problem:
                yield "no_backup_service", problem
        elif usable.availability_zone not in zones_with("cinder-backup", limits.services):
            where = usable.availability_zone or ""
            yield (
                "no_backup_service",
                f"its backup {usable.id} is in zone {where}, where no cinder-backup is up and enabled to restore it{state_of(BACKUP, where, limits.services)}.",
            )

    def _zone(self, limits: Limits, _source: Volume) -> Iterator[Problem]:
        zones = zones_with("cinder-volume", limits.services)
        if self.wanted.zone not in zones:
            shown = ", ".join(zones) or "no zone"
            state = state_of(VOLUME, self.wanted.zone, limits.services)
            yield (
                "no_back_end",
                f"no cinder-volume is up and enabled in zone {self.wanted.zone}{state}{nearest(self.wanted.zone, zones)}. One is in: {shown}.",
            )

    def type_of(self, source: Volume) -> str | None:
        """The type that the copy shall have."""
        return self.wanted.type or source.type

    def _specs(self, limits: Limits, source: Volume) -> Mapping[str, str]:
        return limits.types.get(self.type_of(source) or "", {})

    def _type(self, limits: Limits, source: Volume) -> Iterator[Problem]:
        kind, zone, specs = self.type_of(source), self.wanted.zone, self._specs(limits, source)
        if kind is not None and kind not in limits.types:
            yield (
                "no_such_type",
                f"there is no volume type '{kind}'{nearest(kind, limits.types)}. Types: {', '.join(sorted(limits.types))}.",
            )
        elif ONLY_IN in specs and zone not in _zones_of(specs):
            fitting = sorted(name for name, found in limits.types.items() if zone in _zones_of(found))
            yield (
                "type_of_another_zone",
                (
                    f"type '{kind}' is only for {specs[ONLY_IN]}: set '{self.wanted.type_option}' to the type of the copy: "
                    f"{', '.join(fitting) or 'there is none'}."
                ),
            )
        elif source.multiattach and "true" not in specs.get("multiattach", "").lower():
            yield (
                "multiattach",
                f"is multiattach, and type '{kind}' is not: set '{self.wanted.type_option}' to one that has the extra spec multiattach '<is> True'.",
            )

    def _candidates(self, limits: Limits, source: Volume) -> list[Pool]:
        """The pools of the zone that the type can use."""
        hosts = {
            service.host
            for service in limits.services
            if service.binary == "cinder-volume" and service.zone == self.wanted.zone and service.works
        }
        backend = self._specs(limits, source).get("volume_backend_name")
        return [pool for pool in limits.pools if pool.host in hosts and backend in (None, pool.backend)]

    def _pools(self, limits: Limits, source: Volume) -> Iterator[Problem]:
        if not self._candidates(limits, source):
            backend = self._specs(limits, source).get("volume_backend_name")
            named = f" with the name '{backend}', which its type selects," if backend else ""
            yield "no_back_end", f"no back end of zone {self.wanted.zone}{named} reports a pool."

    def _quota(self, source: Volume, usable: Backup | None) -> Iterator[Problem]:
        kind, size = self.type_of(source), source.size
        needed: dict[str, float] = {"volumes": 1, "gigabytes": size, f"volumes_{kind}": 1, f"gigabytes_{kind}": size}
        if usable is None:
            needed |= {"backups": 1, "backup_gigabytes": size}
        short = [
            f"{name} {amount:g} (left: {max(self._left[name], 0):g})"
            for name, amount in needed.items()
            if name in self._left and amount > self._left[name]
        ]
        if short:
            yield "quota", f"the quota of the project does not allow its copy, which needs {', '.join(short)}."
            return
        for name, amount in needed.items():
            # A backup is gone before the next volume is begun.
            if name in self._left and not name.startswith("backup"):
                self._left[name] -= amount

    def _space(self, limits: Limits, source: Volume) -> Iterator[Problem]:
        pools = self._candidates(limits, source)
        if "space" in self.wanted.allow or any(pool.free is None for pool in pools):
            return
        best = max(pools, key=lambda pool: self._free[pool.name])
        if self._free[best.name] < source.size:
            free = f"{self._free[best.name]:g} GB free"
            yield (
                "space",
                f"has {source.size} GB, and {best.name}, the pool of its zone with most space, has {free}. To try it anyway: allow [space].",
            )
            return
        self._free[best.name] -= source.size


def _zones_of(specs: Mapping[str, str]) -> list[str]:
    return [zone.strip() for zone in specs.get(ONLY_IN, "").split(",")]
