# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to cinder that zones need, and nothing else."""

from __future__ import annotations

from typing import Any

from .._openstack.service import Service


class Cinder:
    """cinder of one region. What is read here needs no microversion above 3.0."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def services(self) -> list[dict[str, Any]]:
        """GET /os-services: volume, backup and scheduler services."""
        return list(self._service.get("/os-services")["services"])

    def availability_zones(self) -> list[dict[str, Any]]:
        """GET /os-availability-zone. A zone whose services are disabled is listed as not available, one whose services are down as available."""
        listed = self._service.get("/os-availability-zone")["availabilityZoneInfo"]
        return [{"name": entry["zoneName"], "available": entry["zoneState"]["available"]} for entry in listed]
