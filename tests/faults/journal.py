# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of a run, read as an operator reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .region import Aggregate, Region, State


@dataclass(frozen=True)
class Journal:
    """The entries of the last run in a journal."""

    entries: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, path: Path) -> Journal:
        """Every line is a whole JSON object, however the run ended."""
        entries = [json.loads(line) for line in path.read_text().splitlines()]
        first = max(number for number, entry in enumerate(entries) if entry["event"] == "begin")
        return cls(tuple(entries[first:]))

    @property
    def before(self) -> dict[str, dict[str, Any]]:
        """The zones as they were before the first write."""
        return dict(self.entries[0]["before"])

    @property
    def last(self) -> tuple[str, str]:
        """What the run was at when it ended."""
        return self.entries[-1]["event"], self.entries[-1]["text"]

    @property
    def made(self) -> set[str]:
        """Names of aggregates that the run made or gave."""
        named = {"create_aggregate": "target", "rename_aggregate": "after"}
        plan = [change for change in self.entries[0]["plan"] if change["action"] in named]
        return {str(change[named[change["action"]]]).removeprefix("aggregate ") for change in plan}

    def go_back(self, region: Region, *, disabled: Mapping[str, str]) -> None:
        """By hand, with nothing but what `begin` says; what is no zone's stays, and so do hosts that others disabled."""
        aggregates = {
            zone["aggregate"]: Aggregate(
                zone["availability_zone"],
                frozenset(zone["hosts"]),
                frozenset(zone["metadata"].items()),
                frozenset(zone["hosts"]),
            )
            for zone in self.before.values()
            if zone
        }
        reasons = {
            host: reason for zone in self.before.values() for host, reason in zone.get("disabled_hosts", {}).items()
        }
        others = {name: found for name, found in region.state().aggregates.items() if name not in self.made}
        region.make(State({**others, **aggregates}, {**disabled, **reasons}))
