# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memcached and RabbitMQ: only as far as their pods go."""

from __future__ import annotations

from zonelab.operators.workload import Part, release, run
from zonelab.operators.world import Object, Wanted, World, child

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
