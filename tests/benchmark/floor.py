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
from pathlib import Path
from typing import Any

import yaml
from keystoneauth1.adapter import Adapter
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session

# Aggregates and services have been the same since; the services' actions go by UUID.
VERSION = "2.53"
Wanted = dict[str, Any]
Observed = tuple[dict[str, dict[str, Any]], set[str]]
Write = tuple[str, dict[str, Any]]


def compute(clouds_file: Path) -> Adapter:
    """Nova of the cloud `lab`."""
    cloud = yaml.safe_load(clouds_file.read_text())["clouds"]["lab"]
    session = Session(auth=Password(**cloud["auth"]))
    return Adapter(
        session, service_type="compute", region_name=cloud["region_name"], default_microversion=VERSION, raise_exc=True
    )


def observe(nova: Adapter) -> Observed:
    """The aggregates by name, and the names of the compute hosts: two calls."""
    aggregates = nova.get("/os-aggregates").json()["aggregates"]
    services = nova.get("/os-services", params={"binary": "nova-compute"}).json()["services"]
    return {found["name"]: found for found in aggregates}, {service["host"] for service in services}


def writes(
    wanted: Sequence[Wanted], aggregates: dict[str, dict[str, Any]], hosts: set[str]
) -> Iterator[tuple[str, Write]]:
    """What has to be written, each with the name of its aggregate: new aggregates, hosts out, hosts in."""
    for zone in wanted:
        if unknown := set(zone["hosts"]) - hosts:
            raise SystemExit(f"unknown hosts: {sorted(unknown)}")
        if zone["name"] not in aggregates:
            yield "", ("/os-aggregates", {"aggregate": {"name": zone["name"], "availability_zone": zone["name"]}})
        metadata = aggregates.get(zone["name"], {}).get("metadata", {})
        if any(metadata.get(key) != value for key, value in zone["metadata"].items()):
            yield zone["name"], ("action", {"set_metadata": {"metadata": zone["metadata"]}})
    for action in ("remove_host", "add_host"):
        for zone in wanted:
            there, asked = set(aggregates.get(zone["name"], {}).get("hosts", [])), set(zone["hosts"])
            for host in sorted(there - asked if action == "remove_host" else asked - there):
                yield zone["name"], ("action", {action: {"host": host}})


def remove(nova: Adapter, aggregates: dict[str, dict[str, Any]]) -> None:
    """The cloud as it was before any zone."""
    for found in aggregates.values():
        for host in found["hosts"]:
            nova.post(f"/os-aggregates/{found['id']}/action", json={"remove_host": {"host": host}})
        nova.delete(f"/os-aggregates/{found['id']}")


def main() -> None:
    wanted = json.loads(Path(sys.argv[1]).read_text())
    nova = compute(Path(os.environ["OS_CLIENT_CONFIG_FILE"]))
    aggregates, hosts = observe(nova)
    planned = list(writes(wanted, aggregates, hosts))
    ids = {name: found["id"] for name, found in aggregates.items()}
    for name, (path, body) in planned if "--check" not in sys.argv else ():
        where = path if not name else f"/os-aggregates/{ids[name]}/{path}"
        answer = nova.post(where, json=body).json()["aggregate"]
        ids[answer["name"]] = answer["id"]
    print(json.dumps({"changed": bool(planned)}))


if __name__ == "__main__":
    main()
