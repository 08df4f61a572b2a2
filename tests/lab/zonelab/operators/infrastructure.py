# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memcached, RabbitMQ, galera and the databases of OVN: only as far as their pods go. And the names that hosts find zones by."""

from __future__ import annotations

from zonelab.operators.workload import Part, release, run
from zonelab.operators.world import Object, Wanted, World, child

DNS_DATA = "dns-svc"
HOSTNAME = "dnsmasq.network.openstack.org/hostname"
MEMCACHED_PORTS = {"memcached-tls": 11212, "memcached": 11211}


def memcached(own: Object, world: World) -> Wanted:
    """A StatefulSet and its headless Service."""
    name = own["metadata"]["name"]
    labels = {"app": "memcached", "cr": name, "owner": "infra-operator", "service": "memcached"}
    mine = {
        "memcached/name": name,
        "memcached/namespace": own["metadata"]["namespace"],
        "memcached/uid": own["metadata"]["uid"],
    }
    part = Part(
        labels=labels,
        containers=("memcached",),
        account=f"memcached-{name}",
        mark=f"memcached-{name}",
        set_name=name,
        service_name=name,
        pod_labels={**labels, **mine},
        set_labels=False,
    )
    if own["metadata"].get("deletionTimestamp"):
        return release(own, part, forgets=True)
    wanted = run(own, world, part)
    ports = [{"name": port, "port": number, "protocol": "TCP"} for port, number in MEMCACHED_PORTS.items()]
    spec = {"clusterIP": "None", "selector": {"app": "memcached", "service": "memcached"}, "ports": ports}
    wanted.children.append(child("Service", name, own, spec, {**labels, **mine}))
    return wanted


def rabbitmq(own: Object, world: World) -> Wanted:
    """A StatefulSet."""
    name = own["metadata"]["name"]
    labels = {f"app.kubernetes.io/{key}": value
              for key, value in (("name", name), ("component", "rabbitmq"), ("part-of", "rabbitmq"))}  # fmt: skip
    part = Part(
        labels=labels,
        containers=("rabbitmq",),
        account=f"{name}-server",
        mark=f"rabbitmq-{name}",
        set_name=f"{name}-server",
        parallel=True,
        service_name=f"{name}-nodes",
        selector={"app.kubernetes.io/name": name},
    )
    if own["metadata"].get("deletionTimestamp"):
        return release(own, part, forgets=False)
    return run(own, world, part)


def galera(own: Object, world: World) -> Wanted:
    """A StatefulSet: of its members only where they are."""
    name = own["metadata"]["name"]
    part = Part(
        labels={"app": "galera", "cr": f"galera-{name}", "owner": "mariadb-operator"},
        containers=("galera",),
        account=f"galera-{name}",
        mark=f"galera-{name}",
        set_name=f"{name}-galera",
        service_name=f"{name}-galera",
        parallel=True,
    )
    if own["metadata"].get("deletionTimestamp"):
        return release(own, part, forgets=False)
    wanted = run(own, world, part)
    wanted.status = {**(wanted.status or {}), "bootstrapped": True, "stopRequired": False}
    del wanted.status["readyCount"]  # it has none
    return wanted


def network_database(own: Object, world: World) -> Wanted:
    """A StatefulSet, for each of OVN's two databases."""
    name = own["metadata"]["name"]
    part = Part(
        labels={"service": name},
        containers=("ovndbcluster",),
        account=f"ovncluster-{name}",
        mark=f"ovndbcluster-{name}",
        set_name=name,
        service_name=name,
        parallel=True,
    )
    if own["metadata"].get("deletionTimestamp"):
        return release(own, part, forgets=False)
    return run(own, world, part)


def dns_data(own: Object, world: World) -> Object:
    """The names of Services with an address: hosts find a zone's glance by them (section 3)."""
    hosts = [
        {"hostnames": [hostname], "ip": ingress["ip"]}
        for service in sorted(world.all("Service"), key=lambda one: str(one["metadata"]["name"]))
        if service["spec"].get("type") == "LoadBalancer"
        if (hostname := (service["metadata"].get("annotations") or {}).get(HOSTNAME))
        for ingress in ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    ]
    return child("DNSData", DNS_DATA, own, {"dnsDataLabelSelectorValue": "dnsdata", "hosts": hosts})
