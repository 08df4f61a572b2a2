# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for images: pure, from the policy and what is observed. All refusals come from here, before any write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._plan.change import Change, Note, Plan, Refusal
from .._plan.text.listing import first
from .changes import AddImage, FillStore, Precache, RemoveCopy, RetireImage, UpdateImage
from .guards import begins_anew, hindrance
from .marks import is_begun
from .model import Image, Observed
from .options import Options
from .policy.metadata import WHILE_MADE, at_the_end, body_of, drift, while_made
from .policy.resolve import Policy, Target
from .policy.users import users_of

SHOWN = 5
# The state of a zone in which a run waits for nothing.
LOST = "down"


def make_plan(policy: Policy, observed: Observed, options: Options) -> Plan[Change]:
    """New images first, then data into stores, properties, images that are replaced, caches; what goes away goes last."""
    planner = Planner(policy, observed, options)
    for target in policy.targets(observed):
        planner.image(target)
    planner.precache()
    planner.copy_on_write()
    planner.without_images()
    changes = [change for phase in planner.phases.values() for change in phase]
    return Plan.of(changes, planner.refusals, planner.notes)


class Planner:
    """Collects what is to be done; one call of `image` for each image."""

    def __init__(self, policy: Policy, observed: Observed, options: Options) -> None:
        self.zones = policy.zone_map.zones
        self.policy = policy
        self.observed = observed
        self.options = options
        self.phases: dict[type[Change], list[Change]] = {
            kind: [] for kind in (AddImage, FillStore, UpdateImage, RetireImage, Precache, RemoveCopy)
        }
        self.refusals: list[Refusal] = []
        self.notes: list[Note] = []
        self._storeless: set[str] = set()
        self._copied: dict[str, list[str]] = {}

    def image(self, target: Target) -> None:
        """Everything about one image."""
        zones = [
            name
            for name in target.zones
            if name in self.options.only and not self._lost(name, target) and self._has_store(name)
        ]
        if self._blocked(target, zones):
            return
        image = target.image
        if zones:
            if image is None or target.renew or begins_anew(image):
                self._add(target, zones)
            else:
                self._keep(target, image, zones)
            self._without_clones(target, zones)
        if self.options.purge_stores and image is not None and not target.renew:
            self._purge(target, image)

    def precache(self) -> None:
        """Once for each zone, for the images that come to its store now: nova does not tell what is cached."""
        if not self.options.precache:
            return
        for name in self.options.only:
            fills = [change for change in self.phases[FillStore] if change.zone == name]
            keys = tuple(change.key for change in fills if isinstance(change, FillStore))
            compute = self.zones[name].compute
            if keys and compute:
                self.phases[Precache].append(Precache(name, compute.aggregate, self.store_of(name), keys))
            elif keys:
                missing = "no host caches the new images: the zone's file has no compute."
                self.notes.append(Note(name, missing, mended=True))

    def copy_on_write(self) -> None:
        """One note for each zone: a cloud may have many such images."""
        for name, images in self._copied.items():
            self.notes.append(
                Note(
                    name,
                    f"store {self.store_of(name)} is rbd and cannot clone images that are not raw: {', '.join(images)}. Every server "
                    "and volume gets a full copy, which is converted each time. Provide raw images.",
                )
            )

    def without_images(self) -> None:
        """An expression that selects no image brings nothing anywhere, and would look like one that is kept."""
        for entry, message in self.policy.without_images(self.observed):
            zones = [name for name in entry.zones if name in self.options.only]
            self.notes += [Note(name, message, wrong=self.zones[name].zone_state != LOST) for name in zones]

    def store_of(self, zone: str) -> str:
        """The name of a zone's store."""
        store = self.zones[zone].image_store
        return store.name if store else zone

    def _lost(self, zone: str, target: Target) -> bool:
        """Whether a zone that is known to be down would have to take the image in: nothing is waited for there."""
        held = target.image is not None and target.image.active and self.store_of(zone) in target.image.stores
        if self.zones[zone].zone_state != LOST or (held and not target.renew):
            return False
        self.notes.append(
            Note(zone, f"image {target.key} is not copied to store {self.store_of(zone)}: the zone is {LOST}")
        )
        return True

    def _has_store(self, zone: str) -> bool:
        store = self.store_of(zone)
        if store in self.observed.store:
            return True
        if zone not in self._storeless:
            self._storeless.add(zone)
            known = ", ".join(sorted(self.observed.store)) or "none"
            known_as = self.zones[zone].image_store
            kind = (known_as.type if known_as else None) or "TYPE"
            self._refuse(
                [zone],
                "no_store",
                f"glance has no store {store} (it has {known}). The glance API of the catalog has to have the stores of all zones: "
                f"add {store}:{kind} to its enabled_backends and a section [{store}] (in RHOSO: customServiceConfig of "
                "the glanceAPI that keystoneEndpoint names), or correct image_store.name of the zone.",
            )
        return False

    def _blocked(self, target: Target, zones: Sequence[str]) -> bool:
        problem = hindrance(target, self.observed, self.options.allow)
        if problem:
            self._refuse(zones, *problem)
        return problem is not None

    def _add(self, target: Target, zones: Sequence[str]) -> None:
        entry, image = target.entry, target.image
        if entry is None:
            return
        instead = image.id if image and not target.renew else None
        replaced = next(iter(target.replaced), None)
        body = body_of(entry, replaced)
        lead = zones[0]
        replaces = replaced.id if replaced else None
        self.phases[AddImage].append(AddImage(lead, target.key, None, while_made(body), replaces, instead))
        for name in zones:
            self._fill(target, name, None)
        new = at_the_end(body)
        old = {name: WHILE_MADE[name] for name in new}
        self.phases[UpdateImage].append(UpdateImage(lead, target.key, None, old, new, publish=True))
        self._retire(target, zones, None)

    def _keep(self, target: Target, image: Image, zones: Sequence[str]) -> None:
        """An image that is there, or on its way."""
        for name in zones:
            if self.store_of(name) not in image.stores or not image.active:
                self._fill(target, name, image)
        if target.entry is not None:
            old, new = drift(target.entry, image, next(iter(target.replaced), None))
            if new or is_begun(image):
                change = UpdateImage(zones[0], target.key, image.id, old, new, publish=is_begun(image))
                self.phases[UpdateImage].append(change)
        self._retire(target, zones, image.id)

    def _fill(self, target: Target, zone: str, image: Image | None) -> None:
        entry, store = target.entry, self.store_of(zone)
        source = ("url" if entry.url else "file" if entry.file else None) if entry else None
        method = None if image is not None and image.active else source
        self.phases[FillStore].append(FillStore(zone, target.key, image.id if image else None, store, method))

    def _without_clones(self, target: Target, zones: Sequence[str]) -> None:
        """What an rbd store cannot clone: whether it comes now or is there already, servers start slowly from it."""
        kept = target.image if not target.renew else None
        disk = kept.disk_format if kept else target.entry.disk_format if target.entry else None
        for name in zones if disk not in (None, "raw") else ():
            known = self.zones[name].image_store
            kind = self.observed.store[self.store_of(name)].type or (known.type if known else None)
            if kind == "rbd":
                self._copied.setdefault(name, []).append(f"{target.key} ({disk})")

    def _retire(self, target: Target, zones: Sequence[str], successor: str | None) -> None:
        """The images whose place the target takes, once it is wherever it is to be: until then some zones have nothing else.

        :param zones: those that hold the target, or do after this run.
        :param successor: its id, None where this run makes it.
        """
        # A zone that has what it is to have does not answer for one that it waits for.
        lead = next((name for name in zones if self.store_of(name) not in target.stores), zones[0])
        stores = tuple(dict.fromkeys(self.store_of(name) for name in target.zones))
        held = {self.store_of(name) for name in zones} | set(target.stores)
        missing = [store for store in stores if store not in held]
        for image in target.replaced:
            if missing:
                self.notes.append(Note(lead, self._still_needed(target, image, missing)))
            elif self.options.replaced != "delete" or not self._in_use(image, None, lead):
                how = self.options.replaced
                change = RetireImage(lead, target.key, image.id, how, image.protected, successor, stores)
                self.phases[RetireImage].append(change)

    @staticmethod
    def _still_needed(target: Target, image: Image, missing: Sequence[str]) -> str:
        return (
            f"image {target.key} ({image.id}) is kept, since its successor does not reach {', '.join(missing)} in this run. Until it does, "
            "there are two images of the name: name them by id, or run it again for all zones."
        )

    def _purge(self, target: Target, image: Image) -> None:
        """Stores of zones that this call may touch and that the policy does not name for the image. A wanted zone always keeps one."""
        if not image.active:
            return
        for name in self.options.only:
            store = self.store_of(name)
            if name in target.zones or store not in image.stores or self.zones[name].image_store is None:
                continue
            if self.zones[name].zone_state == LOST:
                continue
            if not self._in_use(image, name, name):
                self.phases[RemoveCopy].append(RemoveCopy(name, target.key, image.id, store))

    def _in_use(self, image: Image, zone: str | None, blamed: str) -> bool:
        """Whether servers use an image, shelved ones among them; then that is refused.

        :param zone: the zone whose servers count; None for all of them, also those of a zone that has left the inventory.
        """
        if self.observed.servers is None or "images_in_use" in self.options.allow:
            return False
        places = {self.zones[zone].availability_zone} if zone else None
        users = [user for user in users_of(image, self.observed) if places is None or user.may_be_in(places)]
        where = f"zone {zone}" if zone else "the region"
        if users:
            names = first(SHOWN, (user.text for user in users), of=len(users))
            message = (
                f"image {image.name} ({image.id}) is kept there: servers of {where} use it: {names}. A rebuild, an unshelve or a "
                "migration would need it, and a volume may be a clone of it. To remove it anyway, add to zoneops_allow (option allow): [images_in_use]."
            )
            self._refuse([blamed], "images_in_use", message, tuple(user.as_item() for user in users))
        elif self.observed.incomplete:
            missing = "; ".join(self.observed.incomplete)
            message = f"image {image.name} ({image.id}) is kept there, since not all servers and volumes are known: {missing}."
            self._refuse([blamed], "images_in_use", message)
        return bool(users or self.observed.incomplete)

    def _refuse(self, zones: Sequence[str], rule: str, message: str, items: tuple[dict[str, Any], ...] = ()) -> None:
        self.refusals += [Refusal(zone, rule, message, items) for zone in zones]


def needs_servers(changes: Sequence[Change]) -> bool:
    """Whether servers can block the plan: only then are they listed."""
    return any(
        isinstance(change, RemoveCopy) or (isinstance(change, RetireImage) and change.how == "delete")
        for change in changes
    )
