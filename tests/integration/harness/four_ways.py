# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check, run, run again, check again: what check mode promises is what happens, and then there is nothing left to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._site.reconcilers import RECONCILERS

from .cloud import Aggregate, Cloud
from .play import Player, Run

# The names that a look at the whole site gives its parts.
PARTS = {about for parts in RECONCILERS.values() for about in parts}


@dataclass(frozen=True)
class FourWays:
    """The two runs that had something to do, and the cloud after them."""

    check: Run
    run: Run
    aggregates: dict[str, Aggregate]


def four_ways(
    play: Player, cloud: Cloud, playbook: str | Path, inventory: Path, look: Callable[[], object] | None = None
) -> FourWays:
    """The runs.

    :param look: what else of the cloud the playbook may change.
    """

    def state() -> tuple[dict[str, Aggregate], object]:
        return cloud.aggregates(), look() if look else None

    before = state()
    check = play(playbook, inventory, "--check", "--diff")
    assert check.rc == 0
    assert check.written == []
    assert state() == before

    run = play(playbook, inventory, "--diff")
    assert run.rc == 0
    assert run.plans == check.plans
    assert run.entries == check.entries
    assert run.changed_hosts == check.changed_hosts
    assert shown(run) == shown(check)
    assert run.written != []
    after = state()

    for arguments in (), ("--check", "--diff"):
        again = play(playbook, inventory, *arguments)
        assert again.rc == 0
        assert again.changed_hosts == set()
        assert [zone for zone, plan in again.plans.items() if plan] == []
        assert again.written == []
    assert state() == after
    return FourWays(check, run, after[0])


def shown(run: Run) -> dict[str, dict[str, list[object]]]:
    """What diff mode shows of each zone before and after. A look at the whole site has all parts in one diff, a run has a diff for each part."""
    found: dict[str, dict[str, list[object]]] = {}
    for one in run.results:
        shown_of_task = one.result.get("diff", []) if one.changed else []
        # A module that is used directly shows all its zones.
        for diff in shown_of_task if isinstance(shown_of_task, list) else [shown_of_task]:
            of_zone = found.setdefault(diff["before_header"], {"before": [], "after": []})
            for side, contents in of_zone.items():
                contents.extend(_by_part(diff[side]))
    return found


def _by_part(shown_side: str | Mapping[str, object]) -> list[object]:
    content = yaml.safe_load(shown_side) or {} if isinstance(shown_side, str) else shown_side
    return list(content.values()) if content.keys() <= PARTS else [content]
