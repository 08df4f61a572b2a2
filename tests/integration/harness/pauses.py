# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that run in the test's own process look more often, and repeat a read sooner, than at a site: what a lab does takes no minutes.

How long they wait in total stays as it is, and so do the pauses of the playbooks, which are processes of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack import service
from ansible_collections.zoneops.openstack.plugins.module_utils._servers import mover, switcher
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance import read
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.begin import run as begin
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.end import canary
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drill import probes
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.evidence import watching
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance import tasks
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_restore import restorer
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_return import build, reconcile
from zonelab.client import LabClient

#: Between two looks at the lab.
PAUSE = 0.4
#: Of services that are slow: a read takes longer than the pause before it, and others could act before a write is answered.
SLOW_READ, SLOW_WRITE = 1.5 * PAUSE, 1.0
SLOW = ("cinder", "nova", "placement")
OF_LOOKS = (begin, build, canary, probes, read, reconcile, restorer, tasks)
OF_MOVES = (mover, switcher)


def shorten(monkeypatch: pytest.MonkeyPatch) -> None:
    """For one test."""
    for module in OF_LOOKS:
        monkeypatch.setattr(module, "LOOK_SECONDS", PAUSE)
    # What waits for reports of services, which come every two seconds.
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.5)
    for module in OF_MOVES:
        monkeypatch.setattr(module, "FASTEST", PAUSE)
    # Else 0.5 s, 1 s and 2 s.
    monkeypatch.setitem(service.READ_RETRIES, "status_code_retry_delay", 0.05)


@contextmanager
def slowness(lab: LabClient) -> Iterator[None]:
    """The services are slow while this lasts."""
    for service_name in SLOW:
        lab.add_fault("delay", seconds=SLOW_WRITE, service=service_name, writes=True)
        lab.add_fault("delay", seconds=SLOW_READ, service=service_name)
    yield
    lab.clear_faults()
