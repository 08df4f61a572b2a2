# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a zone map as files for GitOps: a folder for what is shared and one per zone, each a component of kustomize. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..._kubernetes.objects import Applied
from ..._plan.errors import ZoneopsError
from ..._zones.schema.zone_map import ZoneMap
from ..names import kubernetes_zones
from ..nodes.labels import node_labels
from ..spec import control_plane, rules, secrets
from ..spec.data_plane import data_plane
from ..spec.topologies import topologies

REGION = "region"
COMPONENT = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}


@dataclass(frozen=True)
class File:
    """A file below the folder of the rendering."""

    path: str
    data: dict[str, Any]


def rendered(zone_map: ZoneMap) -> list[File]:
    """All files, the same objects that the roles apply. Raises MapError for what no cluster could use, ZoneopsError for a Secret's values."""
    zones = kubernetes_zones(zone_map)
    if not zones:
        raise ZoneopsError("no zone of the map has `kubernetes`: there is nothing to render.")
    rules.check(zone_map)
    made = secrets.names(zone_map)
    if made:
        raise ZoneopsError(
            f"Secret {', '.join(sorted(made))} would be written with its values (kubernetes.secrets of the zone map). Create it in the "
            "cluster by other means, remove it there, and refer to it by name."
        )
    parts = wanted(zone_map)
    folders = {REGION: [part for part in parts if not part.zones]}
    folders |= {f"zones/{name}": [part for part in parts if name in part.zones] for name in zones}
    files = [File("kustomization.yaml", {**COMPONENT, "components": list(folders)})]
    return files + [file for folder, own in folders.items() for file in _folder(folder, own)]


def wanted(zone_map: ZoneMap) -> list[Applied]:
    """Everything that the roles apply, in their order."""
    only = list(zone_map.zones)
    parts = [*node_labels(zone_map, only), *topologies(zone_map, only), *control_plane.applied(zone_map)]
    # A deployment is no object to keep: it runs once, and only what a run needs is in it.
    return parts + [part for zone in zone_map.zones.values() for part in data_plane(zone, zone_map.region)]


def _folder(folder: str, parts: Sequence[Applied]) -> Iterator[File]:
    names = {_name(part): part for part in parts}
    # The control plane is the installation's: the parts of the zones are patches of it.
    patches = [name for name, part in names.items() if part.ref.kind == control_plane.KIND]
    resources = [name for name in names if name not in patches]
    content = {
        **COMPONENT,
        **({"resources": resources} if resources else {}),
        **({"patches": [{"path": name} for name in patches]} if patches else {}),
    }
    yield File(f"{folder}/kustomization.yaml", content)
    for name, part in names.items():
        if part.ref.kind == "Secret":
            raise ZoneopsError(
                f"Secret {part.ref.name} ({part.step}) would be written with its values. Create it in the cluster by "
                "other means, and refer to it by name in the zone map."
            )
        yield File(f"{folder}/{name}", part.body)


def _name(part: Applied) -> str:
    return f"{part.ref.kind.lower()}-{part.ref.name}.yaml"
