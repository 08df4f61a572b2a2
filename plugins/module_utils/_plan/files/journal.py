# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file with every write of a run, and the state before the first: the way back at night. One JSON object per line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from ..apply import Undo, Write
from ..change import Change
from ..errors import ZoneopsError, unexpected
from ..text.scrub import SCRUBBER

_C = TypeVar("_C", bound=Change)


class Journal:
    """Appends to a file that only its owner can read. A line is on the disk before the write that it announces is sent.

    :param path: the file; made where it is missing.
    :param sent: the list that the connection keeps of the writes it sends; what is new in it belongs to the write just made.
    """

    def __init__(self, path: str, sent: list[dict[str, Any]]) -> None:
        self.path = path
        self._sent = sent
        #: What could not be noted after a write was made.
        self.warnings: list[str] = []

    def begin(self, state: Mapping[str, Any], changes: Iterable[Change]) -> None:
        """Note the zones as they are before the first write, and what is planned."""
        self._append("begin", {"before": state, "plan": [change.as_dict() for change in changes]})

    def noting(self, write: Write[_C]) -> Write[_C]:
        """The same write, noted before and after, and so is its undo."""

        def noted(change: _C) -> Undo | None:
            undo = self._note("write", change, lambda: write(change))
            return None if undo is None else lambda: self._note("undo", change, undo)

        return noted

    def _note(self, event: str, change: Change, step: Any) -> Any:
        what = {"zone": change.zone, **change.as_dict()}
        if event == "undo":
            self._append_if_possible(event, what)
        else:
            self._append(event, what)
        first = len(self._sent)
        try:
            answer = step()
        except Exception as error:
            known = error if isinstance(error, ZoneopsError) else unexpected(error)
            self._append_if_possible(
                f"{event} failed", {**what, "error": known.message, "requests": self._sent[first:]}
            )
            raise
        self._append_if_possible(f"{event} done", {**what, "requests": self._sent[first:]})
        return answer

    def _append_if_possible(self, event: str, content: Mapping[str, Any]) -> None:
        """What was written is to be known and rolled back also when the disk is full; the next write finds it out."""
        try:
            self._append(event, content)
        except ZoneopsError as error:
            self.warnings.append(f"'{event}' of '{content['text']}' is missing in the journal: {error.message}")

    def _append(self, event: str, content: Mapping[str, Any]) -> None:
        entry = {"time": datetime.now(UTC).isoformat(), "event": event, **SCRUBBER.data(content)}
        line = json.dumps(entry, ensure_ascii=False)
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ZoneopsError(
                f"the journal {self.path} cannot be written ({error.strerror}): nothing is written without it."
            ) from error
