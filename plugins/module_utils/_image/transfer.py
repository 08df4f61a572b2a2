# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring data into stores: many images at once within a bound, each as one job of glance, and every store its own outcome.

glance works on one import or copy per image at a time and takes several stores in it, so one job per image does what one task per
zone would have to queue for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._openstack.errors import ApiError
from .._plan.deadline import Deadline
from .._plan.errors import DeadlineExceeded, ZoneopsError
from .._plan.progress import SILENCE_SECONDS
from .._plan.threads import threads
from .._zones.schema.zone_map import Image as Entry
from .content import Upload
from .glance import Glance
from .model import CHECKSUM, Image

# How often to ask after a job: soon at first, then with patience.
FIRST_LOOK = 0.2
LONGEST_LOOK = 5.0
GROWTH = 1.5
# glance marks a job as failed before it releases the image.
RELEASE_SECONDS = 5.0
# Refused as busy although nothing is seen to be at work: then something else is wrong.
MOST_CONFLICTS = 5
# Until glance takes the next piece of an upload, and until it has put away the last one.
UPLOAD_LIMITS = (60.0, 600.0)

# Image, store, what happened.
Report = Callable[[str, str, str], None]


@dataclass
class Job:
    """One image on its way.

    :ivar image: its id.
    :ivar stores: where it is to be.
    :ivar entry: where its data come from while it has none.
    :ivar ours: whether it was begun by this collection, so that it is deleted where its content is wrong.
    :ivar failures: by store, why it is not there.
    """

    key: str
    image: str
    stores: tuple[str, ...]
    entry: Entry | None
    ours: bool
    failures: dict[str, ZoneopsError] = field(default_factory=dict)
    _uploaded: bool = False


class Transfers:
    """Carries out jobs.

    :param report: told of every step, from several threads.
    :param digests: of the files of the policy, by path and kind, for what was uploaded.
    """

    def __init__(self, glance: Glance, deadline: Deadline, report: Report) -> None:
        self._glance = glance
        self._deadline = deadline
        self._report = report
        self._lock = threading.Lock()

    def run(self, jobs: Iterable[Job], parallel: int) -> None:
        """All jobs, `parallel` of them at once. What goes wrong is noted in the job."""
        with threads(max(1, parallel), self._deadline) as pool:
            list(pool.map(self._carry, jobs))

    def _carry(self, job: Job) -> None:
        try:
            self._until_there(job)
        except ZoneopsError as error:
            self._fail(job, [store for store in job.stores if store not in job.failures], error)

    def _until_there(self, job: Job) -> None:
        conflicts = 0
        tried: set[str] = set()
        there: set[str] = set()
        while True:
            image = self._idle(job, there)
            if image.active:
                self._check_content(job, image)
            missing = [store for store in job.stores if store not in image.stores or not image.active]
            failed = [store for store in missing if store in tried and store not in job.failures]
            if failed:
                self._fail(job, failed, self._why(job, image))
            left = [store for store in missing if store not in job.failures]
            if not left:
                return
            try:
                self._begin(job, image, left)
            except ApiError as error:
                conflicts += 1
                busy = error.status == 409 or (error.status == 400 and "already present" in error.message)
                if not busy or conflicts > MOST_CONFLICTS:
                    raise
                # Somebody else has begun a job, or the store has the image by now: look again.
                time.sleep(FIRST_LOOK * conflicts)
            else:
                tried.update(left)
                for store in left:
                    self._tell(job, store, "begun")

    def _idle(self, job: Job, there: set[str]) -> Image:
        """The image once nothing is at work on it any more: its stores are listed before its job is over."""
        wait = FIRST_LOOK
        begun = mentioned = time.monotonic()
        failed: float | None = None
        while True:
            with self._deadline.look():
                image = self._glance.image(job.image)
                arrived = {store for store in image.stores if store in job.stores} - there if image.active else set()
                for store in sorted(arrived):
                    self._tell(job, store, "there")
                there |= arrived
                if image.task is None and image.status != "importing":
                    return image
                if (image.status == "queued" or wait == LONGEST_LOOK) and (task := self._failed_task(image)):
                    failed = failed or time.monotonic()
                    if time.monotonic() - failed >= RELEASE_SECONDS:
                        raise self._locked(job, image, task)
                if time.monotonic() - mentioned >= SILENCE_SECONDS:
                    mentioned = time.monotonic()
                    self._mention(job, image, there, mentioned - begun)
            time.sleep(min(wait, max(0.05, self._deadline.remaining())))
            self._check_time(job)
            wait = min(wait * GROWTH, LONGEST_LOOK)

    def _mention(self, job: Job, image: Image, there: set[str], seconds: float) -> None:
        """What is still missing, with what glance says of it: for example how much it has copied."""
        said = self._task(image).get("message")
        for store in job.stores:
            if store not in there:
                self._tell(job, store, f"still missing after {seconds:.0f} s{f' ({said})' if said else ''}")

    def _task(self, image: Image) -> Mapping[str, Any]:
        """The job of glance that is at work on an image."""
        tasks = {str(task.get("id")): task for task in self._glance.tasks(image.id)}
        return tasks.get(image.task or "", {})

    def _failed_task(self, image: Image) -> Mapping[str, Any] | None:
        task = self._task(image)
        return task if task.get("status") == "failure" else None

    def _locked(self, job: Job, image: Image, task: Mapping[str, Any]) -> ZoneopsError:
        """Seen in glance 33.0.0: where a download is not of the declared format, its job fails and leaves the image locked for an hour."""
        advice = "it can be used again after an hour, when glance releases it"
        if image.status == "queued" and job.ours:
            advice = "the next run recreates it"
        disk = f" Is it really {image.disk_format}?" if image.status == "queued" else ""
        return ZoneopsError(
            f"glance gave up ({task.get('message')}) and keeps image {job.key} ({job.image}) locked:{disk} Its log has more; {advice}."
        )

    def _check_time(self, job: Job) -> None:
        if self._deadline.stopped:
            raise DeadlineExceeded(f"the run was stopped; glance continues with image {job.key} ({job.image}).")
        if not self._deadline.remaining():
            raise DeadlineExceeded(
                f"glance has not finished image {job.key} ({job.image}) by the run's deadline of {self._deadline.seconds:g} s, and continues. "
                "Run it again, which waits for the rest, or raise the step's deadline (zoneops_images_deadline; option timeout)."
            )

    def _begin(self, job: Job, image: Image, stores: list[str]) -> None:
        if image.active:
            self._glance.bring(job.image, {"name": "copy-image"}, stores)
            return
        entry = job.entry
        if image.status == "uploading" and job._uploaded:
            self._glance.bring(job.image, {"name": "glance-direct"}, stores)
        elif image.status != "queued" or entry is None or not (entry.url or entry.file):
            raise ZoneopsError(f"image {job.key} ({job.image}) is {image.status}: there is nothing to copy.")
        elif entry.url:
            self._glance.bring(job.image, {"name": "web-download", "uri": entry.url}, stores)
        else:
            self._upload(job, str(entry.file), stores)
            self._glance.bring(job.image, {"name": "glance-direct"}, stores)

    def _upload(self, job: Job, path: str, stores: list[str]) -> None:
        last = time.monotonic()

        def sent(done: int) -> None:
            nonlocal last
            self._deadline.check(f"the upload of {path}")
            if time.monotonic() - last >= LONGEST_LOOK:
                last = time.monotonic()
                self._tell(
                    job, ",".join(stores), f"sent {done * 100 // max(1, len(content))} % of {len(content)} bytes"
                )

        try:
            content = Upload(path, sent)
            self._glance.stage(job.image, content, UPLOAD_LIMITS)
        except OSError as error:
            raise ZoneopsError(f"file {path} cannot be read on this machine: {error.strerror}.") from error
        job._uploaded = True

    def _check_content(self, job: Job, image: Image) -> None:
        """What came over the wire is what was asked for, or it goes at once: nobody but its owner could use it so far."""
        entry = job.entry
        if entry is None or entry.checksum is None or not job.ours:
            return
        kind, _colon, digest = entry.checksum.partition(":")
        found = {"md5": image.checksum, image.hash_algo or "": image.hash_value}.get(kind)
        if found == digest or image.properties.get(CHECKSUM) == entry.checksum:
            return
        if found is None and entry.file:
            # Its digest was compared before it was sent, by the plan.
            return
        self._glance.delete(job.image)
        said = f"has the {kind} {found}" if found else f"cannot be checked, glance keeps {image.hash_algo} and md5"
        raise ZoneopsError(
            f"the content of {entry.url or entry.file} {said}, but {digest} is required: the new image {job.image} was deleted. "
            "Correct the source or the checksum."
        )

    def _why(self, job: Job, image: Image) -> ZoneopsError:
        last = next(iter(self._glance.tasks(job.image)[-1:]), {})
        reason = f" ({last['message']})" if last.get("status") == "failure" and last.get("message") else ""
        source = job.entry.url if job.entry and job.entry.url and not image.active else None
        if source:
            return ZoneopsError(
                f"glance could not fetch {source}{reason}: is it reachable from glance's own hosts and permitted by its "
                "import_filtering_opts? The image is kept; the next run resumes it."
            )
        return ZoneopsError(
            f"glance could not write to it{reason}: is the storage behind it up, with space? Its log has more. The next run tries again."
        )

    def _fail(self, job: Job, stores: Iterable[str], error: ZoneopsError) -> None:
        for store in stores:
            job.failures[store] = error
            self._tell(job, store, f"failed: {error.message}")

    def _tell(self, job: Job, store: str, what: str) -> None:
        with self._lock:
            self._report(job.key, store, what)


def outcome(jobs: Mapping[str, Job], key: str, store: str) -> ZoneopsError | None:
    """Why an image is not in a store; None where it is."""
    job = jobs.get(key)
    if job is None:
        return ZoneopsError("the image was not created, so there is nothing to copy.")
    return job.failures.get(store)
