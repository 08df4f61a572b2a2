# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What would be observed after a change. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._plan.change import Change
from .._zones.schema.zone_map import Image as Entry
from .changes import AddImage, FillStore, ImageChange, RemoveCopy, RetireImage, UpdateImage
from .content import usual_kind
from .model import BEGUN, CHECKSUM, REPLACED_BY, REPLACES, Image, Observed
from .policy.metadata import PLAIN, fresh


def simulate(observed: Observed, change: Change, entries: Mapping[str, Entry]) -> Observed:
    """After one change.

    :param entries: what is asked of the images by key, for the content of new ones.
    """
    if isinstance(change, AddImage):
        others = observed.without_image(change.instead) if change.instead else observed
        return others.with_image(_added(change, observed.project))
    if not isinstance(change, ImageChange):
        return observed
    image = observed.by_id.get(change.image or made_id(change.key))
    if image is None:
        return observed
    match change:
        case FillStore():
            stores = tuple(dict.fromkeys((*image.stores, change.store)))
            image = replace(image, stores=stores, status="active", task=None)
            return observed.with_image(
                image if change.method is None else _with_content(image, change, observed, entries)
            )
        case RemoveCopy():
            return observed.with_image(
                replace(image, stores=tuple(store for store in image.stores if store != change.store))
            )
        case UpdateImage():
            return observed.with_image(_updated(image, change.new, publish=change.publish))
        case RetireImage():
            if change.how == "delete":
                return observed.without_image(image.id)
            properties = {**image.properties, REPLACED_BY: change.successor or made_id(change.key)}
            return observed.with_image(
                replace(image, hidden=image.hidden or change.how == "hide", properties=properties)
            )
    return observed


def made_id(key: str) -> str:
    """Stands for the id of an image that this run makes."""
    return f"new {key}"


def _added(change: AddImage, project: str | None) -> Image:
    mark = {BEGUN: "this run", **({REPLACES: change.replaces} if change.replaces else {})}
    raw = fresh(project)
    image = Image(made_id(change.key), change.body["name"], "queued", owner=project, properties=mark, raw=raw)
    return _updated(image, change.body, publish=False)


def _with_content(image: Image, change: FillStore, observed: Observed, entries: Mapping[str, Entry]) -> Image:
    """With the content that is asked for, as far as that is known."""
    entry = entries.get(change.key)
    if entry is None or image.hash_value:
        return image
    kind = usual_kind(observed)
    file = observed.files.get(entry.file or "")
    digests = dict(file.digests) if file else {}
    if entry.checksum:
        known, _colon, digest = entry.checksum.partition(":")
        digests[known] = digest
        image = replace(image, properties={**image.properties, CHECKSUM: entry.checksum})
    if kind in digests:
        image = replace(image, hash_algo=kind, hash_value=digests[kind])
    return replace(image, checksum=digests.get("md5"), size=file.size if file else None)


def _updated(image: Image, new: Mapping[str, Any], *, publish: bool) -> Image:
    fields = {name: key for key, name in PLAIN.items()} | {
        name: name for name in ("name", "disk_format", "container_format")
    }
    plain = {fields[name]: value for name, value in new.items() if name in fields}
    if "tags" in new:
        plain["tags"] = frozenset(new["tags"])
    rest = {name: value for name, value in new.items() if name not in (*fields, "tags")}
    gone = {name for name, value in rest.items() if value is None} | ({BEGUN} if publish else set())
    properties = {name: value for name, value in {**image.properties, **rest}.items() if name not in gone}
    # Expressions that select images look at this.
    raw = {name: value for name, value in {**image.raw, **new}.items() if name not in gone}
    return replace(image, **plain, properties=properties, raw=raw)
