# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at a region: two lists of nova and one of each other service, however many zones and hosts there are.

The services are read in parallel. No look takes longer than its time limit: of a service that hangs it then knows nothing, of the others what they list.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Optional

from .._kubernetes.access.connect import connect as connect_cluster
from .._kubernetes.client import Cluster
from .._kubernetes.errors import ApiError as ClusterError
from .._kubernetes.objects import Ref
from .._openstack.cloud import Cloud, connect
from .._openstack.errors import ApiError, CloudError, NoApiError
from .._plan.errors import DeadlineExceeded, ZoneopsError, unexpected
from .._plan.text.scrub import SCRUBBER
from .._region.region import Region
from .._region.sections import READERS, SERVICE_TYPES
from . import judge
from .arguments import Arguments
from .model import NODES, NOVA, Member, Reading

SECTIONS = frozenset({"aggregates", "hosts", "services"})
ZONE_LABEL = "topology.kubernetes.io/zone"
NODE = Ref("v1", "Node")
#: What no waiting changes.
UNAUTHORIZED, FORBIDDEN = 401, 403
#: How much longer than its time limit a look is waited for: the limit itself gives the better message.
SLACK = 2.0

#: What a service lists; None where the cloud does not have the service.
Found = Optional[tuple[Member, ...]]  # noqa: UP045 - ansible-test's pylint takes no `A | B` here


@dataclass
class _Strict(Region):
    """The first list that cannot be read is an error: of half of nova's lists it would look as if zones were gone."""

    def read(self, what: str, call: Callable[[], Any]) -> Any:  # noqa: ARG002
        return call()


class Eyes:
    """One cloud, looked at again and again. It signs in again, and reads clouds.yaml again, after a look that something was missing from."""

    def __init__(self, arguments: Arguments) -> None:
        self._arguments = arguments
        self._cloud: Cloud | None = None
        self._cluster: Cluster | None = None
        self._present: set[str] = {NOVA}
        self._region = str(arguments.cloud.get("region_name") or "")

    @property
    def place(self) -> tuple[str, str]:
        """The cloud and the region by name, as far as they have one."""
        named = self._arguments.cloud.get("cloud")
        return str(named) if isinstance(named, str) else "", self._region

    def sign_in(self) -> None:
        """Before the first look: what no waiting changes is an error now. An API that is away is none."""
        try:
            self._sign_in(self._connected())
        except (ApiError, NoApiError, DeadlineExceeded) as error:
            if getattr(error, "status", None) == FORBIDDEN:
                raise
        if self._arguments.cluster is None:
            return
        self._cluster = connect_cluster(self._arguments.cluster)
        try:
            self._read_kubernetes()
        except (ClusterError, DeadlineExceeded) as error:
            if getattr(error, "status", None) in (UNAUTHORIZED, FORBIDDEN):
                raise

    def _sign_in(self, cloud: Cloud) -> None:
        cloud.user_id()
        found = [self._read_openstack(cloud, name) for name in self._arguments.services]
        if not any(one is not None for one in found):
            services = ", ".join(self._arguments.services)
            raise CloudError(f"the catalog of this cloud has no {services}: there is nothing to watch.")

    def _connected(self) -> Cloud:
        if self._cloud is None:
            self._cloud = connect(self._arguments.cloud)
            self._region = self._region or self._cloud.place[0]
        return self._cloud

    def look(self) -> Reading:
        """What the services list now. Raises nothing that waiting could change."""
        limit = self._arguments.timeout
        try:
            cloud = self._connected()
            cloud.deadline.renew()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next look may be a better one
            message = (error if isinstance(error, ZoneopsError) else unexpected(error)).message
            return Reading(unread=dict.fromkeys(self._watched(), SCRUBBER.text(message)))
        jobs: dict[str, Callable[[], Found]] = {
            name: functools.partial(self._read_openstack, cloud, name) for name in self._arguments.services
        }
        if self._arguments.cluster is not None:
            jobs[NODES] = self._read_kubernetes
        found = _together(jobs, limit + SLACK)
        members = {name: one for name, one in found.items() if isinstance(one, tuple)}
        unread = {name: one for name, one in found.items() if isinstance(one, str)}
        if unread:
            self._cloud = self._cluster = None
        return Reading(members, unread)

    def _watched(self) -> Iterator[str]:
        yield from self._arguments.services
        if self._arguments.cluster is not None:
            yield NODES

    def _read_openstack(self, cloud: Cloud, name: str) -> Found:
        service = cloud.service(SERVICE_TYPES[name])
        if not service.present():
            if name in self._present:
                raise CloudError(f"the catalog of this cloud has no {name}: leave it out of the argument 'services'.")
            return None
        self._present.add(name)
        region = _Strict()
        READERS[name](cloud, SECTIONS, region)
        for message in region.errors.values():
            # A cell that does not answer: zones would look as if they were gone.
            raise ApiError(message)
        if name == NOVA:
            return tuple(judge.compute_host(entry) for entry in region.hosts)
        return tuple(one for entry in region.services if (one := judge.service(entry)) is not None)

    def _read_kubernetes(self) -> Found:
        if self._cluster is None:
            self._cluster = connect_cluster(self._arguments.cluster or {})
        self._cluster.deadline.renew()
        return tuple(_node(body) for body in self._cluster.items(NODE, labels=ZONE_LABEL))


def _node(body: dict[str, Any]) -> Member:
    about, conditions = body["metadata"], (body.get("status") or {}).get("conditions") or ()
    ready = any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)
    schedulable = not (body.get("spec") or {}).get("unschedulable")
    zone = (about.get("labels") or {}).get(ZONE_LABEL)
    return judge.node(f"node {about['name']}", zone, ready=ready, schedulable=schedulable)


def _together(jobs: dict[str, Callable[[], Found]], limit: float) -> dict[str, Found | str]:
    """What each job found, or why it found nothing. Nobody waits for a thread that hangs, not even the end of the process."""
    found: dict[str, Found | str] = {}

    def run(name: str, job: Callable[[], Found]) -> None:
        try:
            found[name] = job()
        except ZoneopsError as error:
            found[name] = SCRUBBER.text(error.message)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
            found[name] = SCRUBBER.text(unexpected(error).message)

    threads = [threading.Thread(target=run, args=job, daemon=True) for job in jobs.items()]
    end = time.monotonic() + limit
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    # A copy: a thread that comes late says nothing about this look.
    return {**dict.fromkeys(jobs, f"no answer within {limit:g} s"), **dict(found)}
