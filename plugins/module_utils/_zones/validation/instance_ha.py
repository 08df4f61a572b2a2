# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many hosts of a zone may be down before RHOSO's instance HA evacuates none of them: a number in the metadata of its aggregate. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Problem, show
from ..schema.zone_map import Zone

MAX_FAILURES = "instanceha:max_failures"


def broken_limit(zone: Zone) -> Iterator[Problem]:
    """Instance HA counts hosts with it: anything else would be no limit."""
    value = zone.compute.metadata.get(MAX_FAILURES) if zone.compute else None
    if value is not None and not (value.isascii() and value.isdecimal()):
        path = f"compute.metadata.{MAX_FAILURES}"
        rule = "is no whole number from 0; give the number of hosts that may be down before instance HA evacuates none of them"
        yield Problem(zone.name, path, show(value, path), rule, "infra-operator: instanceha_guide.md")
