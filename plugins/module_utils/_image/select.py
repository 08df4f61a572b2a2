# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressions that select images, in JMESPath."""

from __future__ import annotations

import traceback
from typing import Any

from .._plan.errors import ZoneopsError
from .._plan.frame import Library

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

    def _error(self, error: Exception) -> ZoneopsError:
        said = " ".join(str(error).split())
        return ZoneopsError(
            f"zoneops_region.images: '{self.text}' is no JMESPath expression over the properties of an image: {said}. "
            "For example: visibility == 'public' && os_distro == 'rhel'"
        )
