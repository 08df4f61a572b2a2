# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods in a snapshot: those of each zone. Pure."""

from __future__ import annotations

from typing import Any

from .read import Seen


def pods(seen: Seen) -> list[dict[str, Any]]:
    """The pods of services that belong to a zone, and those of spread services on its nodes. One on no node is in no zone, and not among them."""
    return [
        {
            "name": pod["pod"],
            "id": None,
            "zone": zone,
            **{key: pod[key] for key in ("service", "node", "ready", "placed_by")},
        }
        for zone, verdict in seen.pods.get("zones", {}).items()
        for pod in (verdict.get("state") or {}).get("pods", ())
    ]
