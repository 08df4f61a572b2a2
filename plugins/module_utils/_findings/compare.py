# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed between two snapshots' findings. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .model import Outcome

Key = tuple[str, str, str, str]
#: What tells findings from each other.
KEYS = ("rule", "kind", "id", "name", "zone")


def compared(
    now: Outcome, before: Iterable[Mapping[str, Any]], zones: Collection[str], zones_before: Collection[str] | None
) -> dict[str, list[dict[str, Any]]]:
    """`new` findings, and those that are `gone`. What only one of both audits looked at is neither.

    :param before: the findings of the earlier audit, as `Finding.as_dict` has them.
    :param zones: that this audit was asked about; `zones_before`, the earlier one, None where that is not known.
    """
    current = {_key(one): one for one in (finding.as_dict() for finding in now.findings)}
    earlier = {_key(one): dict(one) for one in before}
    return {
        "new": [
            one
            for key, one in current.items()
            if key not in earlier and (zones_before is None or one["zone"] in ("", *zones_before))
        ],
        "gone": [
            one
            for key, one in earlier.items()
            if key not in current and one["rule"] not in now.unknown and one["zone"] in ("", *zones)
        ],
    }


def _key(finding: Mapping[str, Any]) -> Key:
    return finding["rule"], finding["kind"], finding["id"] or finding["name"], finding["zone"]
