# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps an image of the policy from being created or resumed, each as a rule's name and a message. Pure."""

from __future__ import annotations

from collections.abc import Container

from .content import wrong_file
from .marks import is_at_work, is_begun
from .model import Image, Observed
from .policy.resolve import Target

# Statuses of an image whose upload is under way, or was when the client or glance died.
UPLOADING = ("uploading", "saving")


def hindrance(target: Target, observed: Observed, allow: Container[str]) -> tuple[str, str] | None:
    """Why nothing can be done about an image now.

    :param allow: refusals that are lifted.
    """
    return target.problem or _unmakeable(target, observed) or _unfinished(target.image, allow)


def begins_anew(image: Image) -> bool:
    """An upload that broke off leaves data of unknown length, and a job that glance gave up may leave a lock: these cannot be resumed."""
    return image.status in UPLOADING or (image.status == "queued" and is_begun(image) == bool(image.task))


def _unmakeable(target: Target, observed: Observed) -> tuple[str, str] | None:
    entry, image = target.entry, target.image
    if entry is None or (image is not None and image.active and not target.renew):
        return None
    made = entry.file or entry.url
    if image is None and not made:
        return (
            "no_image",
            f"there is no image {entry.name}, and its line in zoneops_region.images has neither `file` nor `url` to create it from.",
        )
    if image is not None and image.status == "queued" and is_begun(image) and not made:
        return (
            "unfinished",
            f"image {entry.name} ({image.id}) is incomplete (it has no data), and its line no longer has `file` or `url`.",
        )
    wrong = wrong_file(entry, observed)
    return ("file", f"image {entry.name}: {wrong}") if wrong else None


def _unfinished(image: Image | None, allow: Container[str]) -> tuple[str, str] | None:
    """What keeps an incomplete image from being resumed."""
    if image is None or image.active:
        return None
    what = f"image {image.name} ({image.id}) is {image.status}"
    if image.status == "importing":
        return None
    if image.status not in ("queued", *UPLOADING):
        return "status", f"{what}: nothing can be copied from it. Reactivate or delete it."
    if is_begun(image):
        if is_at_work(image):
            return "at_work", f"{what}: another run is creating it. Run this again when that run has ended."
        return None
    if "unfinished_images" in allow or (image.status == "queued" and image.task):
        return None
    message = (
        f"{what}, and it was not started by this collection: an upload may be running. Wait for its end or delete it; to "
        "have it deleted and recreated, add to zoneops_allow (option allow): [unfinished_images]."
    )
    return "unfinished_images", message
