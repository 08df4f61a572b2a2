# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a module that writes to nova: the frame of every writer, under the region's lock."""

from __future__ import annotations

from typing import Any, TypeVar

from .._openstack.cloud import Cloud
from .._plan import writer
from .._plan.change import Change
from .._plan.converge import Reconciler
from .._plan.frame import Run
from .lock import Adding, RegionLock
from .nova import Nova

OPTIONS: dict[str, Any] = {**writer.OPTIONS, "break_lock": {"type": "bool", "default": False}}

O = TypeVar("O")  # noqa: E741 - what is observed
_C = TypeVar("_C", bound=Change)


def converge(
    module: Run,
    cloud: Cloud,
    nova: Nova,
    reconciler: Reconciler[O, _C],
    *,
    at_once: int = 1,
    adding: Adding | None = None,
    verified: bool = False,
) -> dict[str, Any]:
    """The module's result, with what the lock has to say among its warnings.

    :param adding: see `RegionLock`.
    :param verified: see `writer.converge`.
    """
    lock = RegionLock(nova, cloud.deadline, break_lock=module.params["break_lock"], adding=adding)
    result = writer.converge(module, cloud, reconciler, lock=lock, at_once=at_once, verified=verified)
    return {**result, "warnings": [*lock.warnings, *result["warnings"]]}
