# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the policy says about an image besides its places, beside what is there. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..._zones.schema.zone_map import Image as Entry
from ..content import same
from ..marks import is_begun
from ..model import Image, Observed

# The properties of an entry that glance keeps, each with its name there.
PLAIN = {
    "visibility": "visibility",
    "protected": "protected",
    "hidden": "os_hidden",
    "min_disk": "min_disk",
    "min_ram": "min_ram",
}
# Until an image is finished nobody but its owner can use it, and what is wrong with it can be deleted.
WHILE_MADE: Mapping[str, Any] = {"visibility": "private", "protected": False}
OPEN = ("public", "community")
# What would be untrue of other content: signatures, keys, digests of tools, and what servers and volumes leave on their snapshots.
OF_CONTENT = re.compile(
    r"zoneops_.*|img_signature.*|cinder_encryption_key_.*|owner_specified\.openstack\.(md5|sha256|object)"
    r"|image_type|image_location|image_state|instance_uuid|base_image_ref|block_device_mapping|bdm_v2|signature_verified"
)


def body_of(entry: Entry, replaced: Image | None) -> dict[str, Any]:
    """A new image as it is to be in the end. What the entry leaves out is as it was with the image whose place it takes."""
    body: dict[str, Any] = _inherited(replaced) if replaced else {}
    tags = {*body.pop("tags", ()), *entry.tags}
    body |= {
        "name": entry.name,
        "disk_format": entry.disk_format or body.get("disk_format"),
        "container_format": entry.container_format or body.get("container_format") or "bare",
        **{name: getattr(entry, key) for key, name in PLAIN.items() if getattr(entry, key) is not None},
        **({"tags": sorted(tags)} if tags else {}),
        **entry.properties,
    }
    return {key: value for key, value in body.items() if value is not None}


def _inherited(image: Image) -> dict[str, Any]:
    return {
        "disk_format": image.disk_format,
        "container_format": image.container_format,
        "tags": image.tags,
        **{name: getattr(image, key) for key, name in PLAIN.items()},
        **{
            key: value
            for key, value in image.properties.items()
            if not OF_CONTENT.fullmatch(key) and image.raw.get(key, value) is not None
        },
    }


def while_made(body: Mapping[str, Any]) -> dict[str, Any]:
    """The same image as it is asked for first."""
    return {**body, **{name: WHILE_MADE[name] for name in at_the_end(body)}}


def at_the_end(body: Mapping[str, Any]) -> dict[str, Any]:
    """What it gets only once its data are there."""
    opened = {"visibility": body["visibility"]} if body.get("visibility") in OPEN else {}
    return opened | ({"protected": True} if body.get("protected") else {})


def fresh(project: str | None) -> dict[str, Any]:
    """A new image of which nothing was said, as the API shows it."""
    plain = {"visibility": "shared", "protected": False, "os_hidden": False, "min_disk": 0, "min_ram": 0, "tags": []}
    return {"status": "queued", "owner": project, **plain}


def predicted(entry: Entry, image: Image | None, replaced: Image | None, observed: Observed) -> dict[str, Any]:
    """An image as the API will show it, for expressions that select images.

    :param image: None for one that is made.
    :param replaced: the image whose place it takes.
    """
    if image is None:
        return {**fresh(observed.project), "status": "active", **body_of(entry, replaced)}
    _old, new = drift(entry, image, replaced)
    gone = {name for name, value in new.items() if value is None}
    return {key: value for key, value in {**image.raw, "status": "active", **new}.items() if key not in gone}


def drift(entry: Entry, image: Image, replaced: Image | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The properties that differ, as they are and as they are asked for; None for one that is not there.

    :param replaced: the image whose place it takes; what it gets at the end of being made may come from there.
    """
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    last = at_the_end(body_of(entry, replaced)) if is_begun(image) else {}
    for key, name in PLAIN.items():
        asked, found = getattr(entry, key), getattr(image, key)
        wanted = last.get(name) if asked is None else asked
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
        state["content"] = "as desired" if same(entry, image, observed) else "other"
    state |= {key: getattr(image, key) for key in PLAIN if getattr(entry, key) is not None}
    if entry.tags:
        state["tags"] = sorted(image.tags)
    state |= {"properties": {key: image.properties.get(key) for key in entry.properties}} if entry.properties else {}
    return state | ({"finished": False} if is_begun(image) else {})
