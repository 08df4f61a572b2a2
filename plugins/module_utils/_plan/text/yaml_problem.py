# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a YAML file that may hold secrets. Pure."""

from __future__ import annotations

import re
from contextlib import suppress

# Where it is missing, module.run reports that before anything here is used.
with suppress(ImportError):
    import yaml

# Text in quotes is a piece of the file, which can be of a password; what is no more than a character, and '<...>', are YAML's own words.
_QUOTED = re.compile(r"'[^'<][^']+'")


def problem_of(error: yaml.YAMLError) -> str:
    """What is wrong with a file and where, without the piece of it that the parser would show."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return "it is not YAML"
    mark, begun = error.problem_mark, error.context_mark
    text = _QUOTED.sub("(not shown)", str(error.problem).replace("character '\\t'", "a tab"))
    since = f", begun in line {begun.line + 1}" if begun is not None and begun.line != mark.line else ""
    return (
        f"line {mark.line + 1}, column {mark.column + 1}: {text} {_QUOTED.sub('(not shown)', error.context or '')}".strip()
        + since
    )
