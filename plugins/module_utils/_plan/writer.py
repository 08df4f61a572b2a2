# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a module that writes: the flow of `converge`, with a journal where one is asked for and a lock where the service has one."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from .change import Change
from .converge import Converge, Reconciler
from .deadline import Deadline
from .files.journal import Journal
from .files.paths import refuse_unfit
from .frame import Run
from .saved import file
from .saved.model import SavedPlan
from .verdict import bulk_result

# Of every module that changes zones, see the documentation fragment `zone_writes`.
OPTIONS: dict[str, Any] = {"journal": {"type": "path"}, "saved_plan": {"type": "path"}}

O = TypeVar("O")  # noqa: E741 - what is observed
_C = TypeVar("_C", bound=Change)


class Connection(Protocol):
    """What a run needs to know of its connection: a cloud's or a cluster's.

    :ivar writes: every write that was sent.
    """

    deadline: Deadline
    writes: list[dict[str, Any]]

    def one_look(self) -> AbstractContextManager[None]:
        """Is around each look."""


def saved_plan(module: Run) -> SavedPlan | None:
    """The plan that the run carries out, where one is given."""
    path = module.params.get("saved_plan")
    return file.read(path) if path else None


def converge(
    module: Run,
    connection: Connection,
    reconciler: Reconciler[O, _C],
    *,
    lock: AbstractContextManager[None] | None = None,
    at_once: int = 1,
    verified: bool = False,
) -> dict[str, Any]:
    """The module's result: a verdict per zone, with the warnings of the journal and of the reconciler.

    :param lock: keeps other runs out, for services that need it; what it has to say is its owner's to add.
    :param at_once: how many new zones are created in parallel.
    :param verified: also what a call in check mode would return behind the writes.
    """
    # A module that only looks has none.
    path = module.params.get("journal")
    # Also where nothing is due, and before the lock: a file that does not answer would keep other runs out.
    refuse_unfit(path, "journal")
    journal = Journal(path, connection.writes) if path else None
    flow = Converge(
        reconciler,
        check=module.check_mode,
        deadline=connection.deadline,
        one_look=connection.one_look,
        lock=lock,
        journal=journal,
        at_once=at_once,
        saved=saved_plan(module),
    )
    result = bulk_result(flow.run(), diff=module.diff)
    if verified and flow.verified:
        result["verified"] = bulk_result(flow.verified)
    module.traces += flow.traces
    return {**result, "warnings": [*(journal.warnings if journal else []), *reconciler.warnings]}
