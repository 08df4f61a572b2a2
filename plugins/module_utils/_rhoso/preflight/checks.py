# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be right in a cluster before zones are put on it, over objects that were read. Pure.

Findings are (rule, message). Of a kind that the cluster does not know, or that may not be read, `lists` has no entry and
`unread` says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._zones.schema.control_plane import FIRST_WITH_BACKUPS, RELEASES
from ..._zones.schema.kubernetes import ZoneKubernetes
from ..._zones.schema.zone_map import Zone, ZoneMap
from ..._zones.validation.data_plane import CONTROL_NETWORK
from ..names import ZONE_LABEL, glance_service
from ..pod_placement.zone_endpoint import addresses as addresses_of
from ..status.pods import Body
from . import addresses
from . import node_health as health
from .observed import Cluster, Found, within
from .rights import missing
from .secrets_named import secrets_of_region, secrets_of_zone

#: What is worth knowing, and no reason to stop.
NOTES = ("local_volumes", "rights_unknown", "release_unknown", "release_behind", "storage_class_unknown")
# Volumes of these stay on the host that they were made on: its pod waits for that very host.
LOCAL = ("topolvm.io", "kubernetes.io/no-provisioner", "local.csi.openebs.io")


class Preflight:
    """One region."""

    def __init__(self, zone_map: ZoneMap, found: Cluster, steps: tuple[str, ...]) -> None:
        self.zone_map = zone_map
        self.region = zone_map.region
        self.found = found
        self.steps = steps

    def of_region(self) -> Found:
        """What concerns all zones."""
        yield from self._rights()
        yield from health.of_region(self.found)
        yield from self._storage_class()
        yield from self._version()
        yield from self._release()
        yield from self._secrets(secrets_of_region(self.zone_map))
        yield from addresses.of_region(self.zone_map, self.found)

    def of_zone(self, zone: Zone) -> Found:
        """What concerns one zone."""
        place = zone.kubernetes
        if place is None:
            return
        yield from self._nodes(zone, place)
        yield from health.of_zone(zone, place, self.found)
        yield from self._volumes_in(zone, place)
        yield from addresses.of_zone(self.zone_map, zone, place, self.found)
        yield from self._networks(zone)
        yield from self._dns(place)
        yield from self._secrets(secrets_of_zone(zone))

    def unseen(self) -> list[str]:
        """What could not be looked at, each with why."""
        hidden = [name for name, there in self.found.secrets.items() if there is None]
        said = [f"{kind}: {why}" for kind, why in self.found.unread.items()]
        return said + (
            [f"Secrets that the user lacks the right to read: {', '.join(sorted(hidden))}"] if hidden else []
        )

    def _rights(self) -> Found:
        for step, right in missing(self.steps, self.zone_map, self.found.rules):
            text = f"{step} needs the right to {right.text}"
            if self.found.hidden_rules:
                # Not in the list is then not the same as not granted.
                yield "rights_unknown", f"{text}, and it is unknown whether the user has it: {self.found.hidden_rules}."
            else:
                yield "rights", f"{text}: grant it, see docs/kubernetes-rights.md."

    def _nodes(self, zone: Zone, place: ZoneKubernetes) -> Found:
        there = {item["metadata"]["name"] for item in self.found.all("Node")}
        gone = [name for name in (*place.masters, *place.workers) if name not in there]
        if gone and "Node" not in self.found.unread:
            yield (
                "no_node",
                f"the cluster has no node {', '.join(gone)} of zone {zone.name}: correct masters and workers of the zone, or add the nodes.",
            )

    # Storage, versions, secrets

    def _storage_class(self) -> Found:
        planes = self.found.all("OpenStackControlPlane")
        name = (planes[0].get("spec") or {}).get("storageClass") if planes else None
        if planes and not name:
            message = "the control plane names no storageClass: it is unknown whether databases keep their volumes in their zone"
            yield "storage_class_unknown", f"{message}. Name one."
        if not name or "StorageClass" in self.found.unread:
            return
        item = self._class()
        if item is None:
            yield (
                "no_storage_class",
                f"StorageClass {name} of the control plane does not exist: no database could start.",
            )
            return
        if item.get("volumeBindingMode", "Immediate") == "Immediate":
            message = f"StorageClass {name} binds volumes immediately, before a pod has a node: a volume may land in another zone than its pod."
            yield "volume_binding", f"{message} It needs volumeBindingMode WaitForFirstConsumer."
        if item.get("provisioner") in LOCAL:
            message = f"StorageClass {name} ({item['provisioner']}) keeps volumes on one host: a database whose host is lost waits for it."
            yield "local_volumes", message

    def _class(self) -> Body | None:
        """The storage class of the control plane; only that one is read."""
        return next(iter(self.found.all("StorageClass")), None)

    def _volumes_in(self, zone: Zone, place: ZoneKubernetes) -> Found:
        """A class may make volumes in some zones only. Terms about other labels are not for us to read."""
        item = self._class() or {}
        terms = [term.get("matchLabelExpressions") or () for term in item.get("allowedTopologies") or ()]
        allowed = [[one.get("values") or () for one in term if one.get("key") == ZONE_LABEL] for term in terms]
        if terms and not any(all(place.node_label in values for values in term) for term in allowed):
            known = ", ".join(sorted({value for term in allowed for values in term for value in values}))
            message = f"StorageClass {item['metadata']['name']} creates no volumes in zone {zone.name} (label {place.node_label})"
            yield "no_volumes_in_zone", f"{message}, only in {known}: a database cannot run there."

    def _release(self) -> Found:
        """By what tells releases apart. The numbers of versions do not say which feature release they are."""
        said = self.region.kubernetes.services.release
        items = self.found.all("CustomResourceDefinition")
        if not items:
            versions = [
                (item.get("status") or {}).get("deployedVersion") for item in self.found.all("OpenStackVersion")
            ]
            for version in filter(None, versions):
                yield "release_unknown", f"it is unknown whether OpenStack {version} is {said}, as the map says."
            return
        newer = any(_has_backups(version) for version in items[0]["spec"]["versions"])
        wanted = RELEASES.index(said) >= RELEASES.index(FIRST_WITH_BACKUPS)
        option = "set kubernetes.services.release of the region to what is installed"
        if wanted and not newer:
            message = f"the map says release {said}, and the installed one is older than {FIRST_WITH_BACKUPS}"
            yield (
                "older_release",
                f"{message}: it has no cinderBackups, so the control plane would refuse them; {option}.",
            )
        if newer and not wanted:
            message = f"the map says release {said}, and the installed one is {FIRST_WITH_BACKUPS} or newer"
            yield "release_behind", f"{message}, which can have a backup service for each zone; {option}."

    def _version(self) -> Found:
        for item in self.found.all("OpenStackVersion"):
            target, now = (
                (item.get("spec") or {}).get("targetVersion"),
                (item.get("status") or {}).get("deployedVersion"),
            )
            if target and now and target != now:
                yield "update_running", f"OpenStack is being updated from {now} to {target}: finish that first."

    def _secrets(self, wanted: Mapping[str, str]) -> Found:
        for name, what in wanted.items():
            if self.found.secrets.get(name) is False:
                yield "no_secret", f"Secret {name} does not exist ({what}): create it, or correct its name."

    # Networks, names

    def _networks(self, zone: Zone) -> Found:
        plane = zone.data_plane
        if plane is None or "NetConfig" in self.found.unread:
            return
        configs = self.found.all("NetConfig")
        if not configs:
            yield "no_net_config", "there is no NetConfig: compute hosts get no addresses."
            return
        networks = {net["name"]: net for item in configs for net in (item.get("spec") or {}).get("networks") or ()}
        said = set()
        sets = [
            (plane.nodes, plane.networks),
            *((item.nodes, item.networks or plane.networks) for item in plane.networkers),
        ]
        for name, node, shared in ((name, node, shared) for nodes, shared in sets for name, node in nodes.items()):
            for used in node.networks or shared:
                subnets = {subnet["name"]: subnet for subnet in networks.get(used.name, {}).get("subnets") or ()}
                if used.subnet not in subnets:
                    said.add(("no_subnet", f"NetConfig has no subnet {used.subnet} of network {used.name}."))
                    continue
                fixed = used.fixed_ip or (node.address if used.name == CONTROL_NETWORK else None)
                cidr = subnets[used.subnet].get("cidr")
                if fixed and cidr and not within(fixed, cidr):
                    yield (
                        "address_not_in_subnet",
                        f"{name}: address {fixed} is not in {used.subnet} of {used.name} ({cidr}).",
                    )
        domain = networks.get(CONTROL_NETWORK, {}).get("dnsDomain")
        if domain and domain != plane.domain:
            said.add(("domain", f"NetConfig has the domain {domain} for {CONTROL_NETWORK}, the map {plane.domain}."))
        yield from sorted(said)

    def _dns(self, place: ZoneKubernetes) -> Found:
        """Only what is there can have a name: before the control plane there is no Service."""
        name = glance_service(place)
        service = next((item for item in self.found.all("Service") if item["metadata"]["name"] == name), None)
        have = addresses_of(service) if service else []
        if not have or "DNSData" in self.found.unread:
            return
        host = f"{name}.{self.region.kubernetes.namespace}.svc"
        hosts = [entry for item in self.found.all("DNSData") for entry in (item.get("spec") or {}).get("hosts") or ()]
        known = {entry["ip"] for entry in hosts if host in (entry.get("hostnames") or ())}
        if not known & set(have):
            shown = ", ".join(sorted(known)) or "nothing"
            yield "dns", f"the hosts' DNS answers {shown} for {host}, and Service {name} has {', '.join(have)}."


def _has_backups(version: Mapping[str, Any]) -> bool:
    """Whether a version of the kind Cinder knows the backup services of zones."""
    schema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    spec = (schema.get("properties") or {}).get("spec") or {}
    return "cinderBackups" in (spec.get("properties") or {})
