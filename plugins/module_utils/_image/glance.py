# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to glance that zones need, and nothing else."""

from __future__ import annotations

from typing import Any

from .._openstack.service import Service


class Glance:
    """glance of one region."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def stores(self) -> list[dict[str, Any]]:
        """GET /v2/info/stores: all of them; `default` stands only with the default store. Empty on a glance with one unnamed store (404)."""
        return list(self._service.get("/info/stores")["stores"])
