# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Round-trip times between the members of etcd, as they measure them themselves all the time, from Prometheus."""

from __future__ import annotations

import json
import math
import urllib.error
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from .._plan.errors import ZoneopsError
from .pairs import Pair

#: 99 of 100 round trips of the last minutes took at most this.
ROUND_TRIPS = (
    "histogram_quantile(0.99, sum by (pod, To, le) (rate(etcd_network_peer_round_trip_time_seconds_bucket[5m])))"
)
MEMBERS = "etcd_server_id"
#: OpenShift calls the pod of a member after its node.
POD = "etcd-"

Fetch = Callable[[str], bytes]


def measured(url: str, fetch: Fetch, zone_of: Mapping[str, str]) -> list[Pair]:
    """Between all members.

    :param fetch: gets an address, with whatever signs the request in.
    :param zone_of: the zone of each master node; short names and names with a domain are the same.
    """
    pods = {str(row["metric"].get("server_id")): str(row["metric"].get("pod")) for row in _query(url, MEMBERS, fetch)}
    if not pods:
        raise ZoneopsError(
            f"Prometheus at {url} knows no member of etcd ({MEMBERS}): is it the cluster's own monitoring?"
        )
    found = list(_pairs(_query(url, ROUND_TRIPS, fetch), pods, zone_of))
    return sorted((*found, *_missing(found, pods.values(), zone_of)), key=lambda pair: (pair.start, pair.end))


def _missing(found: Iterable[Pair], pods: Iterable[str], zone_of: Mapping[str, str]) -> Iterator[Pair]:
    """Every two masters of the map in different zones that no member has times of, in none of the two directions."""
    known = {frozenset((_short(pair.start), _short(pair.end))) for pair in found}
    members = {_short(pod.removeprefix(POD)) for pod in pods}
    for start, end in combinations(sorted(zone_of), 2):
        if zone_of[start] != zone_of[end] and frozenset((_short(start), _short(end))) not in known:
            silent = [name for name in (start, end) if _short(name) not in members]
            no_member = f"Prometheus knows no member of etcd on {', '.join(silent)}"
            why = no_member if silent else "Prometheus has no measurements of them"
            yield Pair(_short(start), _short(end), zone_of[start], zone_of[end], None, "etcd", why)


def _pairs(rows: list[dict[str, Any]], pods: Mapping[str, str], zone_of: Mapping[str, str]) -> Iterator[Pair]:
    for row in rows:
        start = str(row["metric"].get("pod")).removeprefix(POD)
        end = pods.get(str(row["metric"].get("To")), "").removeprefix(POD)
        if not end:
            continue  # a member that is gone: its times stand for some minutes
        seconds = float(row["value"][1])
        known = not math.isnan(seconds)
        why = "" if known else "nothing was sent between them in the last minutes"
        yield Pair(
            start, end, _zone(start, zone_of), _zone(end, zone_of), seconds * 1000 if known else None, "etcd", why
        )


def _zone(node: str, zone_of: Mapping[str, str]) -> str:
    short = {_short(name): zone for name, zone in zone_of.items()}
    zone = zone_of.get(node) or short.get(_short(node))
    if zone is None:
        raise ZoneopsError(
            f"etcd runs on {node}, which is no master of a zone: list it in kubernetes.masters of its zone."
        )
    return zone


def _short(node: str) -> str:
    return node.partition(".")[0]


def _query(url: str, query: str, fetch: Fetch) -> list[dict[str, Any]]:
    address = f"{url.rstrip('/')}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    try:
        answer = json.loads(fetch(address))
    except urllib.error.HTTPError as error:
        hint = " Give its token the role cluster-monitoring-view." if error.code in (401, 403) else ""
        raise ZoneopsError(f"Prometheus at {url} answered {error.code} {error.reason}.{hint}") from error
    except (OSError, ValueError) as error:
        raise ZoneopsError(f"Prometheus at {url} cannot be read: {error}") from error
    if not isinstance(answer, dict) or answer.get("status") != "success":
        raise ZoneopsError(f"{url} did not answer as Prometheus does. Give its address without /api.")
    rows: list[dict[str, Any]] = answer["data"]["result"]
    return rows
