# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the policy means in a cloud: which image each entry stands for, and in which zones it is to be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..._zones.schema.zone_map import Image as Entry
from ..._zones.schema.zone_map import ZoneMap
from ..._zones.validation.entries import expanded
from ..content import same
from ..model import REPLACES, Image, Observed
from .metadata import predicted
from .select import Selection


@dataclass(frozen=True)
class Target:
    """One image of the policy.

    :ivar key: what it is called in plans and results.
    :ivar entry: what is asked of it besides its places; None for an image that an expression selects.
    :ivar image: the image as it is, None where there is none.
    :ivar zones: inventory names of the zones in whose stores it is to be, in the region's order.
    :ivar older: images of its name whose place it has taken.
    :ivar renew: its content is not what is asked for, so it gets a successor.
    :ivar problem: why nothing can be done about it, with the rule's name.
    """

    key: str
    entry: Entry | None
    image: Image | None
    zones: tuple[str, ...]
    older: tuple[Image, ...] = ()
    renew: bool = False
    problem: tuple[str, str] | None = None

    @property
    def replaced(self) -> tuple[Image, ...]:
        """The images whose place it takes, the newest first."""
        return (self.image, *self.older) if self.renew and self.image else self.older

    @property
    def stores(self) -> tuple[str, ...]:
        """Those that hold what is asked for."""
        return self.image.stores if self.image and self.image.active and not self.renew else ()


class Policy:
    """The images of a zone map."""

    def __init__(self, zone_map: ZoneMap) -> None:
        self.zone_map = zone_map
        entries = expanded(zone_map.region.images)
        self.named = tuple(entry for entry in entries if entry.select is None)
        self._selections = tuple((Selection(entry.select), entry) for entry in entries if entry.select is not None)

    def targets(self, observed: Observed) -> tuple[Target, ...]:
        """Each image once, with the zones of all entries that mean it."""
        found = [self._named(entry, observed) for entry in self.named]
        settled = {
            image.id for target in found for image in (*target.older, *((target.image,) if target.image else ()))
        }
        found = [self._with_selected(target, observed) for target in found]
        zones = self._selected(observed)
        others = [observed.by_id[image_id] for image_id in zones if image_id not in settled]
        return (*found, *(self._target(image, zones[image.id], [*others, *found]) for image in others))

    def _with_selected(self, target: Target, observed: Observed) -> Target:
        """With the zones of expressions that mean it as this run leaves it: else the next run would find more to do."""
        if target.entry is None:
            return target
        raw = _at_the_end(target, target.entry, observed)
        zones = {zone for selection, entry in self._selections if selection(raw) for zone in entry.zones}
        return replace(target, zones=self._ordered({*target.zones, *zones}))

    def without_images(self, observed: Observed) -> list[tuple[Entry, str]]:
        """The expressions that select no image, neither one that is there nor one that this run makes or changes, with what is wrong."""
        targets = [self._named(entry, observed) for entry in self.named]
        images = [image.raw for image in observed.images if image.active and not image.retired]
        images += [_at_the_end(target, target.entry, observed) for target in targets if target.entry]
        return [(entry, select.nothing(images)) for select, entry in self._selections if not any(map(select, images))]

    def _target(self, image: Image, zones: Iterable[str], others: Iterable[Image | Target]) -> Target:
        names = [other.name if isinstance(other, Image) else other.key for other in others]
        key = (
            image.name
            if image.name and names.count(image.name) == 1
            else f"{image.name or 'without a name'} ({image.id})"
        )
        return Target(key, None, image, self._ordered(zones))

    def _ordered(self, zones: Iterable[str]) -> tuple[str, ...]:
        wanted = set(zones)
        return tuple(name for name in self.zone_map.zones if name in wanted)

    def _selected(self, observed: Observed) -> Mapping[str, set[str]]:
        """The zones of the images that expressions select, by id. Only whole images that are in use can be copied."""
        zones: dict[str, set[str]] = {}
        for selection, entry in self._selections:
            for image in sorted(observed.images, key=lambda image: (image.name, image.id)):
                if image.active and not image.retired and selection(image.raw):
                    zones.setdefault(image.id, set()).update(entry.zones)
        return zones

    def _named(self, entry: Entry, observed: Observed) -> Target:
        target = Target(entry.name, entry, None, self._ordered(entry.zones))
        candidates = observed.named(entry.name)
        replaced = {image.properties.get(REPLACES) for image in candidates}
        heads = [image for image in candidates if image.id not in replaced]
        if len(heads) > 1:
            ids = " and ".join(sorted(f"{image.id} ({image.status}, {image.visibility})" for image in heads))
            message = f"{len(heads)} images are named {entry.name}: {ids}. Users who name it get an error. Rename or delete one."
            return replace(target, problem=("same_name", message))
        if not heads:
            return target
        image = heads[0]
        older = tuple(other for other in candidates if other is not image)
        target = replace(target, image=image, older=older)
        return _compared(target, entry, image, observed) if image.active else target


def _at_the_end(target: Target, entry: Entry, observed: Observed) -> Mapping[str, Any]:
    """An image of the policy as this run leaves it."""
    return predicted(entry, None if target.renew else target.image, next(iter(target.replaced), None), observed)


def _compared(target: Target, entry: Entry, image: Image, observed: Observed) -> Target:
    """Formats and content of an image that is there cannot be changed: another one is a new image."""
    made = entry.file or entry.url
    wrong = [
        f"{name} {getattr(image, name)} instead of {wanted}"
        for name, wanted in (("disk_format", entry.disk_format), ("container_format", entry.container_format))
        if wanted is not None and wanted != getattr(image, name)
    ]
    if wrong and not made:
        message = (
            f"image {entry.name} ({image.id}) has {' and '.join(wrong)}, which glance cannot change. "
            "Give `file` or `url`, from which a new one is created, or correct the map."
        )
        return replace(target, problem=("format", message))
    told = same(entry, image, observed)
    if told is None:
        kind = (entry.checksum or "").partition(":")[0]
        message = (
            f"image {entry.name} ({image.id}): glance keeps {image.hash_algo} and md5, the map gives {kind}, so the content cannot be "
            f"compared. Give the checksum as {image.hash_algo}."
        )
        return replace(target, problem=("checksum_kind", message))
    return replace(target, renew=bool(wrong) or not told)
