# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the data plane: what the operators' webhooks let pass and only the hosts, or nobody, would notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._plan.text.near import nearest
from ..errors import Problem, show
from ..schema.data_plane import GUIDE, NOVA, NetworkerSet, Node, NodeNetwork, ZoneDataPlane
from ..schema.defaults import host_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..schema.zone_map import Region, Zone

OPERATORS = "operators of RHOSO 18.0-fr6"
CONTROL_NETWORK = "ctlplane"
CEPH_CLIENT = "ceph-client"
#: Writes the host keys of all hosts on all hosts; without it servers cannot move to a new one.
KNOWN_HOSTS = "ssh-known-hosts"
LIBVIRT = "libvirt"
WRONG_PORT = "is not a port; give a number from 1 to 65535, or leave it out for 22"
#: Services that the operators make themselves: an object of such a name is written by two.
STOCK = (
    "accel-drivers", "bootstrap", "ceph-client", "ceph-hci-pre", "cleanup", "configure-network", "configure-os", "configure-ovs-dpdk",
    "ddp-package", "derive-pci-devicespec", "download-cache", "fips-status", "frr", "install-certs", "install-os",
    "instanceha-monitoring", "libvirt", "logging", "migrate-network", "neutron-dhcp", "neutron-metadata", "neutron-ovn",
    "neutron-sriov", NOVA, "ovn", "ovn-bgp-agent", "reboot-os", "redhat", "run-os", "ssh-known-hosts", "swift", "telemetry",
    "telemetry-power-monitoring", "update", "update-services", "update-system", "validate-network",
)  # fmt: skip
#: Written from other properties, so nobody else may.
WRITTEN = {
    "glance": {"endpoint_override": "the zone's glance endpoint", "valid_interfaces": "always `internal`"},
    "cinder": {"cross_az_attach": "the region's, the same for API and hosts"},
    "libvirt": dict.fromkeys(
        ("images_type", "images_rbd_pool", "images_rbd_ceph_conf", "images_rbd_glance_store_name"), "`ephemeral_pool`"
    )
    | dict.fromkeys(("rbd_user", "rbd_secret_uuid"), "the zone's `ceph`"),
}


def services_of(plane: ZoneDataPlane, region: Region) -> tuple[str, ...]:
    """The services of the zone's NodeSet as the map writes them. A place of a wrong one is empty."""
    return tuple(name for name in plane.services or region.data_plane.services if name is not None)


def networker_services(networkers: NetworkerSet, region: Region) -> tuple[str, ...]:
    """The same for a NodeSet of networkers."""
    return tuple(name for name in networkers.services or region.data_plane.networker_services if name is not None)


def broken_data_planes(zones: Iterable[Zone], region: Region) -> Iterator[Problem]:
    """What is wrong with the data planes, each by itself and beside each other."""
    port = region.data_plane.ansible_port
    if port is not None and not is_port(port):
        yield Problem("", "data_plane.ansible_port", show(port, "ansible_port"), WRONG_PORT, "")
    planes = [(zone, zone.data_plane) for zone in zones if zone.data_plane is not None]
    for zone, plane in planes:
        yield from _place(zone, plane)
        yield from _ports(zone, plane)
        yield from _nodes(zone, plane)
        yield from _services(zone, plane, region)
        yield from _networkers(zone, plane, region)
        yield from _config(zone, plane)
        yield from _compute_hosts(zone, plane)
    yield from _once(planes)


def _problem(zone: Zone, path: str, value: object, rule: str, source: str = "") -> Problem:
    where = f"data_plane.{path}" if path else "data_plane"
    return Problem(zone.name, where, "" if value is None else show(value, path), rule, source)


def _place(zone: Zone, plane: ZoneDataPlane) -> Iterator[Problem]:
    if zone.kubernetes is None:
        yield _problem(zone, "", None, "needs `kubernetes`; add it to the zone ({} for all defaults)")
    if zone.image_store is None:
        rule = "needs `image_store`: the hosts take images from the zone's own glance endpoint, which comes with it"
        yield _problem(zone, "", None, rule, GUIDE)
    if plane.ephemeral_pool and zone.ceph is None:
        yield _problem(zone, "ephemeral_pool", plane.ephemeral_pool, "needs the zone's `ceph`: describe the cluster")


def _nodes(zone: Zone, plane: ZoneDataPlane) -> Iterator[Problem]:
    if not plane.nodes:
        yield _problem(zone, "nodes", None, "is empty; name the hosts, or leave data_plane out", GUIDE)
    yield from _attached(zone, "", plane.nodes, plane.networks)
    yield from _no_common_address(zone, "networks", plane.networks, len(plane.nodes))


def _attached(zone: Zone, where: str, nodes: Mapping[str, Node], shared: tuple[NodeNetwork, ...]) -> Iterator[Problem]:
    """The networks of each node.

    :param where: in which part of the data plane they are; with a dot behind it.
    """
    for name, node in nodes.items():
        here = f"{where}nodes.{name}"
        networks = [network for network in node.networks or shared if network is not None]
        if not networks:
            rule = f"are missing; give them to the node, or to all with data_plane.networks, {CONTROL_NETWORK} first"
            yield _problem(zone, f"{here}.networks", None, rule, GUIDE)
            continue
        yield from _networks(zone, f"{here}.networks", networks)


def _no_common_address(zone: Zone, path: str, networks: tuple[NodeNetwork, ...], nodes: int) -> Iterator[Problem]:
    shared = [network.name for network in networks if network is not None and network.fixed_ip]
    if shared and nodes > 1:
        rule = f"has a fixed address on {', '.join(shared)}, which all nodes would get; write it into one node"
        yield _problem(zone, path, None, rule)


def _networkers(zone: Zone, plane: ZoneDataPlane, region: Region) -> Iterator[Problem]:
    for index, item in enumerate(plane.networkers):
        if item is None:
            continue
        where = f"networkers[{index}]"
        if not item.nodes:
            yield _problem(zone, f"{where}.nodes", None, "is empty; name the hosts, or leave the set out")
        yield from _attached(zone, f"{where}.", item.nodes, item.networks or plane.networks)
        yield from _no_common_address(zone, f"{where}.networks", item.networks, len(item.nodes))
        services = networker_services(item, region)
        named = f"{where}.services" if item.services else where
        for name in (NOVA, LIBVIRT, plane.service):
            if name in services:
                rule = (
                    "is for hosts with servers, and these have none: remove it, or list the hosts in data_plane.nodes"
                )
                yield _problem(zone, named, name, rule)
        if KNOWN_HOSTS not in services:
            rule = f"has no `{KNOWN_HOSTS}` among its services, which has to be deployed when a host leaves; add it"
            yield _problem(zone, named, None, rule)


def _networks(zone: Zone, path: str, networks: list[NodeNetwork]) -> Iterator[Problem]:
    names = [network.name for network in networks]
    if CONTROL_NETWORK not in names:
        rule = f"have no {CONTROL_NETWORK}{nearest(CONTROL_NETWORK, names)}, over which the host is deployed; add it"
        yield _problem(zone, path, None, rule, GUIDE)
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield _problem(zone, path, name, "is there twice; remove one of them", OPERATORS)
    if sum(network.default_route for network in networks) > 1:
        yield _problem(zone, path, None, "have several default routes; a host has one", OPERATORS)


def _ports(zone: Zone, plane: ZoneDataPlane) -> Iterator[Problem]:
    given = {"ansible_port": plane.ansible_port}
    given |= {f"{path}.ansible_port": node.ansible_port for path, node in _all_nodes(plane)}
    for path, port in given.items():
        if port is not None and not is_port(port):
            yield _problem(zone, path, port, WRONG_PORT)


def is_port(port: int) -> bool:
    """Whether something can listen there."""
    return 0 < port < 65536


def _services(zone: Zone, plane: ZoneDataPlane, region: Region) -> Iterator[Problem]:
    services = services_of(plane, region)
    where = "services" if plane.services else ""
    if NOVA not in services:
        rule = f"has no `{NOVA}` among its services, the placeholder of the zone's own nova service; add it"
        yield _problem(zone, where, None, rule, GUIDE)
    if plane.service in services:
        yield _problem(
            zone, where, plane.service, f"is the zone's own nova service; write the placeholder `{NOVA}` instead", GUIDE
        )
    if plane.service in STOCK:
        rule = "is a service that the operators create themselves and would overwrite; choose another name"
        yield _problem(zone, "service", plane.service, rule, OPERATORS)
    if zone.ceph and zone.ceph.files_secret and CEPH_CLIENT not in services:
        rule = f"has no `{CEPH_CLIENT}` among its services, without which the hosts cannot reach the zone's Ceph; add it before `libvirt`"
        yield _problem(zone, where, None, rule, "RHOSO: Ceph")


def _config(zone: Zone, plane: ZoneDataPlane) -> Iterator[Problem]:
    for section, options in plane.config.items():
        for option in options:
            source = WRITTEN.get(section, {}).get(option)
            if source:
                yield _problem(zone, f"config.{section}.{option}", None, f"is written from {source}; remove it here")


def _compute_hosts(zone: Zone, plane: ZoneDataPlane) -> Iterator[Problem]:
    """Host names typed twice soon differ."""
    listed = [host for host in zone.compute_hosts if host is not None]
    for host in host_names(plane):
        if host not in listed:
            rule = f"lacks {host}, a node of data_plane{nearest(host, listed)}; remove compute.hosts, it follows from the nodes"
            yield Problem(zone.name, "compute.hosts", "", rule, "")


def _once(planes: list[tuple[Zone, ZoneDataPlane]]) -> Iterator[Problem]:
    """Names and addresses that may occur once in the region. The later one is the problem and names the earlier."""
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for zone, plane in planes:
        for kind, path, value in _unique(plane):
            owner, place = first.setdefault((kind, value), (zone.name, path))
            if (owner, place) != (zone.name, path):
                where = f"of zone {owner} (data_plane.{place})" if owner != zone.name else f"of {place}"
                yield _problem(zone, path, value, f"is also that {where}; each needs its own {kind}", OPERATORS)


def _unique(plane: ZoneDataPlane) -> Iterator[tuple[str, str, str]]:
    yield "NodeSet", "node_set", plane.node_set
    yield "service", "service", plane.service
    yield "ConfigMap", "config_map", plane.config_map
    for index, item in enumerate(plane.networkers):
        if item is not None:
            yield "NodeSet", f"networkers[{index}].node_set", item.node_set
    for path, node in _all_nodes(plane):
        yield "host name", path, node.host_name or path.rpartition(".")[2]
        yield "address", f"{path}.address", node.address
        for index, network in enumerate(node.networks):
            if network is not None and network.fixed_ip and network.fixed_ip != node.address:
                yield "address", f"{path}.networks[{index}].fixed_ip", network.fixed_ip


def _all_nodes(plane: ZoneDataPlane) -> Iterator[tuple[str, Node]]:
    """Compute hosts and networkers, by where they stand."""
    yield from ((f"nodes.{name}", node) for name, node in plane.nodes.items())
    for index, item in enumerate(plane.networkers):
        if item is not None:
            yield from ((f"networkers[{index}].nodes.{name}", node) for name, node in item.nodes.items())
