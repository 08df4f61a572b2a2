# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressions that select images, in JMESPath."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..._plan.errors import ZoneopsError
from ..._plan.frame import Library
from ..._plan.text.near import nearest

error_of_import: str | None = None
try:
    import jmespath
    from jmespath.exceptions import JMESPathError
except ImportError:
    error_of_import = traceback.format_exc()
JMESPATH = Library("jmespath", error_of_import)


class Selection:
    """One expression. Raises ZoneopsError where it cannot be understood.

    :param text: true, or anything that is not empty, for the images meant.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._compiled = jmespath.compile(text)
        except JMESPathError as error:
            raise self._error(error) from error

    def __call__(self, image: Any) -> bool:
        """Whether an image, as the API shows it, is meant."""
        try:
            return bool(self._compiled.search(image))
        except JMESPathError as error:
            raise self._error(error) from error

    def nothing(self, images: Sequence[Mapping[str, Any]]) -> str:
        """That the expression selects none of the images, with the values in it that no image has and the ones nearest to them."""
        missing = [text for name, value in _compared(self._compiled.parsed) if (text := _missing(name, value, images))]
        slips = f": {'; '.join(dict.fromkeys(missing))}" if missing else ""
        return f"zoneops_region.images: '{self.text}' selects no image that is active and not replaced{slips}."

    def _error(self, error: Exception) -> ZoneopsError:
        said = " ".join(str(error).split())
        return ZoneopsError(
            f"zoneops_region.images: '{self.text}' is no JMESPath expression over the properties of an image: {said}. "
            "For example: visibility == 'public' && os_distro == 'rhel'"
        )


def _compared(node: Any) -> Iterator[tuple[str, str]]:
    """The properties that an expression compares with a text, and the texts."""
    if not isinstance(node, dict):
        return
    children = node.get("children") or ()
    if node.get("type") == "comparator" and node.get("value") == "eq":
        kinds = {child.get("type"): child.get("value") for child in children}
        if isinstance(kinds.get("field"), str) and isinstance(kinds.get("literal"), str):
            yield kinds["field"], kinds["literal"]
    for child in children:
        yield from _compared(child)


def _missing(name: str, value: str, images: Sequence[Mapping[str, Any]]) -> str:
    """That no image has the property, or none has it with the value; nothing where one has."""
    values = [image[name] for image in images if name in image]
    if not values:
        return f"no image has the property {name}{nearest(name, (key for image in images for key in image))}"
    return "" if value in values else f"no image has {name} '{value}'{nearest(value, map(str, values))}"
