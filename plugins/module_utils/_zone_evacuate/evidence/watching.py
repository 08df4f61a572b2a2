# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether hosts that are forced down still report. Nova shows them as down either way, and writes the record of each at every report."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

from ..._openstack.cloud import Cloud
from ..._plan.progress import Awaited
from ..._servers.guarding import nova_time
from ..times import moment

#: Nova itself waits so long for a report (service_down_time, by default). A record that is older is that of a host that is silent.
SILENT = timedelta(seconds=60)
INTERVALS = 3
#: Nobody lets nova's services report more seldom: what is older was written by a clock that is wrong.
SELDOM = timedelta(minutes=5)
LOOK_SECONDS = 2.0
#: How often one other service reports while two of nova's intervals pass: no API shows how long these are.
REPORTS = 3
COMPUTE = "nova-compute"

Entries = Iterable[Mapping[str, Any]]


def written(entries: Entries) -> dict[str, str]:
    """When the record of each host was last written."""
    return {
        str(entry.get("host")): str(entry.get("updated_at") or "")
        for entry in entries
        if entry.get("binary") == COMPUTE
    }


def doubtful(entries: Collection[Mapping[str, Any]], hosts: Iterable[str]) -> dict[str, str]:
    """Those whose record is so new that it can be a report; with that time."""
    times = written(entries)
    now = moment(nova_time(entries).isoformat())
    silent = _silent(entries)
    return {name: times[name] for name in hosts if times.get(name) and now - moment(times[name]) <= silent}


def _silent(entries: Entries) -> timedelta:
    """After which a host is silent, longer where services that are up report seldom: the oldest of their records is nearly as old as their interval."""
    entries = list(entries)
    now = moment(nova_time(entries).isoformat())
    up = (one for one in entries if one.get("state") == "up" and not one.get("forced_down") and one.get("updated_at"))
    ages = (now - moment(str(one["updated_at"])) for one in up)
    return max([SILENT, *(INTERVALS * age for age in ages if age <= SELDOM)])


def reporting(
    services: Callable[[], Collection[Mapping[str, Any]]], hosts: Mapping[str, str], cloud: Cloud
) -> dict[str, str]:
    """Those whose record is written again within two report intervals of the other services, and when.

    :param hosts: with the time at the last look.
    """
    found: dict[str, str] = {}
    awaited = Awaited("")
    last: dict[str, str] = {}
    reports: Counter[str] = Counter()
    most = SILENT
    while len(found) < len(hosts):
        entries = services()
        most = max(most, _silent(entries))
        now = written(entries)
        found |= {name: now[name] for name, at in hosts.items() if now.get(name, at) != at}
        for entry in entries:
            # By its id: conductors of several cells have the same name on the same host.
            key, at = str(entry.get("id")), str(entry.get("updated_at") or "")
            reports[key] += key in last and entry.get("host") not in hosts and last[key] != at
            last[key] = at
        if max(reports.values(), default=0) >= REPORTS or awaited.seconds >= most.total_seconds():
            break
        awaited.is_now(f"{_listed(hosts)} forced down: whether nova-compute there reports")
        cloud.deadline.check("look whether hosts that are forced down still report")
        time.sleep(LOOK_SECONDS)
        cloud.look_again()
    return found


class Watch:
    """Hosts that are forced down, over all looks of a run."""

    def __init__(self, services: Callable[[], Collection[Mapping[str, Any]]], cloud: Cloud) -> None:
        self._services = services
        self._cloud = cloud
        # When the record of each was last written, as this run found or left it.
        self._written: dict[str, str] = {}

    def reporting(self, entries: Collection[Mapping[str, Any]], hosts: Collection[str]) -> dict[str, str]:
        """Those that still report, and when they last did. What is new is watched for a while, the rest is compared with the last look."""
        times = written(entries)
        again = {name: times.get(name, "") for name in hosts if self._written.get(name, "") != times.get(name, "")}
        known = {name: at for name, at in again.items() if name in self._written}
        new = doubtful(entries, (name for name in again if name not in known))
        found = {**known, **(reporting(self._services, new, self._cloud) if new else {})}
        self._written |= {name: times.get(name, "") for name in hosts if name not in found}
        return found

    def wrote(self, host: str, at: str) -> None:
        """This run itself wrote to its record."""
        self._written[host] = at

    def answers(self, host: str, at: str) -> bool:
        """Whether its record was written since."""
        return self._written.setdefault(host, at) != at


def _listed(hosts: Collection[str]) -> str:
    return f"host {next(iter(hosts))} is" if len(hosts) == 1 else f"{len(hosts)} hosts are"
