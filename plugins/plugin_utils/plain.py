# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Data as it reaches a module process and leaves it: of the types that JSON has."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any


def plain(value: Any) -> Any:
    """The same data without what Ansible and Python add to it: tags, templates that are filled in when they are looked at, tuples and sets."""
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    # What ansible-vault has encrypted is text only when it is asked for; older cores give it the methods of a sequence.
    return str(value) if hasattr(value, "__ENCRYPTED__") or not isinstance(value, Iterable) else [*map(plain, value)]


def _key(key: Any) -> str:
    if isinstance(key, str):
        return str.__str__(key)
    return str(json.loads(json.dumps({key: None}).partition(":")[0].lstrip("{")))
