# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where and how long files can be kept in an object store: the rules that its module and the variables of a run have in common. Pure."""

from __future__ import annotations

MOST_DAYS = 3_650
#: Of swift and of Ceph, in bytes of UTF-8.
LONGEST_CONTAINER = 256


def wrong_container(name: str) -> str:
    """Why the store can have no container of that name, nothing where it can."""
    if not 0 < len(name.encode(errors="replace")) <= LONGEST_CONTAINER or "/" in name:
        return f"give 1 to {LONGEST_CONTAINER} bytes without '/'"
    # HTTP takes these for a folder and the one above.
    return "the name may not be . or .." if name in (".", "..") else ""
