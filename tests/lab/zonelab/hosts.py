# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compute hosts of a lab, kept in its folder: those of the options, and those added since."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from zonelab.errors import LabError

if TYPE_CHECKING:
    from pathlib import Path

    from zonelab.options import Options


@dataclass(frozen=True)
class ComputeHost:
    """A host with a running nova-compute, or one that is a record in the databases only."""

    name: str
    zone: str | None
    record: bool = False


def hosts_of(options: Options) -> list[ComputeHost]:
    """compute-az1-0, compute-az1-1, ...: the running ones of a zone first, then its records."""
    return [
        ComputeHost(f"compute-{zone}-{number}", zone, record=number >= options.hosts)
        for zone in options.zones
        for number in range(options.hosts + options.record_hosts)
    ]


def read_hosts(file: Path, options: Options) -> list[ComputeHost]:
    """The file's, or those of the options for a new lab."""
    try:
        return [ComputeHost(**values) for values in json.loads(file.read_text())]
    except FileNotFoundError:
        return hosts_of(options)


def write_hosts(file: Path, hosts: list[ComputeHost]) -> None:
    """For the next start."""
    file.write_text(json.dumps([asdict(host) for host in hosts], indent=1) + "\n")


def zone_of(name: str, options: Options) -> str | None:
    """The zone that a host's name tells: compute-<zone>-<anything>."""
    return next((zone for zone in options.zones if name.startswith(f"compute-{zone}-")), None)


def named(hosts: list[ComputeHost], name: str) -> ComputeHost:
    """The host of this name."""
    for host in hosts:
        if host.name == name:
            return host
    raise LabError(f"compute host {name!r}: the lab has no such host; `zonelab add-host {name}` makes one")
