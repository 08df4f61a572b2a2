# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be true of a region after a run that was struck, whether the region is real or nova's model."""

from __future__ import annotations

from typing import Any

from .region import State
from .scenarios import Scenario


def unharmed(scenario: Scenario, found: State) -> None:
    """Nothing is lost, whatever became of the run."""
    start, end = scenario.start, scenario.end
    for host in {*_hosts(start), *_hosts(end)}:
        assert len(found.zones_of(host)) < 2, f"{host} is in two zones: {found.zones_of(host)}"
        if start.zones_of(host) and not found.zones_of(host) and end.zones_of(host):
            assert host in found.disabled, f"{host} is enabled in no zone"
        if start.zones_of(host) and not end.zones_of(host) and not _plain(end, host):
            assert found.zones_of(host) or host in found.disabled, f"{host} is enabled in no zone"
        if host in start.disabled and start.disabled[host] == end.disabled.get(host):
            assert found.disabled.get(host) == start.disabled[host], f"{host} lost its reason"
        allowed = {start.disabled.get(host), end.disabled.get(host)}
        reason = found.disabled.get(host)
        assert reason in allowed or str(reason).startswith("zoneops:"), f"{host} is disabled: {reason}"
    for name, foreign in start.aggregates.items():
        if end.aggregates.get(name) == foreign:
            assert found.aggregates.get(name) == foreign, f"aggregate {name} was touched"
    for name, was in start.aggregates.items():
        if name in found.aggregates and name in end.aggregates:
            kept = was.metadata & end.aggregates[name].metadata
            if found.aggregates[name].zone == was.zone:
                assert kept <= found.aggregates[name].metadata, f"aggregate {name} lost metadata"


def at_home(scenario: Scenario, found: State) -> None:
    """A run that lives on leaves no host between two zones for the next one."""
    for host in _hosts(scenario.start):
        if scenario.start.zones_of(host) and scenario.end.zones_of(host):
            assert found.zones_of(host), f"{host} is in no zone after a run that was not killed"


def difference(wanted: State, found: State) -> str:
    """The parts that differ, for a message."""
    parts = []
    for what in "aggregates", "disabled":
        left: dict[str, Any] = dict(getattr(wanted, what))
        right: dict[str, Any] = dict(getattr(found, what))
        names = sorted(name for name in {*left, *right} if left.get(name) != right.get(name))
        parts += [f"{name} is {right.get(name)} instead of {left.get(name)}" for name in names]
    return "; ".join(parts)


def _hosts(state: State) -> set[str]:
    return {host for found in state.aggregates.values() for host in found.hosts} | set(state.disabled)


def _plain(state: State, host: str) -> bool:
    return any(host in found.hosts for found in state.aggregates.values() if found.zone is None)
