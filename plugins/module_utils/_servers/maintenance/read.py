# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the services for a maintenance: a number of calls that does not grow with hosts or servers."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..._block_storage.api.cinder import Cinder
from ..._capacity.facts.hosts import providers_by_name, zone_of
from ..._capacity.model import Workload
from ..._capacity.read import read as read_capacity
from ..._compute.host_names import as_nova_has_it
from ..._compute.model import Host, Observed
from ..._compute.nova import Nova
from ..._compute.placement import Placement
from ..._network.neutron import Neutron
from ..._openstack.cloud import Cloud
from ..._plan.errors import ZoneopsError
from ..._plan.progress import Awaited
from ..._shared_filesystem.api.manila import Manila
from ..flight import RECORD_SECONDS
from ..migrations import Migrations
from .marks import mark_of
from .model import Attendant, Region
from .owner import at_work

# Agents that serve other hosts' servers as well.
SERVING = ("neutron-l3-agent", "neutron-dhcp-agent", "neutron-bgp-dragent", "ironic-neutron-agent")
#: The name of the server that a canary creates on a host begins so.
CANARY = "zoneops-canary-"
LOOK_SECONDS = 1.0
MIGRATING = ("migrating", "resize_", "rebuild")
VERIFY = ("VERIFY_RESIZE", "RESIZE", "MIGRATING", "REVERT_RESIZE", "REBUILD")
UNKNOWN = "a cell does not answer"


def read_to_begin(cloud: Cloud, calls: Migrations, asked: Collection[str], *, stopped: bool = False) -> Region:
    """With servers and their room.

    :param stopped: with those that the maintenance of a zone stopped.
    :param asked: the hosts that are to be emptied, as far as they exist.
    """
    found: list[Observed] = []

    def about(observed: Observed) -> Collection[str]:
        found.append(observed)
        return [name for name in asked if name in observed.hosts]

    seen = read_capacity(cloud, about)
    observed, facts = found[0], seen.facts
    busy = any((server.task or "").startswith(MIGRATING) or server.status in VERIFY for server in facts.servers)
    attendants, unread = _attendants(cloud, observed.hosts)
    return Region(
        hosts=observed.hosts,
        zones={name: zone_of(observed, host) for name, host in observed.hosts.items()},
        facts=facts,
        migrations=calls.unfinished(all_of_them=busy),
        running=_running(observed.hosts, asked),
        attendants=attendants,
        stopped=calls.stopped() if stopped else (),
        user=cloud.user_id(),
        unread=(*(f"{what}: {reason}" for what, reason in seen.errors.items()), *unread),
        incomplete=tuple(warning for warning in seen.warnings if warning.startswith(UNKNOWN)),
    )


def read_recorded(read: Callable[[], Region], pending: Callable[[Region], Sequence[Workload]], cloud: Cloud) -> Region:
    """The region, once nova has a record of every migration that an earlier run began.

    :param pending: the servers whose record is missing.
    """
    awaited = Awaited("")
    while True:
        found = read()
        missing = pending(found)
        if not missing or awaited.seconds >= RECORD_SECONDS or not cloud.deadline.remaining():
            return found
        awaited.is_now(f"server {missing[0].label}: nova has no record of its migration yet ({missing[0].task})")
        time.sleep(LOOK_SECONDS)
        cloud.look_again()


def in_a_maintenance(host: Host) -> bool:
    return mark_of(host) is not None


def read_to_end(
    cloud: Cloud,
    nova: Nova,
    calls: Migrations,
    asked: Collection[str],
    *,
    stopped: bool = False,
    away: Callable[[Host], bool] = in_a_maintenance,
) -> Region:
    """Without servers: nothing is moved.

    :param stopped: with those that the maintenance of a zone stopped.
    :param away: whether a host is one of those that come back: without any, migrations are not asked for.
    """
    aggregates = nova.aggregates()
    hosts, incomplete = nova.hosts()
    observed = Observed(aggregates, hosts)
    attendants, unread = _attendants(cloud, hosts)
    user = cloud.user_id() if stopped else ""
    left = calls.stopped() if stopped else ()
    canaries = {server.name.removeprefix(CANARY): server.id for server in calls.named(CANARY) if server.canary}
    marked = any(away(hosts[name]) for name in asked if name in hosts)
    return Region(
        hosts=hosts,
        zones={name: zone_of(observed, host) for name, host in hosts.items()},
        # Also those that no server's task shows: a server whose resize waits can be on any host.
        migrations=calls.unfinished(all_of_them=True) if marked else (),
        running=_running(hosts, asked),
        attendants=attendants,
        stopped=left,
        restopped=frozenset(one.id for one in left if one.status == "SHUTOFF" and _is_restopped(calls, one.id, user)),
        user=user,
        canaries={host: server for host, server in canaries.items() if host in hosts},
        unread=unread,
        incomplete=incomplete,
    )


def _is_restopped(calls: Migrations, server: str, user: str) -> bool:
    """Whether somebody else stopped it after this collection did. Nova only stops running servers, so its owner started it in between."""
    last, *earlier = calls.stopped_by(server) or [user]
    return last != user and user in earlier


def providers_of(nova: Nova, placement: Placement, hosts: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """The resource providers of hosts: by their names, and only where these do not tell by nova's list of hypervisors."""
    wanted = list(hosts)
    by_provider = providers_by_name(placement.names(), wanted)
    if by_provider is None:
        return nova.all_providers()
    return {host: (provider,) for provider, host in by_provider.items()}


def _running(hosts: Mapping[str, Host], asked: Collection[str]) -> dict[str, str]:
    return {name: text for name in asked if name in hosts and (text := at_work(hosts[name]))}


def _attendants(cloud: Cloud, hosts: Collection[str]) -> tuple[tuple[Attendant, ...], tuple[str, ...]]:
    """What else runs on hosts, by nova's names of these, and what could not be read of it: nothing is decided by it."""
    found: list[Attendant] = []
    unread: list[str] = []
    sources: tuple[tuple[str, Callable[[Cloud], Iterator[Attendant]]], ...] = (
        ("neutron agents", _agents),
        ("cinder services", _cinder),
        ("manila services", _manila),
    )
    for what, ask in sources:
        try:
            found += (replace(one, host=as_nova_has_it(one.host, hosts)) for one in ask(cloud))
        except ZoneopsError as error:
            unread.append(f"{what}: {error.message}")
    return tuple(found), tuple(unread)


def _agents(cloud: Cloud) -> Iterator[Attendant]:
    service = cloud.service("network", version="2")
    for entry in Neutron(service).agents() if service.present() else ():
        binary = str(entry.get("binary") or entry.get("agent_type"))
        up = bool(entry.get("alive")) and bool(entry.get("admin_state_up", True))
        yield Attendant(str(entry.get("host")), binary, up, binary in SERVING)


def _cinder(cloud: Cloud) -> Iterator[Attendant]:
    service = cloud.service("block-storage")
    yield from _services(Cinder(service).services() if service.present() else ())


def _manila(cloud: Cloud) -> Iterator[Attendant]:
    service = cloud.service("shared-file-system")
    yield from _services(Manila(service).services() if service.present() else ())


def _services(entries: Iterable[Mapping[str, Any]]) -> Iterator[Attendant]:
    for entry in entries:
        host = str(entry.get("host") or "")
        text = f"{entry.get('binary')} {host}"
        yield Attendant(host.partition("@")[0], text, entry.get("state") == "up", serves=True)
