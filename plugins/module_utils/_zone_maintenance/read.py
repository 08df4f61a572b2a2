# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The defaults of the services: one call to each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .._block_storage.api.cinder import Cinder
from .._image.glance import Glance
from .._openstack.cloud import Cloud
from .._plan.errors import ZoneopsError
from .._shared_filesystem.api.manila import Manila
from .model import Defaults

Found = TypeVar("Found")


def read_defaults(cloud: Cloud) -> Defaults:
    """What could not be read is said: it is then unknown whether it leads to a zone."""
    unread: list[str] = []

    def ask(what: str, call: Callable[[], Found]) -> Found | None:
        try:
            return call()
        except ZoneopsError as error:
            unread.append(f"{what}: {error.message}")
            return None

    image, block, share = (
        cloud.service("image", version="2"),
        cloud.service("block-storage"),
        cloud.service("shared-file-system"),
    )
    stores = ask("glance stores", Glance(image).stores) if image.present() else None
    default = next(
        (str(store["id"]) for store in stores or () if str(store.get("default", "")).lower() == "true"), None
    )
    volume_type = ask("cinder's default type", Cinder(block).default_type) if block.present() else None
    share_type = ask("manila's default type", Manila(share).default_type) if share.present() else None
    return Defaults(default, volume_type, share_type, tuple(unread))
