# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The floor: a bare keystoneauth script that makes the same lists and the same writes, and nothing else.

No zone map, no guards, no lock, no second look, no Ansible: what is left is what the cloud itself takes. `python floor.py WANTED [--check]`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from keystoneauth1.adapter import Adapter
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session

# Aggregates and services have been the same since; the services' actions go by UUID.
NOVA = "2.53"
CINDER = "3.0"
# Lists share types with their extra specs, and the zones among them.
MANILA = "2.48"
Wanted = dict[str, Any]
AZ = "availability_zone"


@dataclass(frozen=True)
class Cloud:
    """The services of the cloud `lab`."""

    nova: Adapter
    cinder: Adapter
    manila: Adapter

    @classmethod
    def named_in(cls, clouds_file: Path) -> Cloud:
        cloud = yaml.safe_load(clouds_file.read_text())["clouds"]["lab"]
        session = Session(auth=Password(**cloud["auth"]))

        def service(service_type: str, version: str) -> Adapter:
            return Adapter(
                session,
                service_type=service_type,
                region_name=cloud["region_name"],
                default_microversion=version,
                raise_exc=True,
            )

        return cls(service("compute", NOVA), service("block-storage", CINDER), service("shared-file-system", MANILA))


@dataclass(frozen=True)
class Observed:
    """What there is, by name: aggregates, compute hosts, types with their extra specs and ids."""

    aggregates: dict[str, dict[str, Any]]
    hosts: set[str]
    volume_types: dict[str, dict[str, Any]]
    share_types: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Write:
    """A POST. `aggregate` is the name of the one whose action it is, empty for all others."""

    service: str
    path: str
    body: dict[str, Any]
    aggregate: str = ""


def observe(cloud: Cloud, *, types: bool) -> Observed:
    """Two calls, with the types four."""
    aggregates = cloud.nova.get("/os-aggregates").json()["aggregates"]
    services = cloud.nova.get("/os-services", params={"binary": "nova-compute"}).json()["services"]
    volume_types = share_types = []
    if types:
        volume_types = cloud.cinder.get("/types", params={"is_public": "None"}).json()["volume_types"]
        share_types = cloud.manila.get("/types", params={"is_public": "all"}).json()["share_types"]
    return Observed(
        {found["name"]: found for found in aggregates},
        {service["host"] for service in services},
        {found["name"]: found for found in volume_types},
        {found["name"]: found for found in share_types},
    )


def writes(wanted: Sequence[Wanted], observed: Observed) -> Iterator[Write]:
    """What has to be written: new aggregates, hosts out, hosts in, types."""
    for zone in wanted:
        if unknown := set(zone["hosts"]) - observed.hosts:
            raise SystemExit(f"unknown hosts: {sorted(unknown)}")
        name = zone["name"]
        if name not in observed.aggregates:
            yield Write("nova", "/os-aggregates", {"aggregate": {"name": name, AZ: name}})
        metadata = observed.aggregates.get(name, {}).get("metadata", {})
        if any(metadata.get(key) != value for key, value in zone["metadata"].items()):
            yield Write("nova", "action", {"set_metadata": {"metadata": zone["metadata"]}}, name)
    for action in ("remove_host", "add_host"):
        for zone in wanted:
            there, asked = set(observed.aggregates.get(zone["name"], {}).get("hosts", [])), set(zone["hosts"])
            for host in sorted(there - asked if action == "remove_host" else asked - there):
                yield Write("nova", "action", {action: {"host": host}}, zone["name"])
    yield from _types([zone for zone in wanted if zone["types"]], observed)


def _types(wanted: Sequence[Wanted], observed: Observed) -> Iterator[Write]:
    for zone in wanted:
        specs = {"RESKEY:availability_zones": zone["name"]}
        if _lacks(observed.volume_types, zone["name"], specs):
            yield Write("cinder", "/types", {"volume_type": {"name": zone["name"], "extra_specs": specs}})
        specs = {"availability_zones": zone["name"]}
        if _lacks(observed.share_types, zone["name"], specs):
            specs = {"driver_handles_share_servers": "False", **specs}
            yield Write("manila", "/types", {"share_type": {"name": zone["name"], "extra_specs": specs}})


def _lacks(types: dict[str, dict[str, Any]], name: str, specs: dict[str, str]) -> bool:
    if name in types and not specs.items() <= types[name]["extra_specs"].items():
        raise SystemExit(f"type {name} has other extra specs: {types[name]['extra_specs']}")
    return name not in types


def remove(cloud: Cloud, observed: Observed) -> None:
    """The cloud as it was before any zone."""
    for found in observed.aggregates.values():
        for host in found["hosts"]:
            cloud.nova.post(f"/os-aggregates/{found['id']}/action", json={"remove_host": {"host": host}})
        cloud.nova.delete(f"/os-aggregates/{found['id']}")
    for service, types in ((cloud.cinder, observed.volume_types), (cloud.manila, observed.share_types)):
        for found in types.values():
            # The types that the lab starts with are its defaults.
            if found["name"] in observed.aggregates:
                service.delete(f"/types/{found['id']}")


def main() -> None:
    wanted = json.loads(Path(sys.argv[1]).read_text())
    cloud = Cloud.named_in(Path(os.environ["OS_CLIENT_CONFIG_FILE"]))
    observed = observe(cloud, types=wanted[0]["types"])
    planned = list(writes(wanted, observed))
    ids = {name: found["id"] for name, found in observed.aggregates.items()}
    for write in planned if "--check" not in sys.argv else ():
        path = f"/os-aggregates/{ids[write.aggregate]}/{write.path}" if write.aggregate else write.path
        answer = getattr(cloud, write.service).post(path, json=write.body).json()
        if write.service == "nova":
            ids[answer["aggregate"]["name"]] = answer["aggregate"]["id"]
    print(json.dumps({"changed": bool(planned)}))


if __name__ == "__main__":
    main()
