# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow of a writer whose verdicts are those of volumes, not of zones."""

from __future__ import annotations

from typing import Any, TypeVar

from ..._openstack.cloud import Cloud
from ..._plan import writer
from ..._plan.change import Change
from ..._plan.converge import Reconciler
from ..._plan.frame import Run

O = TypeVar("O")  # noqa: E741 - what is observed
_C = TypeVar("_C", bound=Change)


def converge_volumes(module: Run, cloud: Cloud, reconciler: Reconciler[O, _C]) -> dict[str, Any]:
    """The module's result: what a volume has to say by itself becomes a warning of the run, since no action hands out these verdicts."""
    result = writer.converge(module, cloud, reconciler)
    verdicts = result.pop("zones")
    said = [warning for verdict in verdicts.values() for warning in verdict["warnings"]]
    return {**result, "volumes": verdicts, "warnings": [*result["warnings"], *said]}
