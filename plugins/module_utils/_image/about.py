# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the policy says about an image besides its places, beside what is there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._zones.schema import Image as Entry
from .content import same
from .marks import is_begun
from .model import Image, Observed

# The properties of an entry that glance keeps, each with its name there.
PLAIN = {
    "visibility": "visibility",
    "protected": "protected",
    "hidden": "os_hidden",
    "min_disk": "min_disk",
    "min_ram": "min_ram",
}
# Who may use an image that is not finished: nobody but its owner.
WHILE_MADE = "private"
OPEN = ("public", "community")


def body_of(entry: Entry) -> dict[str, Any]:
    """A new image as it is asked for."""
    body: dict[str, Any] = {
        "name": entry.name,
        "disk_format": entry.disk_format,
        "container_format": entry.container_format or "bare",
        **{name: getattr(entry, key) for key, name in PLAIN.items() if getattr(entry, key) is not None},
        **({"tags": sorted(entry.tags)} if entry.tags else {}),
        **{key: value for key, value in entry.properties.items() if value is not None},
    }
    if body.get("visibility") in OPEN:
        body["visibility"] = WHILE_MADE
    return body


def predicted(entry: Entry, image: Image | None, observed: Observed) -> dict[str, Any]:
    """An image as the API will show it, for expressions that select images."""
    fresh = {
        "status": "active",
        "owner": observed.project,
        "visibility": "shared",
        "protected": False,
        "os_hidden": False,
    }
    start = {**image.raw, "status": "active"} if image else {**fresh, "min_disk": 0, "min_ram": 0, "tags": []}
    wanted = body_of(entry)
    if image:
        wanted["tags"] = sorted({*image.tags, *entry.tags})
        wanted = {key: value for key, value in wanted.items() if value is not None and not key.endswith("_format")}
    if entry.visibility is not None:
        wanted["visibility"] = entry.visibility
    return {**start, **wanted}


def drift(entry: Entry, image: Image) -> tuple[dict[str, Any], dict[str, Any]]:
    """The properties that differ, as they are and as they are asked for; None for one that is not there."""
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for key, name in PLAIN.items():
        wanted, found = getattr(entry, key), getattr(image, key)
        if wanted is not None and wanted != found:
            old[name], new[name] = found, wanted
    if not set(entry.tags) <= image.tags:
        old["tags"], new["tags"] = sorted(image.tags), sorted({*image.tags, *entry.tags})
    for key, value in entry.properties.items():
        if image.properties.get(key) != value:
            old[key], new[key] = image.properties.get(key), value
    return old, new


def shown(entry: Entry | None, image: Image | None, store: str, observed: Observed) -> Mapping[str, Any]:
    """An image in the diff of a zone: whether it is there, and what of it is managed. Nothing that only a run can know, such as its id."""
    if image is None:
        return {"in_store": False}
    state: dict[str, Any] = {"in_store": store in image.stores and image.active, "status": image.status}
    if entry is None:
        return state
    if entry.disk_format is not None:
        state["disk_format"] = image.disk_format
    if (entry.file or entry.checksum) and image.active:
        state["content"] = "as asked for" if same(entry, image, observed) else "other"
    state |= {key: getattr(image, key) for key in PLAIN if getattr(entry, key) is not None}
    if entry.tags:
        state["tags"] = sorted(image.tags)
    state |= {"properties": {key: image.properties.get(key) for key in entry.properties}} if entry.properties else {}
    return state | ({"finished": False} if is_begun(image) else {})
