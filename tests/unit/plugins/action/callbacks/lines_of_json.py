# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A callback of the kind that a program reads, as ansible.posix.jsonl: a line of JSON for each result."""

from __future__ import annotations

import json
from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Instead of what is printed for people."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "lines_of_json"

    def v2_runner_on_ok(self, result: Any) -> None:
        self._display.display(json.dumps({"task": result._task.get_name(), **result._result}, default=str))

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: ARG002 - the interface
        self.v2_runner_on_ok(result)
