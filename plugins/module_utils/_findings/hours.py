# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer of a rule about an object of which nobody knows how many hours it is as it is. Pure."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping

from .expression import Expression
from .model import Object
from .parameters import is_number
from .snapshot.kinds import HOURS


def without_hours(when: Expression, about: Object, parameters: Mapping[str, float]) -> bool | None:
    """Whether it is a finding; None where that depends on the hours.

    :param about: an object without hours, as `Rule.view` shows it with the parameters.
    """
    limits = [*when.numbers, *parameters.values()]
    limits += [about[name] for name in when.fields if is_number(about.get(name))]
    answers = {bool(when({**about, HOURS: hours})) for hours in {0, sys.maxsize, *_around(limits)}}
    if len(answers) > 1:
        return None
    # A comparison with null is null, whatever the hours. A rule may also look for what has none.
    return True in answers or bool(when(about))


def _around(limits: list[float]) -> Iterator[int]:
    """Whole hours on both sides of each limit, and at it: the answer can change nowhere else."""
    for limit in limits:
        for hours in range(math.floor(limit) - 1, math.ceil(limit) + 2):
            if hours >= 0:
                yield hours
