# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""glance's file stores, which can be made to fail one by one."""

from __future__ import annotations

import errno
import functools
from typing import Any

from glance_store._drivers import filesystem

from zonelab.failing import Failing


def install() -> None:
    """Patch the driver of this process; the staging area is a store too, and never told to fail."""
    for name in ("add", "get", "delete"):
        setattr(filesystem.Store, name, touches_storage(getattr(filesystem.Store, name)))


def touches_storage(method: Any) -> Any:
    """As a file system answers whose disks are gone."""

    @functools.wraps(method)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        if complaint := Failing.of_this_process().complaint("store", self.backend_group or ""):
            raise OSError(errno.EIO, complaint)
        return method(self, *args, **kwargs)

    return guarded
