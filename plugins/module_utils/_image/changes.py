# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes to images. Each stands alone: an image or a store that fails takes no other with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from .._plan.change import Change, part


@dataclass(frozen=True)
class ImageChange(Change):
    """One write about one image of the policy.

    :ivar key: the name under which the policy knows it.
    :ivar image: its id, None for one that this run makes.
    """

    alone: ClassVar[bool] = True
    key: str
    image: str | None

    @property
    def target(self) -> str:
        return f"image {self.key}"


@dataclass(frozen=True)
class AddImage(ImageChange):
    """A new image without data, and without those who may use it: it becomes public, and protected, at the end.

    :ivar body: what is asked of it.
    :ivar replaces: the image of the same name whose place it takes.
    :ivar instead: one that an interrupted run began and that cannot be resumed: it is removed first.
    """

    action: ClassVar[str] = "add_image"
    body: Mapping[str, Any]
    replaces: str | None = None
    instead: str | None = None

    @property
    def after(self) -> dict[str, Any]:
        return dict(self.body)

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """A run that was interrupted has removed the incomplete one, or left another one that is incomplete."""
        text = f"create image {self.key}{self._other}, also in place of one that is incomplete"
        return (part(self.action, self.target, self.before, self.after, text),)

    @property
    def _other(self) -> str:
        return f", since its content differs from that of {self.replaces}" if self.replaces else ""

    @property
    def text(self) -> str:
        if self.instead:
            return f"recreate image {self.key} in place of {self.instead}, which is incomplete"
        return f"create image {self.key}{self._other}"


@dataclass(frozen=True)
class FillStore(ImageChange):
    """The data of an image into the store of a zone.

    :ivar method: how it comes to glance: "file", "url", or None for a copy of what another store has.
    """

    action: ClassVar[str] = "fill_store"
    # The first one of a run brings all images into all their stores.
    joint: ClassVar[bool] = True
    store: str
    method: str | None

    @property
    def target(self) -> str:
        return f"image {self.key} in store {self.store}"

    @property
    def after(self) -> str:
        return "active"

    @property
    def text(self) -> str:
        return f"{'import' if self.method else 'copy'} image {self.key} into store {self.store}"

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """A run that was interrupted copies from the stores that have it what it would have imported."""
        text = f"import or copy image {self.key} into store {self.store}"
        return (part(self.action, self.target, self.before, self.after, text),)


@dataclass(frozen=True)
class UpdateImage(ImageChange):
    """Properties of an image; the value None stands for one that is not there.

    :ivar publish: the end of making it: until now nobody else could use it.
    """

    action: ClassVar[str] = "update_image"
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    publish: bool = False

    @property
    def before(self) -> dict[str, Any]:
        return dict(self.old)

    @property
    def after(self) -> dict[str, Any]:
        return dict(self.new)

    @property
    def text(self) -> str:
        shown = ", ".join(f"{key}={_shown(value)}" for key, value in self.new.items())
        if self.publish:
            return f"finish image {self.key}{f': {shown}' if shown else ''}"
        return f"set image {self.key}: {shown}"


@dataclass(frozen=True)
class RetireImage(ImageChange):
    """What becomes of an image whose place another one has taken.

    :ivar how: "keep", "hide" or "delete".
    :ivar successor: the id of the other one, None where this run makes it.
    :ivar stores: where that has to be before.
    """

    action: ClassVar[str] = "retire_image"
    how: str
    protected: bool
    successor: str | None
    stores: tuple[str, ...]

    @property
    def target(self) -> str:
        return f"image {self.image}"

    @property
    def text(self) -> str:
        done = {"keep": "keep the old image", "hide": "hide the old image", "delete": "delete the old image"}[self.how]
        return f"{done} {self.key} ({self.image})"


@dataclass(frozen=True)
class RemoveCopy(ImageChange):
    """The data of an image out of the store of a zone."""

    action: ClassVar[str] = "remove_copy"
    store: str

    @property
    def target(self) -> str:
        return f"image {self.key} in store {self.store}"

    @property
    def before(self) -> str:
        return "active"

    @property
    def text(self) -> str:
        return f"remove image {self.key} from store {self.store}"


@dataclass(frozen=True)
class Precache(Change):
    """Images into the caches of a zone's compute hosts, once they are in its store.

    :ivar store: that of the zone.
    """

    action: ClassVar[str] = "precache"
    alone: ClassVar[bool] = True
    aggregate: str
    store: str
    keys: tuple[str, ...]

    @property
    def target(self) -> str:
        return f"aggregate {self.aggregate}"

    @property
    def after(self) -> list[str]:
        return list(self.keys)

    @property
    def text(self) -> str:
        return f"cache {', '.join(self.keys)} on the hosts of aggregate {self.aggregate}"


def _shown(value: Any) -> str:
    return "none" if value is None else ",".join(sorted(value)) if isinstance(value, (list, frozenset)) else str(value)
