# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reasons that services and hosts are disabled for: whether this collection gave them. Pure."""

from __future__ import annotations

import re
from typing import Any

PREFIX = "zoneops:"
#: How the reasons of a maintenance begin; of a whole zone, what it disables bears the same.
MAINTENANCE = f"{PREFIX} maintenance"
OF_ZONE = " of the zone"
#: How the reasons begin of what died: of a host, or of a whole zone that is lost, where its services of cinder and manila bear it, too.
DEAD = f"{PREFIX} dead"
_DEAD = re.compile(rf"{DEAD}(?P<zone>{OF_ZONE})?: .*", re.DOTALL)
_ZONE = re.compile(rf"{MAINTENANCE}{OF_ZONE}(?: until (?P<until>\S+))?[,:] .*", re.DOTALL)

#: Of the hosts of a zone whose loss is rehearsed: they are enabled again at the end of the drill, or by the next run.
_DRILL = f"{PREFIX} drill until "


def marked(reason: str) -> str:
    """The operator's reason, marked as given through this collection."""
    return f"{PREFIX} {reason}"


def by_this_collection(reason: str | None, *, enabled: bool) -> bool:
    """Whether this collection disabled it, for whatever reason."""
    return not enabled and (reason or "").startswith(PREFIX)


def zone_mark(until: str = "") -> str:
    """How the reasons begin while a zone is in maintenance.

    :param until: when it is to end; empty where nobody said so.
    """
    return f"{MAINTENANCE}{OF_ZONE}{f' until {until}' if until else ''}"


def in_zone_maintenance(reason: str | None, *, enabled: bool) -> bool:
    """Whether the maintenance of its zone disabled it."""
    return not enabled and _ZONE.fullmatch(reason or "") is not None


def dead_mark(*, zone: bool) -> str:
    """How the reasons begin of a host that died, or of all that is in a zone that is lost."""
    return f"{DEAD}{OF_ZONE if zone else ''}"


def is_dead(reason: str | None, *, enabled: bool) -> bool:
    """Whether zone_evacuate disabled it, alone or with its zone: zone_return enables it, nothing else."""
    return not enabled and _DEAD.fullmatch(reason or "") is not None


def in_dead_zone(reason: str | None, *, enabled: bool) -> bool:
    """Whether zone_evacuate disabled it because its whole zone is lost."""
    found = None if enabled else _DEAD.fullmatch(reason or "")
    return found is not None and found["zone"] is not None


def until_of(reason: str | None) -> str:
    """When the maintenance of a zone is to end; empty where its mark does not say so."""
    found = _ZONE.fullmatch(reason or "")
    return (found["until"] or "") if found else ""


def status_of(enabled: bool, reason: str | None) -> dict[str, Any]:
    return {"status": "enabled"} if enabled else {"status": "disabled", "disabled_reason": reason}


def is_of_zone(reason: str | None, *, enabled: bool, disables: bool, dead: bool = False) -> bool:
    """Whether a zone that is taken out of service, or comes back, is about a service: neither what others disabled, nor what was enabled meanwhile.

    :param dead: it is lost; else in maintenance.
    """
    has_mark = in_dead_zone if dead else in_zone_maintenance
    return (disables and enabled) or has_mark(reason, enabled=enabled)


def with_its_zone(reason: str | None, *, enabled: bool) -> str:
    """What a service is disabled for together with its zone; empty where it is not."""
    dead = in_dead_zone(reason, enabled=enabled)
    return cause(dead=dead) if dead or in_zone_maintenance(reason, enabled=enabled) else ""


def cause(*, dead: bool) -> str:
    """Why what is in a zone is disabled with it, for people."""
    return "since its zone is lost" if dead else "by the maintenance of its zone"


def brought_back_by(reason: str | None) -> str:
    """What enables again what was disabled together with its zone."""
    return "zone_return" if in_dead_zone(reason, enabled=False) else "zone_maintenance (state: end)"


def drill_mark(until: str) -> str:
    """The reason of a host that a drill disables.

    :param until: when the drill is to be over.
    """
    return f"{_DRILL}{until}: the loss of its zone is rehearsed"


def in_drill(reason: str | None, *, enabled: bool) -> bool:
    """Whether a drill disabled it."""
    return not enabled and (reason or "").startswith(_DRILL)
