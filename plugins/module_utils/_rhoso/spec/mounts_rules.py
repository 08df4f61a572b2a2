# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of `spec.extraMounts`: the API takes every list, and the pods are never created. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..._zones.errors import Problem, show
from ..._zones.schema.zone_map import ZoneMap
from ..names import kubernetes_zones
from .mounts import extra_mounts

PATH = "kubernetes.services.mounts"
SOURCE = "lib-common: extraMounts"
EVERYWHERE = "All"
# Every service that mounts what the list says, and its parts.
PARTS = {
    "Glance": ("GlanceAPI",),
    "Cinder": ("CinderAPI", "CinderScheduler", "CinderVolume", "CinderBackup"),
    "Manila": ("ManilaAPI", "ManilaScheduler", "ManilaShare"),
}
OTHER_WORDS = ("DBSync", "Compute")


def broken_mounts(zone_map: ZoneMap) -> Iterator[Problem]:
    """What is wrong with the map's own mounts, alone and beside those that the collection makes."""
    pods = _pods(zone_map)
    known = {EVERYWHERE, *OTHER_WORDS, *(token for tokens in pods.values() for token in tokens)}
    for index, mount in enumerate(zone_map.region.kubernetes.services.mounts):
        path = f"{PATH}[{index}]"
        if (mount.secret is None) == (mount.config_map is None):
            yield Problem("", path, "", "needs either `secret` or `config_map`; give one of them", "")
        for token in mount.propagation:
            if token not in known:
                rule = f"is not a service; choose from {', '.join(sorted(known))}"
                yield Problem("", f"{path}.propagation", show(token), rule, SOURCE)
    yield from _doubled(zone_map, pods)


def _doubled(zone_map: ZoneMap, pods: dict[str, set[str]]) -> Iterator[Problem]:
    """A pod that gets a volume twice, or two volumes at one place, is invalid; nothing earlier tells."""
    said: set[str] = set()
    for pod, words in pods.items():
        names: dict[str, int] = {}
        places: dict[str, str] = {}
        for volume in (item for entry in extra_mounts(zone_map) for item in entry["extraVol"]):
            tokens = volume.get("propagation", [])
            times = len(words.intersection(tokens)) if tokens else 1
            mount = volume["mounts"][0]
            name, place = str(mount["name"]), str(mount["mountPath"])
            names[name] = names.get(name, 0) + times
            reason = ""
            if times and places.setdefault(place, name) != name:
                reason = f"{places[place]} and {name} are both mounted at {place} in {pod}; mount one elsewhere"
            elif names[name] > 1:
                reason = f"{name} is mounted more than once in {pod}; name the pod by one word of one mount only"
            if reason and reason not in said:
                said.add(reason)
                yield Problem("", PATH, "", reason, SOURCE)


def _pods(zone_map: ZoneMap) -> dict[str, set[str]]:
    """The words by which a mount reaches the pods of each service."""
    glance = zone_map.region.kubernetes.services.glance.api
    pods = {f"the glance API {glance}": {EVERYWHERE, "Glance", "GlanceAPI", glance}}
    for service, parts in PARTS.items():
        for part in parts:
            if part not in ("GlanceAPI", "CinderVolume", "ManilaShare"):
                pods[part] = {EVERYWHERE, service, part}
    for zone, kubernetes in kubernetes_zones(zone_map).values():
        own = kubernetes.name
        if zone.image_store:
            pods[f"the glance API {own}"] = {EVERYWHERE, "Glance", "GlanceAPI", own}
        for volumes in zone.volume_backends:
            key = volumes.kubernetes_name or own
            pods[f"the volume service {key}"] = {EVERYWHERE, "Cinder", "CinderVolume", key}
        for shares in zone.share_backends:
            key = shares.kubernetes_name or own
            pods[f"the share service {key}"] = {EVERYWHERE, "Manila", "ManilaShare", key}
    return pods
