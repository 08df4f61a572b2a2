# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of the control plane object that several zones share: what a run may make of them. Pure.

Nothing is dropped unless an accepted zone of the run, or one that is removed, gives it up, and only accepted zones are added. What any other zone has
there stays as it is: it may have left the inventory, or be left out by a limit, or be refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..._kubernetes.apply import fields
from ..._kubernetes.objects import REGION_MANAGER, Applied, is_ours, zone_manager
from ..._zones.schema.kubernetes import ZoneKubernetes
from ..._zones.schema.zone_map import Zone, ZoneMap
from ..ini import DEFAULT, Ini, read, written
from ..names import default_zone, kubernetes_zones
from ..spec import mounts
from ..spec.control_plane import CONFIG, body_of
from ..spec.services import glance, manila

SECRETS = "customServiceConfigSecrets"
STORES, PLACES, MOUNTS = "image stores", "availability zones of manila", "mounts"
DEFAULT_ZONE = "storage_availability_zone"
# The volume with the files of all clusters.
WIDE = "ceph"
# Where the keys of the zones are, by service.
GROUPS = {"glance": ("glanceAPIs",), "cinder": ("cinderVolumes", "cinderBackups"), "manila": ("manilaShares",)}
Spec = dict[str, Any]


@dataclass(frozen=True)
class Zones:
    """The zones of a call.

    :ivar zone_map: the map as it is after the call.
    :ivar accepted: inventory names of its zones that the call may write.
    :ivar leaving: zones that the call removes.
    """

    zone_map: ZoneMap
    accepted: frozenset[str]
    leaving: tuple[Zone, ...] = ()

    def answering(self) -> Iterator[tuple[Zone, ZoneKubernetes]]:
        """The zones that may give up what is theirs."""
        for name, (zone, kubernetes) in kubernetes_zones(self.zone_map).items():
            if name in self.accepted:
                yield zone, kubernetes
        for zone in self.leaving:
            if zone.kubernetes:
                yield zone, zone.kubernetes


@dataclass(frozen=True)
class Kept:
    """What zones share, as it is asked for in view of the object.

    :ivar spec: `spec` of the region's manager.
    :ivar kept: by what a list is of, names in it that no zone of the map stands for.
    :ivar waiting: by what a list is of, names that are not added, since the run has not accepted their zones.
    """

    spec: Spec
    kept: Mapping[str, Sequence[str]] = field(default_factory=dict)
    waiting: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def notes(self) -> Iterator[str]:
        """For people, one for each list."""
        head = "the shared part of the control plane"
        for about, names in self.kept.items():
            yield (
                f"{head}: {about} {', '.join(names)} are kept in it, although no zone of the inventory has them. To remove them, add "
                "their zone to the inventory again and run the playbook zone_remove for it."
            )
        for about, names in self.waiting.items():
            yield f"{head}: {about} {', '.join(names)} are not added: their zones are refused, or not part of this run."


def kept(zones: Zones, wanted: Mapping[str, Any], live: Mapping[str, Any]) -> Kept:
    """What the region's manager asks for.

    :param wanted: `spec` as the whole map wants it.
    :param live: the control plane object.
    """
    found = _Keeper(zones, live)
    spec = found.manila(found.glance(found.mounts(found.cinder(dict(wanted)))))
    return Kept(
        spec,
        {about: names for about, names in found.kept.items() if names},
        {about: names for about, names in found.waiting.items() if names},
    )


class _Keeper:
    """One service after the other, and what there is to say about it."""

    def __init__(self, zones: Zones, live: Mapping[str, Any]) -> None:
        self.zones, self.zone_map, self.object = zones, zones.zone_map, live
        self.live: Mapping[str, Any] = live.get("spec") or {}
        answering = [zone_manager(kubernetes.name) for _zone, kubernetes in zones.answering()]
        owners = {str(entry.get("manager")) for entry in fields.entries(live)} - {REGION_MANAGER}
        self.own = [fields.owned(live, manager) for manager in answering]
        self.others = [fields.owned(live, name) for name in owners if is_ours(name) and name not in answering]
        self.kept: dict[str, Sequence[str]] = {}
        self.waiting: dict[str, Sequence[str]] = {}

    def glance(self, spec: Spec) -> Spec:
        """The stores of the API for all."""
        spec = self._with_whole(spec, "glance")
        path = ("glance", "template", "glanceAPIs", self.zone_map.region.kubernetes.services.glance.api)
        api, there = dig(spec, path), dig(self.live, path)
        if not api:
            return spec
        mine, old = read(api.get(CONFIG)), read(there.get(CONFIG))
        stores, live = {**_backends(old), **_backends(mine)}, _backends(old)
        called = {store.name: name for name, (_zone, store) in glance.stores(self.zone_map).items()}
        given_up = {zone.image_store.name for zone in self.zones.leaving if zone.image_store}
        given_up |= {
            str(dig(text, ("glance_store",)).get("default_backend")) for text in self._texts("glance", self.own)
        }
        names = self._list(STORES, called, live, given_up)
        if not names:
            return {service: part for service, part in spec.items() if service != "glance"}
        strange = [name for name in names if called.get(name) not in self.zones.accepted]
        for name in strange:
            stores[name] = live[name]
            mine[name] = old.get(name, {})
        config = {section: options for section, options in mine.items() if section in names or section not in stores}
        config[DEFAULT] = {**mine[DEFAULT], "enabled_backends": ",".join(f"{name}:{stores[name]}" for name in names)}
        config["glance_store"] = {**mine["glance_store"], "default_backend": self._default_store(mine, old, names)}
        rest = {key: value for key, value in api.items() if key != SECRETS}
        return _with(spec, path, {**rest, CONFIG: written(config), **self._secrets(api, there, strange)})

    def manila(self, spec: Spec) -> Spec:
        """The availability zones that the API offers, and their protocols."""
        spec = self._with_whole(spec, "manila")
        path = ("manila", "template", "manilaAPI")
        api, there = dig(spec, path), dig(self.live, path)
        if not api:
            return spec
        mine, old = read(api.get(CONFIG)), read(there.get(CONFIG))
        offered = {zone.availability_zone: (zone.name, backend) for zone, backend in manila.backends(self.zone_map)}
        called = {place: name for place, (name, _backend) in offered.items()}
        given_up = {zone.availability_zone for zone in self.zones.leaving} | self._places("manila", self.own)
        names = self._list(PLACES, called, _split(old, DEFAULT_ZONE), given_up)
        if not names:
            return {service: part for service, part in spec.items() if service != "manila"}
        there_now = _split(old, "enabled_share_protocols")
        ours = [backend for zone, backend in manila.backends(self.zone_map) if zone.availability_zone in names]
        protocols = manila.protocols_of(*ours)
        if any(called.get(name) not in self.zones.accepted for name in names):
            leaving = [backend for zone in self.zones.leaving for backend in zone.share_backends]
            gone = set(manila.protocols_of(*leaving)) - set(protocols) if not self.kept.get(PLACES) else set()
            accepted = [backend for zone, backend in manila.backends(self.zone_map) if zone.name in self.zones.accepted]
            protocols = [
                name for name in dict.fromkeys([*there_now, *manila.protocols_of(*accepted)]) if name not in gone
            ]
        lists = {DEFAULT_ZONE: ",".join(names), "enabled_share_protocols": ",".join(protocols)}
        return _with(spec, path, {**api, CONFIG: written({**mine, DEFAULT: {**mine[DEFAULT], **lists}})})

    def cinder(self, spec: Spec) -> Spec:
        """Where volumes and backups go that name no zone, and what a single service's key at 0 is for."""
        spec = self._with_whole(spec, "cinder")
        template, there = dig(spec, ("cinder", "template")), dig(self.live, ("cinder", "template"))
        if not template:
            return spec
        if not self._keys("cinderVolumes", self.others) and not any(
            self.zone_map.zones[name].volume_backends for name in self.zones.accepted
        ):
            return {service: part for service, part in spec.items() if service != "cinder"}
        changed = {**template, **(self._with_default_zone(template, there) or self._with_first_zone(template))}
        for key in ("cinderBackup", "cinderBackups"):
            if key in template:
                single = key == "cinderBackup"
                parts = {"": template[key]} if single else template[key]
                live = {"": there.get(key) or {}} if single else there.get(key) or {}
                parts = {
                    name: {**part, **self._with_default_zone(part, live.get(name) or {})}
                    for name, part in parts.items()
                }
                changed[key] = parts[""] if single else parts
        backup = self.zone_map.region.backup
        per_zone = backup is not None and backup.mode == "per_zone"
        mine = dig(self._region_view(), ("cinder", "template"))
        if (
            per_zone
            and "cinderBackup" not in changed
            and "cinderBackup" in mine
            and self._keys("cinderBackups", self.others)
        ):
            changed["cinderBackup"] = mine["cinderBackup"]
        return _with(spec, ("cinder", "template"), changed)

    def mounts(self, spec: Spec) -> Spec:
        """The clusters of the zones; which pods see all of them."""
        live = {
            _volume(entry): entry for item in self.live.get("extraMounts") or [] for entry in item.get("extraVol") or []
        }
        ours = {_volume(entry): entry for item in spec.get("extraMounts") or [] for entry in item["extraVol"]}
        called = mounts.names_of_zones(self.zone_map)
        rest = {name: entry for name, entry in ours.items() if name not in called}
        keys = [kubernetes.name for _zone, kubernetes in self.zones.answering()]
        of_zones = [
            name for name, entry in live.items() if name.startswith("ceph-") and entry.get("extraVolType") == "Ceph"
        ]
        given_up = {
            name for name in of_zones for key in keys if name == f"ceph-{key}" or _numbered(name, f"ceph-{key}-")
        }
        names = self._list(MOUNTS, called, [name for name in of_zones if name not in rest], given_up)
        entries = {name: ours[name] if called.get(name) in self.zones.accepted else live[name] for name in names}
        if self.others and WIDE in live:
            tokens = [*rest.get(WIDE, {}).get("propagation", ()), *live[WIDE].get("propagation", ())]
            rest[WIDE] = {**live[WIDE], **rest.get(WIDE, {}), "propagation": list(dict.fromkeys(tokens))}
        if self.others and mounts.POLICY in live:
            rest.setdefault(mounts.POLICY, live[mounts.POLICY])
        wide = [rest.pop(WIDE)] if WIDE in rest else []
        volumes = _once_each([*wide, *entries.values(), *rest.values()])
        others = {service: part for service, part in spec.items() if service != "extraMounts"}
        return {**others, "extraMounts": [{"name": "v1", "region": "r1", "extraVol": volumes}]} if volumes else others

    def _list(
        self, about: str, called: Mapping[str, str], there: Iterable[str], given_up: Collection[str]
    ) -> list[str]:
        """What a list comes to.

        :param called: inventory name of the zone that each name is of, of those that the map asks for.
        :param there: the names in the cluster.
        :param given_up: names of which an accepted zone, or one that leaves, says that they go.
        """
        there = list(there)
        names = [name for name, zone in called.items() if zone in self.zones.accepted or name in there]
        others = [name for name in there if name not in called and name not in given_up]
        self.kept[about] = others
        self.waiting[about] = [name for name in called if name not in names]
        return [*names, *others]

    def _default_store(self, mine: Ini, old: Ini, names: Sequence[str]) -> str:
        """The store of a zone that left the inventory stays the default one, unless the map names another."""
        wanted, there = (str(dig(config, ("glance_store",)).get("default_backend")) for config in (mine, old))
        named = self.zone_map.region.kubernetes.services.default_zone is not None
        if wanted in names and (named or there not in self.kept[STORES]):
            return wanted
        return there if there in names else names[0]

    def _with_default_zone(self, part: Mapping[str, Any], there: Mapping[str, Any]) -> Spec:
        """The configuration with the default zone of the live one, where that is of a zone that this run has no say in."""
        mine, live = read(part.get(CONFIG)), dig(read(there.get(CONFIG)), (DEFAULT,)).get(DEFAULT_ZONE)
        if DEFAULT_ZONE not in mine.get(DEFAULT, {}) or live not in self._places("cinder", self.others):
            return {}
        default = default_zone(self.zone_map)
        named = self.zone_map.region.kubernetes.services.default_zone is not None
        known = any(zone.availability_zone == live for zone in self.zone_map.zones.values())
        if default in self.zones.accepted and (named or known):
            return {}
        return {CONFIG: written({**mine, DEFAULT: {**mine[DEFAULT], DEFAULT_ZONE: str(live)}})}

    def _with_first_zone(self, part: Mapping[str, Any]) -> Spec:
        """Volumes for which no zone is asked go to the first zone that is accepted or there, where the map names none and its first one is neither."""
        default, there = default_zone(self.zone_map), self._places("cinder", self.others)
        zones = self.zone_map.zones.values()
        present = [zone for zone in zones if zone.name in self.zones.accepted or zone.availability_zone in there]
        named = self.zone_map.region.kubernetes.services.default_zone is not None
        first = next((zone.availability_zone for zone in present if zone.kubernetes and zone.volume_backends), None)
        if named or first is None or any(zone.name == default for zone in present):
            return {}
        mine = read(part.get(CONFIG))
        return {CONFIG: written({**mine, DEFAULT: {**mine.get(DEFAULT, {}), DEFAULT_ZONE: first}})}

    def _secrets(self, api: Mapping[str, Any], there: Mapping[str, Any], strange: Sequence[str]) -> Spec:
        """Nothing says which store a Secret in the cluster is for, so all of them stay where a store is not of this run."""
        wanted, live = api.get(SECRETS) or (), there.get(SECRETS) or ()
        known = {
            name: store.config_secrets
            for name, (_zone, store) in glance.stores(self.zone_map).items()
            if store.config_secrets
        }
        of_region = self.zone_map.region.kubernetes.services.glance.config_secrets
        needed = {*of_region, *(secret for name in known if name in self.zones.accepted for secret in known[name])}
        later = {secret for secrets in known.values() for secret in secrets} - needed - set(live)
        leaving = [zone.image_store.config_secrets for zone in self.zones.leaving if zone.image_store]
        staying = needed | {secret for secrets in known.values() for secret in secrets}
        gone = {secret for secrets in leaving for secret in secrets} - staying
        secrets = dict.fromkeys([*wanted, *(live if strange else ())])
        rest = [secret for secret in secrets if secret not in later | gone]
        return {SECRETS: rest} if rest else {}

    def _with_whole(self, spec: Spec, service: str) -> Spec:
        """With the shared part of a service that no zone of the map has, as long as another zone has it."""
        part = self._region_view().get(service)
        there = any(self._keys(group, self.others) for group in GROUPS[service])
        return {**spec, service: part} if part and service not in spec and there else spec

    def _region_view(self) -> Mapping[str, Any]:
        part = Applied(REGION_MANAGER, body_of(self.zone_map, {}), (), may_create=False, step="")
        found: Mapping[str, Any] = fields.view(self.object, fields.shape(part, self.object)).get("spec") or {}
        return found

    def _keys(self, group: str, owned: Iterable[Mapping[str, Any]]) -> set[str]:
        """The keys of a group that these managers have."""
        service = next(name for name, groups in GROUPS.items() if group in groups)
        trees = (dig(tree, ("f:spec", f"f:{service}", "f:template", f"f:{group}")) for tree in owned)
        return {key[2:] for tree in trees for key in tree if key.startswith("f:")}

    def _texts(self, service: str, owned: Iterable[Mapping[str, Any]]) -> list[Ini]:
        """The configurations of the services that these managers have."""
        group, owned = GROUPS[service][0], list(owned)
        there = dig(self.live, (service, "template", group))
        return [read((there.get(key) or {}).get(CONFIG)) for key in self._keys(group, owned)]

    def _places(self, service: str, owned: Iterable[Mapping[str, Any]]) -> set[str]:
        """The availability zones of these services."""
        found = (
            options.get("backend_availability_zone")
            for text in self._texts(service, owned)
            for options in text.values()
        )
        return {str(name) for name in found if name}


def dig(value: Any, path: Sequence[str]) -> Mapping[str, Any]:
    """What is at a path; empty where nothing is."""
    for part in path:
        value = (value.get(part) or {}) if isinstance(value, Mapping) else {}
    return value if isinstance(value, Mapping) else {}


def _with(value: Mapping[str, Any], path: Sequence[str], inner: Any) -> Spec:
    """A copy with something else at the path."""
    first, *rest = path
    return {**value, first: _with(dig(value, (first,)), rest, inner) if rest else inner}


def _backends(config: Ini) -> dict[str, str]:
    """Kinds of the stores by name."""
    listed = _split(config, "enabled_backends")
    return {name.strip(): kind.strip() for name, _colon, kind in (item.partition(":") for item in listed)}


def _split(config: Ini, option: str) -> list[str]:
    text = str(config.get(DEFAULT, {}).get(option, ""))
    return [item.strip() for item in text.split(",") if item.strip()]


def _volume(entry: Mapping[str, Any]) -> str:
    return str(((entry.get("volumes") or [{}])[0] or {}).get("name"))


def _once_each(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """A pod that two entries name would be invalid: what an earlier one names is taken out of the later ones."""
    found: list[dict[str, Any]] = []
    named: set[str] = set()
    for entry in entries:
        tokens = entry.get("propagation") if entry.get("extraVolType") == "Ceph" else None
        left = [token for token in tokens or () if token not in named]
        named.update(left)
        if left or not tokens:
            found.append({**entry, "propagation": left} if left else entry)
    return found


def _numbered(name: str, head: str) -> bool:
    return name.startswith(head) and name[len(head) :].isdigit()
