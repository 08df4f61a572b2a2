# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A selection of volumes that fits nothing: said, since a set that backs up nothing looks like one that is up to date. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ..._plan.text.near import nearest
from ..api.volume_model import Volume
from .plan import Selection


def unknown_zones(selection: Selection, volumes: Iterable[Volume]) -> list[str]:
    """The availability zones of the selection that no volume is in: misspelt, or empty."""
    used = {volume.availability_zone for volume in volumes}
    return [zone for zone in selection.availability_zones if zone not in used]


def selects_nothing(selection: Selection, volumes: Iterable[Volume]) -> list[str]:
    """A warning for each value that no volume has, and one where all of them together fit no volume."""
    every = list(volumes)
    has = {
        "availability_zones": (selection.availability_zones, {volume.availability_zone for volume in every}),
        "projects": (selection.projects, {volume.project_id or "" for volume in every}),
        "volume_types": (selection.types, {volume.type or "" for volume in every}),
    }
    warnings = [
        f"option '{option}': no volume that this user sees has {value}{nearest(value, known)}"
        for option, (values, known) in has.items()
        for value in values
        if value not in known
    ]
    if not warnings and not selection.ids and not any(selection.has(volume) for volume in every):
        warnings.append("no volume matches all options of the selection: nothing is backed up")
    return warnings
