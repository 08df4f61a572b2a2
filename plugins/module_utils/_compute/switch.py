# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switch a compute service on and off, and see that the scheduler follows: placement's trait can lag behind the service."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from .._plan.errors import ZoneopsError
from .model import Host
from .nova import Nova
from .placement import DISABLED, Placement

# The same PUT again, while the service is up, is the cure where the trait did not follow (measured on nova 34).
ATTEMPTS = 5
SECONDS = 0.5


def switch(nova: Nova, placement: Placement, host: Host, providers: Iterable[str], body: Mapping[str, Any]) -> None:
    """One PUT with status, disabled_reason and forced_down; then the trait is read back where the service is up to set it."""
    status = body.get("status")
    lasting = tuple(providers) if status is not None and host.state == "up" and not body.get("forced_down") else ()
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(SECONDS)
        nova.set_service(host.service_id, body)
        if all(placement.is_disabled(provider) == (status == "disabled") for provider in lasting):
            return
    raise ZoneopsError(
        f"nova-compute on {host.name} is {status}, but the trait {DISABLED} in placement was not updated, so the scheduler acts as before. "
        "Check that the service answers, then run it again."
    )
