# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration of a service as data (section, option, value), and as the text that the operators hand to it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Union

# ansible-test's pylint does not know "|" between types outside of annotations.
Value = Union[str, int, float, bool]  # noqa: UP007
Ini = dict[str, dict[str, Value]]
DEFAULT = "DEFAULT"


def written(config: Mapping[str, Mapping[str, Value]]) -> str:
    """The text. [DEFAULT] comes first, everything else in the order in which it was put in: equal data, equal text.

    `{{ .ServicePassword }}` and its like pass as they are: the operator fills them in.
    """
    sections = sorted((name for name in config if config[name]), key=lambda name: name != DEFAULT)
    lines: list[str] = []
    for name in sections:
        lines.append(f"[{name}]")
        lines += [f"{option} = {value}" for option, value in config[name].items()]
    return "\n".join([*lines, ""])
