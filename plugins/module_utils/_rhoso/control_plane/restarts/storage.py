# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose pods restart when the control plane object changes: StatefulSets, and services whose sets have no name here. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import other_services as others

# What changes no pod that runs: how many there are, and what stands in Services only.
QUIET = {"replicas", "override", "keystoneEndpoint"}
SINGLE: dict[str, dict[str, str]] = {
    "cinder": {"cinderAPI": "api", "cinderScheduler": "scheduler", "cinderBackup": "backup"},
    "manila": {"manilaAPI": "api", "manilaScheduler": "scheduler"},
}
KEYED = {"cinderVolumes": "volume", "cinderBackups": "backup", "manilaShares": "share"}
SERVICES = ("glance", "cinder", "manila")
SERVICE_OF_WORD = {"Glance": "glance", "Cinder": "cinder", "Manila": "manila"}


def rolling(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Names of the StatefulSets that are there and restart, and what else does, sorted.

    :param before: `spec` as it is.
    :param after: `spec` as the API says that it would be.
    """
    found: set[str] = set()
    for service in SERVICES:
        found.update(_of_service(service, before.get(service, {}), after.get(service, {})))
    if before.get("extraMounts") != after.get("extraMounts"):
        found.update(_mounted(before, after))
    if before.get("topologyRef") != after.get("topologyRef"):
        found.update(_inheriting(before))
        found.update(others.inheriting(before))
    found.update(others.nova(before.get("nova") or {}, after.get("nova") or {}))
    found.update(others.network(before.get("ovn") or {}, after.get("ovn") or {}))
    for name in ("memcached", "galera", "rabbitmq"):
        found.update(_templates(name, before.get(name, {}), after.get(name, {})))
    found.update(others.name_server(before, after))
    return sorted(found)


def sets_of(spec: Mapping[str, Any], service: str) -> dict[str, str]:
    """The StatefulSets of glance, cinder or manila by the path of their part below `template`."""
    part = spec.get(service, {})
    prefix = str(part.get("serviceName") or service)
    template = part.get("template", {})
    found: dict[str, str] = {}
    for key, api in template.get("glanceAPIs", {}).items() if service == "glance" else ():
        for name in _glance_sets(prefix, key, str(api.get("type", "split"))):
            found[f"glanceAPIs.{key}:{name}"] = name
    for name, suffix in SINGLE.get(service, {}).items():
        if name in template and template[name].get("replicas", 1):
            found[name] = f"{prefix}-{suffix}"
    for name, suffix in KEYED.items():
        found.update({f"{name}.{key}": f"{prefix}-{suffix}-{key}" for key in template.get(name, {})})
    return {path: name for path, name in found.items() if name}


def _glance_sets(prefix: str, key: str, layout: str) -> list[str]:
    if layout == "split":
        return [f"{prefix}-{key}-external-api", f"{prefix}-{key}-internal-api"]
    return [f"{prefix}-{key}-{layout}" + ("-api" if layout == "edge" else "")]


def _of_service(service: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = before.get("template", {}), after.get("template", {})
    sets = sets_of({service: before}, service)
    keyed = {"glanceAPIs", *KEYED}
    single = set(SINGLE.get(service, {}))
    general = {name for name in {*old, *new} - keyed - single - QUIET if old.get(name) != new.get(name)}
    for path, name in sets.items():
        parent, _dot, key = path.partition(":")[0].partition(".")
        mine = old.get(parent, {}).get(key, {}) if key else old.get(parent, {})
        yours = new.get(parent, {}).get(key) if key else new.get(parent, {})
        if yours is not None and (general or _loud(mine) != _loud(yours)):
            yield name


def _loud(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in QUIET}


def _mounted(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Pods that a volume which comes, goes or changes is mounted in."""
    old, new = _volumes(before), _volumes(after)
    changed = [volume for volume in [*old, *new] if (volume in old) != (volume in new)]
    for word, service in SERVICE_OF_WORD.items():
        for path, name in sets_of(before, service).items():
            parent, _dot, key = path.partition(":")[0].partition(".")
            part = {"glanceAPIs": "GlanceAPI", "cinderVolumes": "CinderVolume", "manilaShares": "ManilaShare"}
            kind = part.get(parent) or {"cinderBackups": "CinderBackup"}.get(parent) or parent[:1].upper() + parent[1:]
            words = {"All", word, kind, *({key} if key and parent != "cinderBackups" else ())}
            if any(not volume.get("propagation") or words.intersection(volume["propagation"]) for volume in changed):
                yield name


def _volumes(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [volume for entry in spec.get("extraMounts") or [] for volume in entry.get("extraVol", [])]


def _inheriting(spec: Mapping[str, Any]) -> Iterator[str]:
    """Sets without a Topology of their own take that of the control plane. Backup services inherit none."""
    for service in SERVICES:
        template = spec.get(service, {}).get("template", {})
        if template.get("topologyRef"):
            continue
        for path, name in sets_of(spec, service).items():
            parent, _dot, key = path.partition(":")[0].partition(".")
            part = template.get(parent, {}).get(key, {}) if key else template.get(parent, {})
            if not part.get("topologyRef") and not parent.startswith("cinderBackup"):
                yield name


def _templates(service: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    suffix = {"memcached": "", "galera": "-galera", "rabbitmq": "-server"}[service]
    old, new = before.get("templates", {}), after.get("templates", {})
    for name, mine in old.items():
        if name in new and _loud(mine) != _loud(new[name]):
            yield f"{name}{suffix}"
