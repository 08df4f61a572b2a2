# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as text for Prometheus, to be read by the textfile collector of its node exporter. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ..model import Outcome
from ..snapshot.compute import host_condition
from ..snapshot.kinds import COMPUTE, HOST_STATES

Labels = Mapping[str, str]


def prometheus(outcome: Outcome, snapshot: Mapping[str, Any]) -> str:
    """The metrics, each with its help."""
    objects = snapshot["objects"]
    taken = datetime.fromisoformat(str(snapshot["taken"])).timestamp()
    hosts = _hosts(snapshot)
    findings = Counter((one.rule.id, one.severity, one.zone) for one in outcome.open)
    lines = [
        *_metric("zoneops_verified_timestamp_seconds", "When the region was audited.", [({}, taken)]),
        *_metric(
            "zoneops_zone_hosts",
            "Compute hosts of a zone by state.",
            [({"zone": zone, "state": state}, number) for (zone, state), number in sorted(hosts.items())],
        ),
        *_metric(
            "zoneops_zone_loss_fits",
            "Whether the region has room for the servers of a zone that is lost.",
            [
                ({"lost": str(zone["name"])}, int(zone["loss_fits"]))
                for zone in objects["zone"]
                if zone["loss_fits"] is not None
            ],
        ),
        *_metric(
            "zoneops_zone_loss_headroom_percent",
            "What is free, of vCPUs or memory, when a zone is lost and everything is in place again.",
            [
                ({"lost": str(zone["name"])}, zone["loss_headroom_percent"])
                for zone in objects["zone"]
                if zone["loss_headroom_percent"] is not None
            ],
        ),
        *_metric(
            "zoneops_finding",
            "Findings that are not muted.",
            [
                ({"rule": rule, "severity": severity, "zone": zone}, number)
                for (rule, severity, zone), number in sorted(findings.items())
            ],
        ),
        *_metric("zoneops_rules_unknown", "Rules that could not be evaluated.", [({}, len(outcome.unknown))]),
    ]
    return "".join(f"{line}\n" for line in lines)


def _hosts(snapshot: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    """How many hosts are in each zone and state. None is a number too: an alert on it never fires where the series is missing."""
    objects = snapshot["objects"]
    known = () if COMPUTE in snapshot["unread"] else objects["zone"]
    with_hosts = [str(zone["name"]) for zone in known if zone["hosts"] or zone["missing_hosts"]]
    counted = Counter((str(host["zone"] or ""), host_condition(host)) for host in objects["host"])
    return {**{(zone, state): 0 for zone in with_hosts for state in HOST_STATES}, **counted}


def _metric(name: str, text: str, values: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} gauge"
    for labels, value in values:
        inside = ",".join(f'{key}="{_escaped(one)}"' for key, one in labels.items())
        yield f"{name}{{{inside}}} {value:.15g}" if labels else f"{name} {value:.15g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
