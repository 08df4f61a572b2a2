# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the rules of an audit take, and how that grows: `make benchmark ARGS=audit`. No cloud: what is measured is the snapshot and the rules."""

from __future__ import annotations

import argparse
import gc
import os
import resource
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.volume_model import Backup, Volume
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.evaluate import evaluate
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.files import rules_in
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.build import build
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.read import Seen
from ansible_collections.zoneops.openstack.plugins.module_utils._region.region import Region
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap

ROOT = Path(__file__).resolve().parents[3]
SERVERS = "1000,10000,30000"
# Hosts of a zone and servers of a host stay the same while the region grows; each server has a volume with a backup.
HOSTS, PER_HOST = 30, 10
NOW = datetime(2030, 1, 31, tzinfo=UTC)
LIMIT_SECONDS, LIMIT_MB = 10.0, 1024
HEAD = ("servers", "zones x hosts", "snapshot CPU s", "rules CPU s", "MB", "findings")


@dataclass(frozen=True)
class Measured:
    """One size."""

    servers: int
    zones: int
    snapshot: float
    rules: float
    megabytes: int
    findings: int

    @property
    def cells(self) -> tuple[str, ...]:
        size = f"{self.zones}x{HOSTS}"
        return (
            str(self.servers),
            size,
            f"{self.snapshot:.2f}",
            f"{self.rules:.2f}",
            str(self.megabytes),
            str(self.findings),
        )


def region_of(zones: int, servers: int) -> tuple[Seen, ZoneMap]:
    """Every hundredth server is in ERROR, and every tenth host is disabled without a reason."""
    names = [f"az{zone}" for zone in range(zones)]
    hosts = [(f"{zone}-{number}", zone) for zone in names for number in range(HOSTS)]
    zone_map = load_map(
        {zone: {"compute": {"hosts": [name for name, of in hosts if of == zone]}} for zone in names}, {"zones": names}
    )
    region = Region(
        aggregates=[
            {"id": number, "name": zone, "availability_zone": zone, "metadata": {}, "hosts": []}
            for number, zone in enumerate(names)
        ],
        hosts=[
            {
                "name": name,
                "availability_zone": zone,
                "aggregates": [zone],
                "state": "up",
                "status": "enabled" if number % 10 else "disabled",
                "disabled_reason": None,
                "forced_down": False,
            }
            for number, (name, zone) in enumerate(hosts)
        ],
        availability_zones={"nova": [{"name": zone, "available": True} for zone in names]},
    )
    listed = [
        {
            "id": str(number),
            "name": f"server-{number}",
            "status": "ACTIVE" if number % 100 else "ERROR",
            "OS-EXT-SRV-ATTR:host": hosts[number % len(hosts)][0],
            "pinned_availability_zone": hosts[number % len(hosts)][1],
        }
        for number in range(servers)
    ]
    zone_of = [hosts[number % len(hosts)][1] for number in range(servers)]
    made = NOW - timedelta(days=1)
    volumes = [Volume(f"v{n}", f"v{n}", 1, "in-use", zone, attached_to=(str(n),)) for n, zone in enumerate(zone_of)]
    backups = [Backup(f"b{n}", f"b{n}", f"v{n}", "available", 1, zone, made, made) for n, zone in enumerate(zone_of)]
    return Seen(region, servers=listed, volumes=volumes, backups=backups), zone_map


def _measured(servers: int) -> Measured:
    """In a process of its own: memory is that of its own largest moment."""
    zones = max(2, round(servers / (HOSTS * PER_HOST)))
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        seen, zone_map = region_of(zones, servers)
        rules = rules_in([str(ROOT / "roles" / "audit" / "files" / "rules")])
        gc.collect()
        begun = time.process_time()
        snapshot = build(seen, zone_map, NOW)
        built = time.process_time()
        outcome = evaluate(rules, snapshot)
        ended = time.process_time()
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        answer = (built - begun, ended - built, megabytes, len(outcome.findings))
        os.write(writer, " ".join(map(str, answer)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answered:
        text = answered.read().split()
    _child, status = os.waitpid(child, 0)
    if status:
        raise SystemExit("the audit failed, see above")
    return Measured(servers, zones, float(text[0]), float(text[1]), int(text[2]), int(text[3]))


def main() -> int:
    parser = argparse.ArgumentParser(prog="make benchmark ARGS='audit …'", description=sys.modules["__main__"].__doc__)
    parser.add_argument("--servers", default=SERVERS, help="numbers of servers (default: %(default)s)")
    arguments = parser.parse_args()
    print(f"| {' | '.join(HEAD)} |\n|{' --- |' * len(HEAD)}")
    over = []
    for servers in sorted(int(size) for size in arguments.servers.split(",")):
        found = _measured(servers)
        print(f"| {' | '.join(found.cells)} |", flush=True)
        if found.snapshot + found.rules > LIMIT_SECONDS or found.megabytes > LIMIT_MB:
            over.append(f"{servers} servers")
    limit = f"{LIMIT_SECONDS:g} s and {LIMIT_MB} MB"
    print(f"\n{f'over {limit}: ' + '; '.join(over) if over else f'all within {limit}'}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
