# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One fault at one request of a module's process, whichever API answers it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zonelab.front_client import FrontClient

from .module_process import PATIENCE, Ended, Modules


@dataclass(frozen=True)
class Fault:
    """What happens to one request.

    :ivar lab: the fault as the lab knows it.
    :ivar kill: the module process is killed while the request hangs.
    :ivar harmless: the run takes it in its stride.
    """

    name: str
    lab: dict[str, Any]
    kill: bool = False
    harmless: bool = False


def strike(
    lab: FrontClient,
    modules: Modules,
    module: str,
    arguments: Mapping[str, Any],
    fault: Fault,
    index: int,
    **which: Any,
) -> Ended | None:
    """Run a module with the fault at the request with this index; how it ended, None where it was killed. No fault is left.

    :param which: the requests that count: writes, unless it says otherwise.
    """
    number = lab.add_fault(**fault.lab, **(which or {"writes": True}), skip=index, count=1)
    mark = lab.mark()
    running = modules.start(module, arguments)
    try:
        if fault.kill:
            until_hit(lab, number, mark, running.ended)
            running.kill()
            lab.until_answered()
            return None
        ended = running.wait()
        assert _hit(lab, number, mark), f"request {index + 1} {fault.name}: the run did not come that far"
        assert ended.answer["msg"], f"request {index + 1} {fault.name}: nothing was said"
        assert not (fault.harmless and ended.failed), f"request {index + 1} {fault.name}: {ended.answer['msg']}"
        return ended
    finally:
        lab.clear_faults()


def until_hit(lab: FrontClient, number: int, mark: int, ended: Callable[[], object]) -> None:
    """Until the request hangs.

    :param ended: how the run has ended, None while it works.
    """
    end = time.monotonic() + PATIENCE
    while not _hit(lab, number, mark):
        how = ended()
        assert how is None or _hit(lab, number, mark), f"the request was never made: {how}"
        assert time.monotonic() < end, "the request was never made"
        time.sleep(0.02)


def _hit(lab: FrontClient, number: int, mark: int) -> bool:
    """A request is in the log when it hangs, and the server has acted by then where it should."""
    return any(request.fault == number for request in lab.requests(mark))
