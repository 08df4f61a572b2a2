# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first of many names in a message, and how many more there are. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice


def first(most: int, texts: Iterable[str], *, of: int, separator: str = ", ") -> str:
    """At most so many of the texts. `of` is how many there are altogether, so that only those that are shown have to be made."""
    shown = separator.join(islice(texts, most))
    if of <= most:
        return shown
    return f"{shown}{'' if separator == ', ' else separator.rstrip()} and {of - most} more"
