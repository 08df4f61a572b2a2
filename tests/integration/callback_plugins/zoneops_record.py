# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what a run did as JSON lines: what ansible-playbook prints differs from core to core and is no interface."""

from __future__ import annotations

DOCUMENTATION = r"""
name: zoneops_record
type: notification
short_description: Every task result of a run as a line of JSON
description:
  - For the integration tests. One object per host and task, and one with the recap and the data of set_stats.
requirements:
  - enabled in the configuration
options:
  path:
    description: The file to write.
    type: path
    required: true
    env:
      - name: ZONEOPS_RECORD
"""

import json
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """The names with an underscore are those that all supported releases of ansible-core have."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "zoneops_record"
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, entry: dict[str, Any]) -> None:
        with Path(self.get_option("path")).open("a") as file:
            file.write(json.dumps(entry, default=str) + "\n")

    def _result(self, outcome: str, result: Any) -> None:
        task = result._task
        self._write(
            {
                "host": result._host.get_name(),
                "task": task.get_name().rpartition(" : ")[2],
                "action": task.action,
                "outcome": outcome,
                "result": dict(result._result),
            }
        )

    def v2_runner_on_ok(self, result: Any) -> None:
        self._result("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._result("ignored" if ignore_errors else "failed", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._result("skipped", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._result("unreachable", result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        recap = {host: stats.summarize(host) for host in stats.processed}
        self._write({"recap": recap, "stats": stats.custom.get("_run", {})})
