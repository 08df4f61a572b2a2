# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What blocks the control plane as it is, and what is worth knowing before a change. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..._kubernetes.apply.observe import Seen
from ..._kubernetes.objects import Applied, Ref
from ..._plan.change import Note
from ..._plan.text.listing import first
from ..._zones.schema.zone_map import ZoneMap
from ..names import POLICY_CONFIG_MAP, kubernetes_zones
from ..spec.control_plane import API_VERSION, KIND

_NEVER_SEEN = "is mounted as a single file, which running pods never read again"
_SHOWN = 5
UNUSED = (
    f"ConfigMap {POLICY_CONFIG_MAP} is no longer used by glance and is kept: delete it once the pods have restarted."
)
# What the base of the control plane brings owns these by the defaults of the schema, so the first shared apply meets them.
_DEFAULT = "a default of the control plane as it was first created"
KNOWN_CONFLICTS = dict.fromkeys(
    (
        ".spec.glance.template.apiTimeout",
        ".spec.glance.template.keystoneEndpoint",
        ".spec.manila.enabled",
        ".spec.manila.template.manilaAPI.customServiceConfig",
    ),
    _DEFAULT,
)
TEMPLATES = {
    "galera": (("galera", "templates"), "quorum.databases"),
    "rabbitmq": (("rabbitmq", "templates"), "quorum.message_buses"),
    "ovn": (("ovn", "template", "ovnDBCluster"), "quorum.network_databases"),
}


def control_plane_ref(zone_map: ZoneMap) -> Ref:
    """The one object that all zones share."""
    region = zone_map.region.kubernetes
    return Ref(API_VERSION, KIND, region.control_plane, region.namespace)


def policy_ref(zone_map: ZoneMap) -> Ref:
    """Who may copy images."""
    return Ref("v1", "ConfigMap", POLICY_CONFIG_MAP, zone_map.region.kubernetes.namespace)


def away(zone_map: ZoneMap) -> list[str]:
    """Zones that a run waits for nothing."""
    return [name for name, (zone, _kubernetes) in kubernetes_zones(zone_map).items() if zone.away]


def rejected(zone_map: ZoneMap, part: Applied, live: Mapping[str, Any]) -> str:
    """Why a part is not sent to the control plane as it is; empty where nothing blocks it.

    :param live: `spec` of the control plane as it is.
    """
    spec = part.body.get("spec", {})
    return " ".join([*_unknown_templates(zone_map, spec, live), *_api_layout(zone_map, spec, live)])


def lacking(zone_map: ZoneMap, part: Applied, topologies: Collection[str]) -> str:
    """The API takes the name of a Topology that does not exist; the pods are then never made."""
    missing = sorted(set(_named_topologies(part.body.get("spec", {}))).difference(topologies))
    if not missing:
        return ""
    space = zone_map.region.kubernetes.namespace
    return (
        f"Topology {', '.join(missing)} does not exist in namespace {space}: create it first, with the role topologies."
    )


def notes(zone_map: ZoneMap, zones: Sequence[str], live: Mapping[str, Any]) -> Iterator[Note]:
    """What is worth knowing before the change is made."""
    absent = away(zone_map)
    named = ", ".join(f"{zone} ({zone_map.zones[zone].zone_state})" for zone in absent)
    for zone in zones:
        yield from _nova(zone_map, zone, live)
        if zone in absent:
            state = zone_map.zones[zone].zone_state
            yield Note(
                zone,
                f"zone {zone} is in state {state}: the run applies changes there without waiting for them.",
                mended=True,
            )
        elif absent:
            # Shared services have a pod there, and the zone need not be in this call.
            message = f"{named} is away: the run does not wait for the shared part of the control plane."
            yield Note(zone, message, mended=True)


def unread(seen: Seen, pods: Iterable[Mapping[str, Any]]) -> str:
    """The same for a change of an earlier run: pods that have the rule mounted and are older than its last change."""
    metadata = (seen.live or {}).get("metadata") or {}
    entries = metadata.get("managedFields") or ()
    written = [str(entry.get("time") or "") for entry in entries if "f:data" in (entry.get("fieldsV1") or {})]
    old = [
        str(pod["metadata"]["name"])
        for pod in pods
        if str(pod["metadata"].get("creationTimestamp") or "") < max(written, default="") and _has_policy(pod)
    ]
    if not old:
        return ""
    named = first(_SHOWN, sorted(old), of=len(old))
    return f"{seen.applied.ref} {_NEVER_SEEN}, and it changed after some pods had started: restart {named} for the rule to take effect."


def is_policy(seen: Seen) -> bool:
    """Whether this is who may copy images, there already and as it shall be."""
    mine = seen.applied.ref.kind == "ConfigMap" and seen.applied.ref.name == POLICY_CONFIG_MAP
    return mine and seen.live is not None and not seen.changes


def _has_policy(pod: Mapping[str, Any]) -> bool:
    volumes = (pod.get("spec") or {}).get("volumes") or ()
    return any((volume.get("configMap") or {}).get("name") == POLICY_CONFIG_MAP for volume in volumes)


def policy(seen: Seen) -> str:
    """What the operator has to do when who may copy images changes; empty where that does not."""
    ref = seen.applied.ref
    if not seen.changes or seen.live is None:
        return ""
    if ref.kind == "ConfigMap":
        return f"{ref} {_NEVER_SEEN}: restart glance's pods for the new rule to take effect."
    return UNUSED if not seen.applied.zones and _mounts_policy(seen.before) and not _mounts_policy(seen.wanted) else ""


def mounts_no_policy(seen: Seen) -> bool:
    """Whether what zones share has the rule for copies mounted nowhere, and shall not."""
    return seen.after is not None and not _mounts_policy(seen.before) and not _mounts_policy(seen.wanted)


def _mounts_policy(body: Mapping[str, Any]) -> bool:
    volumes = (
        volume
        for mount in (body.get("spec") or {}).get("extraMounts") or []
        for extra in mount.get("extraVol") or []
        for volume in extra.get("volumes") or []
    )
    return any((volume.get("configMap") or {}).get("name") == POLICY_CONFIG_MAP for volume in volumes)


def _unknown_templates(zone_map: ZoneMap, spec: Mapping[str, Any], live: Mapping[str, Any]) -> Iterator[str]:
    """An apply would make what it does not find: a second database or message bus."""
    for service, (path, option) in TEMPLATES.items():
        asked, there = _dig(spec, path), _dig(live, path)
        unknown = sorted(set(asked) - set(there))
        if unknown:
            named = ", ".join(sorted(there)) or "none"
            message = f"{control_plane_ref(zone_map)} has no {service} {', '.join(unknown)}, and this run creates none; it has {named}: "
            yield f"{message}set kubernetes.services.{option} of the region to these."


def _api_layout(zone_map: ZoneMap, spec: Mapping[str, Any], live: Mapping[str, Any]) -> Iterator[str]:
    """The layout of a glance API can never change. One that was made without a type is split."""
    path = ("glance", "template", "glanceAPIs")
    there = _dig(live, path)
    for key, api in _dig(spec, path).items():
        layout = there[key].get("type", "split") if key in there else api["type"]
        if layout != api["type"]:
            message = f"glance API {key} of {control_plane_ref(zone_map)} is {layout} and must be {api['type']}, which cannot change: "
            what = "zone" if api["type"] == "edge" else "API for all"
            yield f"{message}give the {what} another name, and remove the old key once nothing uses it."


def _named_topologies(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "topologyRef":
                yield str(inner["name"])
            else:
                yield from _named_topologies(inner)


def _nova(zone_map: ZoneMap, zone: str, live: Mapping[str, Any]) -> Iterator[Note]:
    services = zone_map.region.kubernetes.services.nova
    text = str(_dig(live, ("nova", "template", "apiServiceTemplate")).get("customServiceConfig", ""))
    if services.cross_az_attach is False and "cross_az_attach = False" not in text:
        yield Note(
            zone,
            "cross_az_attach is False from now on: a server and all its volumes have to be in one zone, also servers that boot from a "
            "volume. Servers that use volumes of another zone keep them, and cannot be unshelved elsewhere.",
            mended=True,
        )
    if services.default_schedule_zone is not None and "default_schedule_zone" not in text:
        name = zone_map.zones[services.default_schedule_zone].availability_zone
        yield Note(
            zone,
            f"default_schedule_zone is {name} from now on: servers that are created without a zone are permanently pinned to it, cannot move "
            "to another zone, and cannot be created while it is lost.",
            mended=True,
        )


def _dig(value: Mapping[str, Any], path: Sequence[str]) -> Mapping[str, Any]:
    for part in path:
        value = value.get(part) or {}
    return value
