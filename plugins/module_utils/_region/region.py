# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What region_info gathers, as it fills up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from .._plan.errors import ZoneopsError


@dataclass
class Region:
    """What was gathered.

    :ivar servers_out_of_place: servers whose pin does not fit the zones.
    :ivar pins_seen: whether nova shows the zone that a server is pinned to (2.96); without it nothing is known of servers.
    :ivar placement_drift: aggregates that placement does not mirror.
    :ivar defaults: what requests without a zone use, as far as an API shows it.
    :ivar share_backends: back ends of manila with what their pools say, where they work.
    :ivar share_types: with the projects of private ones, by id, where those were asked for.
    :ivar image_stores: stores of glance that images can be brought to.
    :ivar images: images of all projects with their places.
    :ivar gathered: the sections that were asked for: what was not is empty and says nothing.
    :ivar errors: message by "service section"; that part of the data is missing.
    :ivar absent: services that the catalog does not have.
    """

    aggregates: list[dict[str, Any]] = field(default_factory=list)
    hosts: list[dict[str, Any]] = field(default_factory=list)
    services: list[dict[str, Any]] = field(default_factory=list)
    availability_zones: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    default_availability_zone: str | None = None
    volume_types: list[dict[str, Any]] = field(default_factory=list)
    volume_pools: list[dict[str, Any]] = field(default_factory=list)
    servers_out_of_place: list[dict[str, Any]] = field(default_factory=list)
    pins_seen: bool | None = None
    placement_drift: list[dict[str, Any]] = field(default_factory=list)
    defaults: dict[str, Any] = field(default_factory=dict)
    share_backends: list[dict[str, Any]] = field(default_factory=list)
    share_types: list[dict[str, Any]] = field(default_factory=list)
    image_stores: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    gathered: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)

    def read(self, what: str, call: Callable[[], Any]) -> Any:
        """The call's answer; a failure is noted under `what` and costs nothing else."""
        try:
            return call()
        except ZoneopsError as error:
            self.errors[what] = error.message
            return None

    def as_dict(self) -> dict[str, Any]:
        """The fields by name. Not a copy: of thousands of hosts that takes too long."""
        return {one.name: getattr(self, one.name) for one in fields(self)}
