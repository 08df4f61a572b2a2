# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have the OpenStack half of the same lab serve what the control plane declares, when that half is up and was started for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonelab.client import LabClient
from zonelab.errors import LabError

if TYPE_CHECKING:
    from pathlib import Path

    from zonelab.declared import Declared


class Loop:
    """It remembers what it told, and to which run of that half."""

    def __init__(self, state: Path) -> None:
        """Nothing is told yet."""
        self._lab = LabClient(state)
        self._told: tuple[int, Declared] | None = None

    def serve(self, declared: Declared) -> bool:
        """Tell it what is new; whether nothing is left to tell. When this returns, what is new works."""
        record = self._lab.state.read()
        if record is None or not record.options.declared or not record.ready or not self._lab.state.is_running():
            return True
        if self._told == (record.pid, declared):
            return True
        try:
            lacking = self._lab.serve(declared)
        except LabError as error:
            print(error, flush=True)
            return False
        if lacking:
            print(f"the OpenStack half of the lab has no {'; '.join(lacking)}", flush=True)
        self._told = record.pid, declared
        return True
