# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the value of a variable may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Setting:
    """One variable, in the words of an argument specification.

    :ivar least: the smallest number.
    :ivar most: the greatest one; of a number that may have a fraction both, or it is a time limit.
    :ivar appended: a file to which lines are appended; None or "" for no file.
    :ivar read: a file that is read; None or "" for no file.
    :ivar container: the name of a container of the object store; "" for none.
    :ivar separated: a list that may also be text, its items separated by commas.
    """

    type: str
    default: Any = None
    choices: tuple[str, ...] = ()
    elements: str | None = None
    least: int | None = None
    most: int | None = None
    appended: bool = False
    read: bool = False
    container: bool = False
    separated: bool = False
