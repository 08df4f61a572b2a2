# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Topology objects in the flow of a writer."""

from __future__ import annotations

from collections.abc import Iterator

from .._kubernetes.room import AppliedRoom, Finding, Observed
from .._plan.change import Note

FINALIZER = "openstack.org/"


class TopologiesRoom(AppliedRoom):
    """Says who uses a Topology that changes: their pods are made anew."""

    def guard(self, observed: Observed) -> Iterator[Finding]:
        for seen in observed:
            if seen.live is None or seen.after is None or seen.before == seen.wanted:
                continue
            found = (str(name) for name in seen.live["metadata"].get("finalizers") or ())
            users = sorted(name.removeprefix(FINALIZER) for name in found if name.startswith(FINALIZER))
            if users:
                text = f"{seen.applied.ref} is in use, and its change makes these pods anew: {', '.join(users)}"
                for zone in seen.applied.zones or self.sharing:
                    yield Note(zone, text, mended=True)
