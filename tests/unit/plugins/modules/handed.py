# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that a test calls in its own process, with arguments as Ansible hands them over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from ansible.module_utils import basic


def hand(monkeypatch: pytest.MonkeyPatch, arguments: Mapping[str, Any]) -> list[str]:
    """Hand the arguments to the module that is called next, and return the list of what it will warn of.

    Where another test has loaded a plugin of the controller, newer cores print warnings instead of returning them.
    """
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)  # new in ansible-core 2.19
    warnings: list[str] = []
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _module, warning, **_more: warnings.append(warning))
    return warnings
