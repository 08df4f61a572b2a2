# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On the way: how many at once, what somebody else does meanwhile, and what is told of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._image import transfer
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan import deadline as deadlines
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import Progress
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._image.stand_in import StandIn, run
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.ctrl_c import ctrl_c
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.toy_reconciler import Clock

PUBLIC = {"name": "public", "select": "visibility == 'public'"}
IMPORT = "POST /images/id0/import"


@pytest.fixture
def glance() -> StandIn:
    """With one image to be copied from az1."""
    glance = StandIn()
    glance.add("a", "az1", visibility="public")
    return glance


@pytest.mark.parametrize(("parallel", "most"), [(1, 1), (2, 2), (4, 4)])
def test_several_images_at_once_and_no_more_than_that(parallel: int, most: int) -> None:
    glance = StandIn(busy=5, together=most)
    for number in range(5):
        glance.add(f"image {number}", "az1", visibility="public")
    verdicts = run(glance, PUBLIC, parallel=parallel, deadline=Deadline(10))
    assert not any(verdict.failed for verdict in verdicts.values())
    assert {image["stores"] for image in glance.images.values()} == {"az1,az2,az3"}
    assert glance.most == most


def test_after_ctrl_c_no_job_is_begun_and_none_is_waited_for() -> None:
    glance, deadline = StandIn(busy=1_000_000), Deadline(60)
    for number in range(4):
        glance.add(f"image {number}", "az1", visibility="public")
    begun: set[str] = set()

    def interrupt(image: str, _store: str, step: str) -> None:
        if step == "begun":
            begun.add(image)
        if len(begun) == 2:
            press(deadline)

    with pytest.raises(KeyboardInterrupt), ctrl_c() as press:
        run(glance, PUBLIC, parallel=2, deadline=deadline, report=interrupt)
    assert len(glance.writes) == len(begun) == 2
    assert deadline.stopped


def test_a_deadline_that_ends_before_a_look_says_what_glance_has_not_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not which request had no time left: glance works on, and the next run waits for it."""
    clock = Clock()
    monkeypatch.setattr(deadlines, "time", clock)
    deadline = Deadline(30)

    class Slow(StandIn):
        def request(self, method: str, path: str, body: Any) -> Any:
            deadline.check(f"{method} {path}")
            answer = super().request(method, path, body)
            if f"{method} {path}" == IMPORT:
                clock.sleep(30)
            return answer

    glance = Slow(busy=1_000_000)
    glance.add("a", "az1", visibility="public")
    said = run(glance, PUBLIC, deadline=deadline)["az2"].message()
    assert "glance has not finished image a (id0) by the run's deadline of 30 s, and continues" in said
    assert "GET" not in said


def test_a_job_of_somebody_else_is_waited_out_and_only_the_rest_is_asked_for(glance: StandIn) -> None:
    steps: list[tuple[str, ...]] = []

    def begin_another(number: str) -> ApiError:
        glance.work(number, ["az3"], b"")
        return ApiError("409 Image has active task", status=409)

    glance.meanwhile = [begin_another]
    verdicts = run(glance, PUBLIC, report=lambda *step: steps.append(step))
    assert not any(verdict.failed for verdict in verdicts.values())
    assert glance.writes == [IMPORT, IMPORT]
    assert glance.images["id0"]["stores"] == "az1,az3,az2"
    assert steps == [("a", "az3", "there"), ("a", "az2", "begun"), ("a", "az2", "there")]


def test_a_store_that_somebody_else_filled_meanwhile_is_there(glance: StandIn) -> None:
    def fill(number: str) -> ApiError:
        glance.images[number]["stores"] = "az1,az2"
        return ApiError("400 Image is already present at store 'az2'", status=400)

    glance.meanwhile = [fill]
    assert not any(verdict.failed for verdict in run(glance, PUBLIC).values())
    assert glance.writes == [IMPORT, IMPORT]
    assert glance.images["id0"]["stores"] == "az1,az2,az3"


def refusal(status: int, message: str) -> Callable[[str], ApiError]:
    return lambda _number: ApiError(message, status=status)


@pytest.mark.parametrize(
    ("status", "message", "tries"),
    [
        (409, "Image has active task", transfer.MOST_CONFLICTS + 1),
        (400, "Image is already present at store 'az2'", transfer.MOST_CONFLICTS + 1),
        (400, "nonsense", 1),
        (403, "Forbidden", 1),
    ],
)
def test_what_does_not_pass_is_said_after_some_tries(glance: StandIn, status: int, message: str, tries: int) -> None:
    glance.meanwhile = [refusal(status, message)] * 20
    verdicts = run(glance, PUBLIC)
    assert len(glance.writes) == tries
    assert [zone for zone, verdict in verdicts.items() if verdict.failed] == ["az2", "az3"]
    assert f"copy image a into store az2: {message}" in verdicts["az2"].message()


def test_what_takes_long_is_mentioned_every_30_seconds(glance: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "time", Clock())
    monkeypatch.setattr(transfer, "FIRST_LOOK", 5.0)
    glance.busy = 40  # looks, of five seconds
    steps: list[tuple[str, ...]] = []
    run(glance, PUBLIC, report=lambda *step: steps.append(step))
    told = [step[1:] for step in steps]
    assert told[:2] == [("az2", "begun"), ("az3", "begun")]
    assert told[2:-2] == [
        (store, f"still missing after {seconds} s (Copied 1 MiB)")
        for seconds in range(30, 200, 30)
        for store in ("az2", "az3")
    ]
    assert told[-2:] == [("az2", "there"), ("az3", "there")]


@pytest.mark.parametrize(("looks", "locked"), [(2, False), (1_000, True)])
def test_an_image_is_locked_only_if_its_failed_job_does_not_release_it(
    monkeypatch: pytest.MonkeyPatch, looks: int, locked: bool
) -> None:
    """The job has failed from the first look on; the image is released after some."""
    monkeypatch.setattr(transfer, "time", Clock())
    monkeypatch.setattr(transfer, "FIRST_LOOK", 0.2)
    glance = Releasing(looks)
    job = transfer.Job("a", "id0", ("az1",), None, ours=True)
    transfers = transfer.Transfers(glance, Deadline(1_000), lambda *_step: None)  # type: ignore[arg-type]
    if not locked:
        assert transfers._idle(job, set()).task is None
        return
    with pytest.raises(ZoneopsError, match=r"glance gave up \(Internal Error\) and keeps image a"):
        transfers._idle(job, set())


class Releasing:
    """Of glance, what is asked while a job is under way."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def image(self, _image: str) -> SimpleNamespace:
        self.looks -= 1
        task = "t" if self.looks > 0 else None
        return SimpleNamespace(id="id0", task=task, status="queued", active=False, stores=(), disk_format="raw")

    def tasks(self, _image: str) -> list[dict[str, str]]:
        return [{"id": "t", "status": "failure", "message": "Internal Error"}]


@pytest.mark.parametrize("folder", ["", "no such folder"])
def test_the_steps_of_an_upload_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    monkeypatch.setattr(transfer, "LONGEST_LOOK", 0.0)
    (tmp_path / "x").write_bytes(b"." * (2 * 1024 * 1024))
    watched = tmp_path / folder / "progress"
    progress = Progress(str(watched), "image", "store")
    entry = {"name": "x", "file": str(tmp_path / "x"), "disk_format": "raw", "zones": ["az1", "az2"]}
    assert not run(StandIn(), entry, report=progress)["az1"].failed
    steps = [
        ("az1,az2", "sent 50 % of 2097152 bytes"),
        ("az1,az2", "sent 100 % of 2097152 bytes"),
        *((store, step) for step in ("begun", "there") for store in ("az1", "az2")),
    ]
    assert [(step["image"], step["store"], step["step"]) for step in progress.steps] == [("x", *step) for step in steps]
    if folder:
        assert progress.warnings == [f"the progress file {watched} cannot be written (No such file or directory)."]
    else:
        lines = watched.read_text(encoding="utf-8").splitlines()
        assert [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in lines] == [
            f"x -> {store}: {step}" for store, step in steps
        ]
        assert progress.warnings == []
