# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of one service of the control plane object: what the collection writes, and what the map adds. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...._zones.schema.common import Options, SecretRef, Sections
from ...ini import Ini, Value, written

_BRACES = re.compile(r"\{\{|\}\}")
_OF_THE_OPERATOR = re.compile(r"\{\{ *\.\w+ *\}\}")


@dataclass(frozen=True)
class Section:
    """One section.

    :ivar fixed: follows from properties of the map: there is one place to change it.
    :ivar usual: what is right where the map says nothing else.
    :ivar options: the map's free options, which stand at `path`.
    """

    name: str
    fixed: Mapping[str, Value]
    usual: Mapping[str, Value] = field(default_factory=dict)
    options: Options = field(default_factory=dict)
    path: str = ""


@dataclass(frozen=True)
class Config:
    """All sections, the free ones of the map (at `path`), and the Secrets with further parts."""

    sections: tuple[Section, ...]
    free: Sections = field(default_factory=dict)
    path: str = ""
    secrets: tuple[str, ...] = ()

    def ini(self) -> Ini:
        """Everything that stands in the map."""
        found: Ini = {}
        for section in self.sections:
            found.setdefault(section.name, {}).update({**section.fixed, **section.usual, **_plain(section.options)})
        for name, options in self.free.items():
            found.setdefault(name, {}).update(_plain(options))
        return found

    def spec(self) -> dict[str, Any]:
        """The fields of the control plane object. The operators read the Secrets as further parts."""
        groups = [*(section.options for section in self.sections), *self.free.values()]
        referred = [value.secret for group in groups for value in group.values() if isinstance(value, SecretRef)]
        secrets = list(dict.fromkeys([*self.secrets, *referred]))
        text = written(self.ini())
        return {
            **({"customServiceConfig": text} if text else {}),
            **({"customServiceConfigSecrets": secrets} if secrets else {}),
        }

    def broken(self) -> Iterator[tuple[str, str]]:
        """Path and rule of each free option that cannot be written."""
        taken = {(section.name, option) for section in self.sections for option in section.fixed}
        for section in self.sections:
            for option, value in section.options.items():
                yield from _option(f"{section.path}.{option}", option in section.fixed, value)
        usual = {(section.name, option) for section in self.sections for option in (*section.usual, *section.options)}
        for name, options in self.free.items():
            for option, value in options.items():
                yield from _option(f"{self.path}.{name}.{option}", (name, option) in taken | usual, value)


def _plain(options: Options) -> dict[str, Value]:
    return {name: value for name, value in options.items() if not isinstance(value, SecretRef)}


def _option(path: str, taken: bool, value: object) -> Iterator[tuple[str, str]]:
    if taken:
        yield path, "is written by the collection from another property; remove it here and set that one"
    if isinstance(value, str) and _BRACES.search(_OF_THE_OPERATOR.sub("", value)):
        yield path, "has braces that are not a value of the operator, such as {{ .ServicePassword }}; remove them"
