# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab as its services see it: folder, options and addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zonelab.options import HOST
from zonelab.ports import ADDRESS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zonelab.options import Options
    from zonelab.state import StateFolder

__all__ = ["HOST", "PASSWORD", "REGION", "Lab"]

PASSWORD = "labpassword"  # a lab on 127.0.0.1 has no secret to keep
REGION = "RegionOne"


@dataclass(frozen=True)
class Lab:
    """What every service process is told."""

    state: StateFolder
    options: Options
    public: Mapping[str, int]
    internal: Mapping[str, int]

    def url(self, service: str, path: str = "") -> str:
        """The service itself: what the services use among themselves, so that faults reach clients only."""
        return f"http://{ADDRESS}:{self.internal[service]}{path}"

    def public_url(self, service: str, path: str = "") -> str:
        """The proxy before the service: what clients get from the catalog."""
        return f"http://{ADDRESS}:{self.public[service]}{path}"
