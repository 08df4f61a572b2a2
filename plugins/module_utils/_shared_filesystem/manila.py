# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to manila that zones need, and nothing else."""

from __future__ import annotations

from typing import Any

from .._openstack.service import Service

# 2.7: /services and /availability-zones under these names (before: os-services, os-availability-zone).
VERSION = "2.7"


class Manila:
    """manila of one region."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def services(self) -> list[dict[str, Any]]:
        """GET /services: share, scheduler and data services."""
        return list(self._service.get("/services", microversion=VERSION)["services"])

    def availability_zones(self) -> list[dict[str, Any]]:
        """GET /availability-zones. A zone whose only share service is disabled is not listed at all."""
        listed = self._service.get("/availability-zones", microversion=VERSION)["availability_zones"]
        return [{"name": entry["name"], "available": True} for entry in listed]
