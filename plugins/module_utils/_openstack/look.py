# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several parts of a run want to know of a service at the same time: asked for once, and a service that does not answer is waited for once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from .._plan.errors import ZoneopsError
from .errors import ApiError, CloudError

T = TypeVar("T")


class Look:
    """The answers of one look. Outside of one nothing is kept: whoever waits sees what is so now."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, Any] | None = None

    @contextmanager
    def begun(self) -> Iterator[None]:
        """Inside is one look."""
        self._kept = {}
        try:
            yield
        finally:
            self._kept = None

    def forget(self) -> None:
        """For whoever has waited inside: what was kept, errors as well, is of before the wait."""
        if self._kept is not None:
            self._kept = {}

    def once(self, asked: Hashable, ask: Callable[[], T]) -> T:
        """The answer, or the error, that this look has already; else it is asked for."""
        kept = self._kept
        if kept is None:
            return ask()
        if asked not in kept:
            try:
                kept[asked] = ask()
            except (ApiError, CloudError) as error:
                kept[asked] = error
        found = kept[asked]
        if isinstance(found, ZoneopsError):
            raise found
        answer: T = found
        return answer
