# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writer: one method per change. Everything is looked at once more right before it is removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._compute.nova import Nova
from .._openstack.errors import ApiError, gone
from .._plan.apply import Undo
from .._plan.change import Change
from .._plan.deadline import Deadline
from .._plan.errors import Postponed, ZoneopsError
from .._zones.schema.zone_map import Image as Entry
from .changes import AddImage, FillStore, Precache, RemoveCopy, RetireImage, UpdateImage
from .content import usual_kind
from .glance import Glance
from .marks import is_begun, mark
from .model import BEGUN, CHECKSUM, REPLACED_BY, REPLACES, Image, Observed
from .transfer import Job, Report, Transfers, outcome


class Writer:
    """Carries out the changes of one plan.

    :param entries: what is asked of the images, by key.
    """

    def __init__(
        self,
        glance: Glance,
        nova: Nova,
        entries: Mapping[str, Entry],
        deadline: Deadline,
        report: Report,
        parallel: int,
    ) -> None:
        self.glance = glance
        self.nova = nova
        self.entries = entries
        self.deadline = deadline
        self.parallel = parallel
        self._transfers = Transfers(glance, deadline, report)
        self._made: dict[str, str] = {}
        self._jobs: dict[str, Job] | None = None
        self._changes: Sequence[Change] = ()
        self._observed = Observed()

    def start_from(self, observed: Observed, changes: Sequence[Change]) -> None:
        """The changes are of a plan that was made of this."""
        self._observed, self._changes = observed, changes
        self._jobs = None

    def write(self, change: Change) -> Undo | None:
        match change:
            case AddImage():
                self._add(change)
            case FillStore():
                self._fill(change)
            case UpdateImage():
                self._update(change)
            case RetireImage():
                self._retire(change)
            case RemoveCopy():
                self._remove(change)
            case Precache():
                self._precache(change)
        # What was brought stays: to take it away again would help nobody, and the next run goes on from here.
        return None

    def _add(self, change: AddImage) -> None:
        if change.instead:
            self.glance.delete(change.instead)
        entry = self.entries[change.key]
        body: dict[str, Any] = {**change.body, BEGUN: mark(self.deadline.remaining())}
        # A mark in the place of what cannot be compared later; it is right, since the plan has compared the file.
        if entry.checksum and entry.file and not entry.checksum.startswith(("md5:", f"{usual_kind(self._observed)}:")):
            body[CHECKSUM] = entry.checksum
        if change.replaces:
            body[REPLACES] = change.replaces
        image = self.glance.create(body)
        self._refuse_second(image)
        self._made[change.key] = image.id

    def _refuse_second(self, made: Image) -> None:
        """Another run may have made one of the same name at the same time: the one whose id sorts later goes."""
        known = set(self._observed.by_id)
        others = [
            other for other in self.glance.images(name=made.name) if other.id not in known and other.owner == made.owner
        ]
        first = min(others, key=lambda image: (str(image.raw.get("created_at")), image.id), default=made)
        if first.id != made.id:
            self.glance.delete(made.id)
            raise ZoneopsError(f"an image of this name was created at the same moment ({first.id}). Run it again.")

    def _fill(self, change: FillStore) -> None:
        if self._jobs is None:
            self._jobs = self._bring()
        error = outcome(self._jobs, change.key, change.store)
        if error is not None:
            raise error

    def _bring(self) -> dict[str, Job]:
        """All stores of all images of the plan, at once: each change is then told what became of it."""
        stores: dict[str, list[str]] = {}
        ids: dict[str, str | None] = {}
        for change in self._changes:
            if isinstance(change, FillStore):
                stores.setdefault(change.key, []).append(change.store)
                ids[change.key] = change.image or self._made.get(change.key)
        jobs: dict[str, Job] = {}
        for key, found in ids.items():
            if found is not None:
                known = self._observed.by_id.get(found)
                ours = known is None or is_begun(known)
                jobs[key] = Job(key, found, tuple(stores[key]), self.entries.get(key), ours)
        self._transfers.run(jobs.values(), self.parallel)
        return jobs

    def _update(self, change: UpdateImage) -> None:
        image = self.glance.image(self._id_of(change.key, change.image))
        if change.publish and not image.active:
            raise ZoneopsError(f"it is {image.status}, not active: it is kept unchanged until its data is complete.")
        new = {name: value for name, value in change.new.items() if value is not None or name in image.properties}
        if change.publish and BEGUN in image.properties:
            new[BEGUN] = None
        if new:
            self.glance.update(image.id, new)

    def _retire(self, change: RetireImage) -> None:
        successor = self._successor(change)
        old = change.image or ""
        if change.how == "delete":
            if change.protected:
                self.glance.update(old, {"protected": False})
            with gone(lambda: self._there(old) is not None):
                self.glance.delete(old)
            return
        self.glance.update(old, {REPLACED_BY: successor, **({"os_hidden": True} if change.how == "hide" else {})})

    def _successor(self, change: RetireImage) -> str:
        """The image in its place, which users have to be able to take from all the stores that are asked for."""
        found = change.successor or self._made.get(change.key)
        if found is None:
            raise self._too_soon(change, "was not created")
        try:
            image = self.glance.image(found)
        except ApiError as error:
            if error.status != 404:
                raise
            # Its content was not what was asked for.
            raise self._too_soon(change, "was deleted") from error
        missing = [store for store in change.stores if store not in image.stores or not image.active]
        if missing:
            raise self._too_soon(change, f"({image.id}) is not in {', '.join(missing)} yet")
        if is_begun(image):
            raise self._too_soon(change, f"({image.id}) is not finished")
        return image.id

    @staticmethod
    def _too_soon(change: RetireImage, why: str) -> Postponed:
        """What failed has its own error, in the zone where it did."""
        return Postponed(f"image {change.key} ({change.image}) is kept: its successor {why}. The next run resumes it.")

    def _remove(self, change: RemoveCopy) -> None:
        image = self.glance.image(change.image or "")
        others = [store for store in image.stores if store != change.store]
        if not others or not image.active:
            raise ZoneopsError("this is the only copy of it that glance has: it is kept.")
        if change.store in image.stores:
            with gone(lambda: (now := self._there(image.id)) is not None and change.store in now.stores):
                self.glance.remove_from(image.id, change.store)

    def _there(self, image_id: str) -> Image | None:
        try:
            return self.glance.image(image_id)
        except ApiError as error:
            if error.status != 404:
                raise
            return None

    def _precache(self, change: Precache) -> None:
        """POST /os-aggregates/{id}/images (2.81), only of what is in the zone's store by now."""
        jobs = self._jobs or {}
        # What became of other stores is nothing to these hosts.
        ids = [jobs[key].image for key in change.keys if outcome(jobs, key, change.store) is None]
        if not ids:
            raise ZoneopsError("none of the images reached the zone's store.")
        aggregate = next((found for found in self.nova.aggregates() if found.name == change.aggregate), None)
        if aggregate is None or aggregate.id is None:
            raise ZoneopsError(f"nova has no aggregate {change.aggregate}: converge the availability zones first.")
        self.nova.cache_images(aggregate.id, ids)

    def _id_of(self, key: str, known: str | None) -> str:
        found = known or self._made.get(key)
        if found is None:
            raise ZoneopsError("the image was not created.")
        return found
