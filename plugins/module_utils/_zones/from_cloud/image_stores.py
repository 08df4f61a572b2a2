# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image stores of a region as they are, as entries of the zone map. What the map could not say is left out, with a remark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..schema.formats import SECTION

# The one policy that import can write without guessing: what users see is in every zone.
EVERYWHERE = {"name": "public images", "select": "visibility == 'public'"}


def image_stores(found: Mapping[str, Any], names: Mapping[str, str]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The stores that are named after a zone, by inventory name, and remarks: no API tells which zone a store is in.

    :param names: inventory names by availability zone.
    """
    listed = [str(store["id"]) for store in found.get("image_stores", [])]
    stores: dict[str, dict[str, Any]] = {}
    for zone, name in names.items():
        own = next((one for one in (name, zone) if one in listed and not SECTION.broken(one)), None)
        if own is not None:
            stores[name] = {} if own == name else {"name": own}
    taken = {store.get("name", name) for name, store in stores.items()}
    left = [store for store in listed if store not in taken]
    return stores, [
        f"Image store {store!r} is named after no zone and was not imported. "
        f"If it belongs to a zone, write image_store: {{name: {store}}} into the zone's file."
        for store in left
    ]


def image_policy(
    found: Mapping[str, Any], stores: Mapping[str, Mapping[str, Any]], zones: int
) -> tuple[list[dict[str, Any]], list[str]]:
    """That every public image is in every zone, where it is so; else what keeps it from being said.

    :param stores: by inventory name.
    :param zones: how many zones there are.
    """
    public = [image for image in found.get("images", []) if image["visibility"] == "public" and not image["hidden"]]
    wanted = {store.get("name", name) for name, store in stores.items()}
    if not public or not wanted or len(stores) < zones:
        return [], []
    short = [image for image in public if image["status"] != "active" or not wanted <= set(image["stores"])]
    if short:
        remark = (
            f"{len(short)} of {len(public)} public images are not in the stores of all zones. To copy all of them to all zones, "
            f'write images: [{{name: {EVERYWHERE["name"]}, select: "{EVERYWHERE["select"]}"}}].'
        )
        return [], [remark]
    if any(image["visibility"] == "public" and image["hidden"] for image in found["images"]):
        # The expression would take hidden images for meant too, wherever they are.
        return [{**EVERYWHERE, "select": "visibility == 'public' && !os_hidden"}], []
    return [dict(EVERYWHERE)], []
