# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects as they may be shown: what stands in a Secret never is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NEW = "(hidden, new value)"


def shown(
    obj: Mapping[str, Any] | None, view: dict[str, Any], before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A view of an object with its secrets masked.

    :param before: the view that it replaces: a secret that differs from it is marked as new.
    """
    if (obj or {}).get("kind") != "Secret":
        return view
    # The version tells that it was written, where nothing else may.
    hidden = f"(hidden, version {((obj or {}).get('metadata') or {}).get('resourceVersion')})"
    masked = dict(view)
    for part in ("data", "stringData"):
        values = view.get(part)
        if isinstance(values, Mapping):
            old = (before or {}).get(part) or {}
            masked[part] = {
                key: hidden if before is None or old.get(key) == value else NEW for key, value in values.items()
            }
    return masked
