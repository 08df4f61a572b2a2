# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed between two snapshots' findings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .model import Finding

Key = tuple[str, str, str, str]


def compared(now: Iterable[Finding], before: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """`new` findings, and those that are `gone`.

    :param before: the findings of the earlier audit, as `Finding.as_dict` has them.
    """
    current = {_key(one): one for one in (finding.as_dict() for finding in now)}
    earlier = {_key(one): dict(one) for one in before}
    return {
        "new": [one for key, one in current.items() if key not in earlier],
        "gone": [one for key, one in earlier.items() if key not in current],
    }


def _key(finding: Mapping[str, Any]) -> Key:
    return finding["rule"], finding["kind"], finding["id"] or finding["name"], finding["zone"]
