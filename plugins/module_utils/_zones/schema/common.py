# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone map, what its parts have in common: free options of a service, and the place of a secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from . import formats
from .fields import prop


@dataclass(frozen=True, kw_only=True)
class SecretRef:
    """A value in a Kubernetes Secret: the map has only its place.

    RHOSO's operators read Secrets as parts of the configuration, so the value of the key has the lines `[SECTION]` and
    `OPTION = VALUE`. They read every key of such a Secret.
    """

    secret: str = prop("Name of the Secret.", rule=formats.OBJECT_NAME)
    key: str = prop("Key in the Secret.", rule=formats.SECRET_KEY)


# ansible-test's pylint does not know "|" between a type and a class.
Options = dict[str, Union[str, int, float, bool, SecretRef]]  # noqa: UP007
Sections = dict[str, Options]

OPTIONS = (
    "Further options of the section, as in the service's documentation. "
    "Write a secret as `{secret: NAME, key: KEY}`, never in plain text."
)
CONFIG = (
    "Further configuration, by section and option. An option that the collection writes itself is refused: "
    "use its own property."
)
CONFIG_SECRETS = "Names of Kubernetes Secrets with parts of the configuration, such as the array's credentials."
