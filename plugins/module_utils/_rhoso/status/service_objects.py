# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service objects that a part of the control plane asks for: how they are called, and what they have to come to. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# The objects of the operators that together serve one part of the control plane object. Memcached has none above it.
SERVICES = {"glance": "Glance", "cinder": "Cinder", "manila": "Manila"}
SINGLE = {
    "cinder": {"cinderAPI": "CinderAPI", "cinderScheduler": "CinderScheduler"},
    "manila": {"manilaAPI": "ManilaAPI", "manilaScheduler": "ManilaScheduler"},
}
CACHE = "Memcached"


@dataclass(frozen=True)
class Piece:
    """One key of the control plane object, as the operators' object that stands for it.

    :ivar label: label and value by which it is found; else it is found by the end of its name.
    :ivar ending: how its name goes on behind that of its service; the whole name where there is no service above it.
    :ivar count: how many objects it makes.
    :ivar topology: Topology that its own part names, None where it inherits one.
    :ivar config: configuration that its own part has, None where it has none.
    :ivar secrets: the Secrets with more of it.
    """

    service: str
    kind: str
    key: str
    replicas: int
    topology: str | None
    config: str | None
    label: str = ""
    ending: str = ""
    count: int = 1
    secrets: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        return f"{self.service}.openstack.org/v1beta1"

    def __str__(self) -> str:
        return f"{self.kind} {self.key}" if self.key else self.kind

    def is_it(self, found: Mapping[str, Any], owner: str) -> bool:
        """Whether an object of the kind is the piece.

        :param owner: name of the service's own object, which the names begin with.
        """
        metadata = found.get("metadata") or {}
        if self.label:
            return (metadata.get("labels") or {}).get(self.label) == self.key
        return bool(metadata.get("name") == owner + self.ending)


def pieces(spec: Mapping[str, Any]) -> Iterator[Piece]:
    """What a part asks for, in the order in which the operators work on it."""
    for key, api in _template(spec, "glance").get("glanceAPIs", {}).items():
        split = api.get("type", "split") == "split"
        yield _piece("glance", "GlanceAPI", key, api, label="api-name", count=2 if split else 1)
    for service in ("cinder", "manila"):
        template = _template(spec, service)
        for name, kind in SINGLE[service].items():
            if name in template:
                yield _piece(service, kind, "", template[name], ending="-" + name[len(service) :].lower())
    cinder = _template(spec, "cinder")
    for key, volume in cinder.get("cinderVolumes", {}).items():
        yield _piece("cinder", "CinderVolume", key, volume, label="backend")
    for key, backup in cinder.get("cinderBackups", {}).items():
        yield _piece("cinder", "CinderBackup", key, backup, ending=f"-backup-{key}")
    if cinder.get("cinderBackup", {}).get("replicas"):
        yield _piece("cinder", "CinderBackup", "", cinder["cinderBackup"], ending="-backup")
    for key, share in _template(spec, "manila").get("manilaShares", {}).items():
        yield _piece("manila", "ManilaShare", key, share, label="share-name")
    for key, cache in spec.get("memcached", {}).get("templates", {}).items():
        yield _piece("memcached", CACHE, key, cache, ending=key)


def services_of(wanted: list[Piece]) -> list[str]:
    """The services that the pieces belong to."""
    return list(dict.fromkeys(piece.service for piece in wanted if piece.service in SERVICES))


def _template(spec: Mapping[str, Any], service: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = spec.get(service, {}).get("template", {})
    return found


def _piece(
    service: str, kind: str, key: str, part: Mapping[str, Any], *, label: str = "", ending: str = "", count: int = 1
) -> Piece:
    topology = (part.get("topologyRef") or {}).get("name")
    replicas = int(part.get("replicas", 1))
    secrets = tuple(part.get("customServiceConfigSecrets") or ())
    return Piece(service, kind, key, replicas, topology, part.get("customServiceConfig"), label, ending, count, secrets)
