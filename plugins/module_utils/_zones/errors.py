# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a zone map: one problem per wrong value, all of them in one error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from .._plan.errors import ZoneopsError

_LONGEST = 60
_HIDDEN = "(not shown)"
_YAML = {"None": "null", "True": "true", "False": "false"}
# With a scheme, or without: 'host@backend#pool' and 'image:tag@sha256:...' are none.
_CREDENTIALS = re.compile(
    r"://[^/@\s]*:[^/@\s]+@|^[^\s/@:]+:[^\s/@]+@(?!sha\d+:)[\w\[]|-----BEGIN "
    r"|\b[\w-]*(?:passw(?:or)?d|passphrase|secret|token|api_?key)=(?!\{\{)\S",
    re.IGNORECASE,
)
_SECRET_PART = re.compile(r"passw|passphrase|secret|token|credential|keyring")
_NOT_SECRET = {"dir", "file", "name", "path", "uuid"}


@dataclass(frozen=True)
class Problem:
    """One broken rule. `zone` is empty for the region; `value` is text that is safe to show."""

    zone: str
    path: str
    value: str
    rule: str
    source: str

    def __str__(self) -> str:
        where = f"zone {self.zone}" if self.zone else "region"
        if self.path:
            where += f": {self.path}"
        if self.value:
            where += f" = {self.value}"
        return one_line(f"{where}: {self.rule}" + (f" [{self.source}]" if self.source else ""))


class MapError(ZoneopsError):
    """The zone map breaks rules; nothing may be done with it. Problems of the region come first, then zone by zone."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        by_zone: dict[str, list[Problem]] = {"": []}
        for problem in problems:
            by_zone.setdefault(problem.zone, []).append(problem)
        self.problems = tuple(chain.from_iterable(by_zone.values()))
        count = len(self.problems)
        head = "The zone map has 1 problem:" if count == 1 else f"The zone map has {count} problems:"
        super().__init__("\n".join([head, *(f"- {problem}" for problem in self.problems)]))


def one_line(text: str) -> str:
    """Text that fits one line of any terminal: what cannot be printed is written as an escape."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in text
    )


def is_secret_name(name: str) -> bool:
    """Whether something called so is likely to hold a secret."""
    words = [word for word in re.split(r"[^a-z0-9]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()) if word]
    if not words or words[-1] in _NOT_SECRET:
        return False
    if _SECRET_PART.search("_".join(words)):
        return True
    return words[-1] in {"key", "keys", "apikey"} or not {"pass", "pwd", "pw"}.isdisjoint(words)


def holds_credentials(value: object) -> bool:
    """Whether a value is a secret by its looks: a URL with a password, a private key."""
    return isinstance(value, str) and bool(_CREDENTIALS.search(value))


def show(value: object, path: str = "") -> str:
    """A value for a message: short, on one line, never the content of a container and never a secret."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return "a list"
    if holds_credentials(value) or any(is_secret_name(part) for part in re.split(r"[.\[\]]", path)):
        return _HIDDEN
    if isinstance(value, int) and value.bit_length() > 64:
        return "a very large number"
    if value is not None and not isinstance(value, (str, int, float)):
        return f"a {type(value).__name__}"
    # As YAML has them, not as Python does.
    text = repr(str.__str__(value)) if isinstance(value, str) else _YAML.get(repr(value), repr(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}… ({len(str(value))} characters)"
