# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says once for the whole region has to be the same on every zone host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import Problem, show

NOT_SET: object = object()


def plain(value: Any) -> Any:
    """Data of plain types: what comes from Ansible carries tags, or is templated only when it is looked at."""
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str.__str__(value) if isinstance(value, str) else value


def differences(variable: str, values: Mapping[str, object]) -> list[Problem]:
    """Problems for a variable whose values differ between hosts; for a mapping, one for each of its keys that does."""
    mappings = {host: value for host, value in values.items() if isinstance(value, Mapping)}
    if len(mappings) < len(values):
        return _differing(variable, variable, values)
    keys = dict.fromkeys(key for value in mappings.values() for key in value)
    problems: list[Problem] = []
    for key in keys:
        of_key = {host: value.get(key, NOT_SET) for host, value in mappings.items()}
        problems += _differing(variable, str(key), of_key)
    return problems


def _differing(variable: str, path: str, values: Mapping[str, object]) -> list[Problem]:
    groups: list[tuple[object, list[str]]] = []
    for host, value in values.items():
        for known, hosts in groups:
            if type(known) is type(value) and known == value:
                hosts.append(host)
                break
        else:
            groups.append((value, [host]))
    if len(groups) == 1:
        return []
    shown = "; ".join(
        f"{'not set' if value is NOT_SET else show(value, path)} on {_few(hosts)}" for value, hosts in groups
    )
    rule = (
        f"differs between zones ({shown}), but must be the same for "
        f"the whole region; set {variable} once, in group_vars of the group, and nowhere else"
    )
    return [Problem("", path, "", rule, "")]


def _few(hosts: list[str]) -> str:
    return ", ".join(hosts) if len(hosts) <= 4 else f"{', '.join(hosts[:3])} and {len(hosts) - 3} more"
