# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator asks of one run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """The options of one run.

    :ivar only: zones that may be touched.
    :ivar purge_stores: take images of the policy out of the stores of zones that it does not name for them.
    :ivar replaced: what becomes of an image whose content is no longer asked for: "keep", "hide" or "delete".
    :ivar precache: bring images that come to a zone into the caches of its hosts.
    :ivar parallel: how many images are brought at once.
    :ivar allow: refusals that are lifted, overrides.
    """

    only: tuple[str, ...]
    purge_stores: bool = False
    replaced: str = "hide"
    precache: bool = False
    parallel: int = 4
    allow: frozenset[str] = frozenset()
