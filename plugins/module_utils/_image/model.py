# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What glance lists, and what this collection leaves on an image to know it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from .._block_storage.api.model import ImageVolume
from .._compute.model import Server

# Properties of an image that tell what a run is about. Users can see them.
# While the image is made: which run does it, see `marks`. Taken away at the end.
BEGUN = "zoneops_begun"
# The image of the same name that this one takes the place of.
REPLACES = "zoneops_replaces"
# On the old one, once it is out of use: the image that took its place.
REPLACED_BY = "zoneops_replaced_by"
# The checksum that was asked for and seen to be right, where it is of another kind than glance keeps.
CHECKSUM = "zoneops_checksum"

# glance's own kind for an image that does not say.
USUAL_HASH = "sha512"


@dataclass(frozen=True)
class Store:
    """A store. `type` is None where only an administrator may know."""

    id: str
    default: bool = False
    type: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Image:
    """An image.

    :ivar stores: those that hold its data.
    :ivar task: the import or copy that is at work on it.
    :ivar failed: stores that the last import or copy could not write to.
    :ivar properties: all that glance has no meaning for, marks of this collection included.
    :ivar raw: the image as the API shows it, for expressions.
    """

    id: str
    name: str
    status: str
    owner: str | None = None
    visibility: str = "shared"
    protected: bool = False
    hidden: bool = False
    disk_format: str | None = None
    container_format: str | None = None
    min_disk: int = 0
    min_ram: int = 0
    size: int | None = None
    stores: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    checksum: str | None = None
    hash_algo: str | None = None
    hash_value: str | None = None
    task: str | None = None
    failed: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        return self.status == "active"

    @property
    def retired(self) -> bool:
        """Whether another image has taken its place."""
        return REPLACED_BY in self.properties


@dataclass(frozen=True)
class Content:
    """A file that an image is made from: its size and digests by kind, or why it cannot be read."""

    size: int = 0
    digests: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True)
class Observed:
    """What glance lists, and what else a plan needs.

    :ivar project: whose images those of the policy are.
    :ivar files: contents by path, as far as a plan has to know them.
    :ivar servers: None until a plan would take an image away from somewhere.
    :ivar volumes: those made from images, where a server boots from a volume.
    :ivar incomplete: why the lists of servers and volumes may not be whole.
    """

    stores: tuple[Store, ...] = ()
    images: tuple[Image, ...] = ()
    project: str | None = None
    files: Mapping[str, Content] = field(default_factory=dict)
    servers: tuple[Server, ...] | None = None
    volumes: tuple[ImageVolume, ...] = ()
    incomplete: tuple[str, ...] = ()

    @cached_property
    def by_id(self) -> Mapping[str, Image]:
        return {image.id: image for image in self.images}

    @cached_property
    def store(self) -> Mapping[str, Store]:
        return {store.id: store for store in self.stores}

    def named(self, name: str) -> tuple[Image, ...]:
        """The images of a name that a policy can mean: those of its own project, and public ones. Replaced ones are history."""
        return tuple(
            image
            for image in self.images
            if image.name == name
            and not image.retired
            and (image.owner == self.project or image.visibility == "public")
        )

    def with_image(self, image: Image) -> Observed:
        """With an image added, or the one of its id replaced."""
        others = tuple(other for other in self.images if other.id != image.id)
        return replace(self, images=(*others, image))

    def without_image(self, image_id: str) -> Observed:
        return replace(self, images=tuple(image for image in self.images if image.id != image_id))
