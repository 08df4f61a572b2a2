# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be asked of a running Kubernetes lab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zonelab.control import FrontCommands
from zonelab.errors import LabError
from zonelab.memory import pss_mb

if TYPE_CHECKING:
    from zonelab.kube.supervisor import Supervisor
    from zonelab.proxy.front import Switchboard


class Commands(FrontCommands):
    """Each public method is a command."""

    def __init__(self, supervisor: Supervisor, switchboard: Switchboard) -> None:
        """All commands work on these two."""
        super().__init__(switchboard)
        self._supervisor = supervisor

    def info(self) -> dict[str, Any]:
        """Size and health."""
        record, processes = self._supervisor.record, self._supervisor.processes
        return {
            "options": record.options.as_dict(),
            "schema": record.schema,
            "port": record.port,
            "requests": self._board.log.mark(),
            "faults": self._board.faults.list(),
            "processes": {
                name: {
                    "pid": pid,
                    "up": processes.is_up(name),
                    "megabytes": pss_mb(pid),
                    "log": str(self._supervisor.folder.log_of(name)),
                }
                for name, pid in processes.pids().items()
            },
        }

    def power(self, zone: str, on: bool) -> None:
        """The kubelets of a zone fall silent, or report again."""
        zones = self._supervisor.record.options.zones
        if zone not in zones:
            raise LabError(f"zone {zone!r}: the lab has the zones {list(zones)}")
        self._supervisor.do(lambda: self._supervisor.power(zone, on=on))

    def operate(self, on: bool) -> None:
        """The stand-in for the operators works, or is gone."""
        self._supervisor.do(lambda: self._supervisor.operate(on=on))
