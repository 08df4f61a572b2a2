# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be right in a cluster before zones are put on it, over objects that were read. Pure.

Findings are (rule, message). Of a kind that the cluster does not know, or that may not be read, `lists` has no entry and
`unread` says why.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._zones.data_plane import CONTROL_NETWORK
from .._zones.schema import Zone, ZoneMap
from .._zones.schema_kubernetes import ZoneKubernetes
from .names import GLANCE_PORT, glance_service
from .pods import Body, Node
from .rights import missing
from .secrets_named import secrets_of_region, secrets_of_zone
from .zone_endpoint import addresses

Found = Iterator[tuple[str, str]]
#: What is worth knowing, and no reason to stop.
NOTES = ("local_volumes", "rights_unknown")
# Volumes of these stay on the host that they were made on: its pod waits for that very host.
LOCAL = ("topolvm.io", "kubernetes.io/no-provisioner", "local.csi.openebs.io")


@dataclass(frozen=True)
class Cluster:
    """What was read, by kind; `secrets` has each name that was asked for, and whether it is there (None: not to be seen).

    :ivar rules: what the user may do.
    :ivar hidden_rules: why the cluster cannot list all of them; empty where it can.
    """

    lists: Mapping[str, tuple[Body, ...]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, bool | None] = field(default_factory=dict)
    rules: tuple[Mapping[str, Any], ...] = ()
    hidden_rules: str = ""

    def all(self, kind: str) -> tuple[Body, ...]:
        return self.lists.get(kind, ())


class Preflight:
    """One region."""

    def __init__(self, zone_map: ZoneMap, found: Cluster, steps: tuple[str, ...]) -> None:
        self.zone_map = zone_map
        self.region = zone_map.region
        self.found = found
        self.steps = steps
        self.nodes = [Node.of(item) for item in found.all("Node")]
        self.places = {zone.name: zone.kubernetes for zone in zone_map.zones.values() if zone.kubernetes}

    def of_region(self) -> Found:
        """What concerns all zones."""
        yield from self._rights()
        yield from self._health_check()
        yield from self._storage_class()
        yield from self._version()
        yield from self._secrets(secrets_of_region(self.zone_map))
        if self.found.all("IPAddressPool") and self._pool() is None:
            known = ", ".join(sorted(item["metadata"]["name"] for item in self.found.all("IPAddressPool")))
            yield "no_pool", f"there is no IPAddressPool {self.region.kubernetes.address_pool}; there are {known}."

    def of_zone(self, zone: Zone) -> Found:
        """What concerns one zone."""
        place = zone.kubernetes
        if place is None:
            return
        yield from self._zone_can_be_lost(zone, place)
        yield from self._address(place)
        yield from self._networks(zone)
        yield from self._dns(place)
        yield from self._secrets(secrets_of_zone(zone))

    def unseen(self) -> list[str]:
        """What could not be looked at, each with why."""
        hidden = [name for name, there in self.found.secrets.items() if there is None]
        said = [f"{kind}: {why}" for kind, why in self.found.unread.items()]
        return said + ([f"Secrets may not be read: {', '.join(sorted(hidden))}"] if hidden else [])

    def _rights(self) -> Found:
        for step, right in missing(self.steps, self.zone_map, self.found.rules):
            text = f"{step} needs the right to {right.text}"
            if self.found.hidden_rules:
                # Not in the list is then not the same as not granted.
                yield "rights_unknown", f"{text}, which may be granted: {self.found.hidden_rules}."
            else:
                yield "rights", f"{text}: grant it, see docs/kubernetes-rights.md."

    # Node health check

    def _health_check(self) -> Found:
        if "NodeHealthCheck" in self.found.unread:
            return
        if not self.found.all("NodeHealthCheck"):
            message = (
                "there is no NodeHealthCheck: pods of a lost zone stay Terminating, and nothing takes their place."
            )
            yield "no_health_check", f"{message} Install Node Health Check and Self Node Remediation."
        for item in self.found.all("NodeHealthCheck"):
            name, spec = item["metadata"]["name"], item.get("spec") or {}
            if spec.get("pauseRequests"):
                yield "health_check_paused", f"NodeHealthCheck {name} is paused ({', '.join(spec['pauseRequests'])})."
            if not (spec.get("remediationTemplate") or spec.get("escalatingRemediations")):
                yield (
                    "no_remediation",
                    f"NodeHealthCheck {name} names no remediation: name the template of Self Node Remediation.",
                )

    def _zone_can_be_lost(self, zone: Zone, place: ZoneKubernetes) -> Found:
        """A check that finds too many nodes ill at once does nothing at all."""
        for item in self.found.all("NodeHealthCheck"):
            watched = [node for node in self.nodes if _selects(item, self._labels(node.name))]
            lost = [node for node in watched if node.label == place.node_label]
            allowed = _may_be_ill(item.get("spec") or {}, len(watched))
            if lost and len(lost) > allowed:
                message = (
                    f"NodeHealthCheck {item['metadata']['name']} lets {allowed} of its {len(watched)} nodes be ill, and zone "
                    f"{zone.name} has {len(lost)}: it would do nothing when the zone is lost. Lower minHealthy."
                )
                yield "zone_too_large", message

    def _labels(self, name: str) -> Mapping[str, str]:
        return next(
            (
                item["metadata"].get("labels") or {}
                for item in self.found.all("Node")
                if item["metadata"]["name"] == name
            ),
            {},
        )

    # Storage, versions, secrets

    def _storage_class(self) -> Found:
        planes = self.found.all("OpenStackControlPlane")
        name = (planes[0].get("spec") or {}).get("storageClass") if planes else None
        if not name or "StorageClass" in self.found.unread:
            return
        item = next((item for item in self.found.all("StorageClass") if item["metadata"]["name"] == name), None)
        if item is None:
            yield (
                "no_storage_class",
                f"StorageClass {name} of the control plane does not exist: no database could start.",
            )
            return
        if item.get("volumeBindingMode", "Immediate") == "Immediate":
            message = f"StorageClass {name} binds volumes at once, before a pod has a node: a volume may land in another zone than its pod."
            yield "volume_binding", f"{message} It needs volumeBindingMode WaitForFirstConsumer."
        if item.get("provisioner") in LOCAL:
            message = f"StorageClass {name} ({item['provisioner']}) keeps volumes on one host: a database whose host is lost waits for it."
            yield "local_volumes", message

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
                yield "no_secret", f"Secret {name} does not exist ({what}): make it, or correct its name."

    # Addresses, networks, names

    def _pool(self) -> Body | None:
        name = self.region.kubernetes.address_pool
        return next((item for item in self.found.all("IPAddressPool") if item["metadata"]["name"] == name), None)

    def _address(self, place: ZoneKubernetes) -> Found:
        address, pool = place.load_balancer_address, self._pool()
        if address is None:
            return
        ranges = (pool.get("spec") or {}).get("addresses") or [] if pool else []
        if pool is not None and not any(_within(address, one) for one in ranges):
            name = pool["metadata"]["name"]
            yield "address_not_in_pool", f"address {address} is not in IPAddressPool {name} ({', '.join(ranges)})."
        for service in self.found.all("Service"):
            name = service["metadata"]["name"]
            ports = [int(port["port"]) for port in (service.get("spec") or {}).get("ports") or ()]
            if name != glance_service(place) and address in addresses(service) and GLANCE_PORT in ports:
                yield "address_taken", f"address {address} has Service {name} on port {GLANCE_PORT} already."

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
        for name, node in plane.nodes.items():
            for used in node.networks or plane.networks:
                subnets = {subnet["name"]: subnet for subnet in networks.get(used.name, {}).get("subnets") or ()}
                if used.subnet not in subnets:
                    said.add(("no_subnet", f"NetConfig has no subnet {used.subnet} of network {used.name}."))
                    continue
                fixed = used.fixed_ip or (node.address if used.name == CONTROL_NETWORK else None)
                cidr = subnets[used.subnet].get("cidr")
                if fixed and cidr and not _within(fixed, cidr):
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
        have = addresses(service) if service else []
        if not have or "DNSData" in self.found.unread:
            return
        host = f"{name}.{self.region.kubernetes.namespace}.svc"
        hosts = [entry for item in self.found.all("DNSData") for entry in (item.get("spec") or {}).get("hosts") or ()]
        known = {entry["ip"] for entry in hosts if host in (entry.get("hostnames") or ())}
        if not known & set(have):
            shown = ", ".join(sorted(known)) or "nothing"
            yield "dns", f"the hosts' DNS says {shown} for {host}, and Service {name} has {', '.join(have)}."


def _within(address: str, where: str) -> bool:
    """Whether an address is in a network, or in a range such as MetalLB writes them."""
    own = ipaddress.ip_address(address)
    first, dash, last = (part.strip() for part in where.partition("-"))
    if dash:
        ends = ipaddress.ip_address(first), ipaddress.ip_address(last)
        return own.version == ends[0].version == ends[1].version and int(ends[0]) <= int(own) <= int(ends[1])
    return own in ipaddress.ip_network(where, strict=False)


def _may_be_ill(spec: Mapping[str, Any], count: int) -> int:
    """How many nodes may be ill while the check still does something. Percentages of healthy ones are rounded up."""
    ill = spec.get("maxUnhealthy")
    if ill is not None:
        return math.floor(count * int(str(ill)[:-1]) / 100) if str(ill).endswith("%") else int(ill)
    healthy = str(spec.get("minHealthy", "51%"))
    needed = math.ceil(count * int(healthy[:-1]) / 100) if healthy.endswith("%") else int(healthy)
    return max(0, count - needed)


def _selects(item: Body, labels: Mapping[str, str]) -> bool:
    """A label selector, as the check has it."""
    selector = (item.get("spec") or {}).get("selector") or {}
    tests = {
        "In": lambda key, values: labels.get(key) in values,
        "NotIn": lambda key, values: labels.get(key) not in values,
        "Exists": lambda key, _values: key in labels,
        "DoesNotExist": lambda key, _values: key not in labels,
    }
    matches = (selector.get("matchLabels") or {}).items()
    return all(labels.get(key) == value for key, value in matches) and all(
        tests[one["operator"]](one["key"], one.get("values") or []) for one in selector.get("matchExpressions") or ()
    )
