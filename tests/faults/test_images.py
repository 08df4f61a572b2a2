# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At every write of an image that is made and one that is copied: killed, dropped, answered wrongly; the next run ends where a clean one does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zonelab.client import LabClient

from ..integration.harness.cloud import Cloud
from ..integration.harness.images import Images
from .module_process import Modules
from .strike import Fault
from .sweep import ANSWERS, DROPS, KILLED_AFTER, KILLS, Bench

ZONES = ("az1", "az2", "az3")
# The new image, its data, their import, the copy of the other one, and the end: it becomes public.
WRITES = 5


@pytest.fixture(scope="module")
def images(lab: LabClient) -> Iterator[Images]:
    images = Images(Cloud(lab.clouds_file))
    yield images
    images.empty()


def sweeps() -> Iterator[Any]:
    for fault in (*KILLS, *DROPS, *ANSWERS):
        marks = () if fault is KILLED_AFTER else (pytest.mark.full,)
        for index in range(WRITES):
            yield pytest.param(fault, index, id=f"{fault.name.replace(' ', '-')}-{index}", marks=marks)


def problem(images: Images) -> str:
    """What is not as a clean run leaves it."""
    found = [(image["name"], image["status"], image["visibility"]) for image in images.all()]
    if sorted(found) != [("made", "active", "public"), ("there", "active", "public")]:
        return f"the images are {found}"
    if images.stores("made") != {"az1", "az2"} or images.stores("there") != {"az1", "az3"}:
        return f"they are in {images.stores('made')} and {images.stores('there')}"
    marks = [key for key in images.one("made") if key.startswith("zoneops_")]
    return f"the image has {marks}" if marks else ""


def begun(images: Images, folder: Path) -> dict[str, Any]:
    """One image is there in one of its two stores, the other one is to be made: what is asked of the run."""
    file = folder / "made.raw"
    file.write_bytes(b"made" * 1000)
    images.empty()
    images.add("there", b"there", ["az1"], visibility="public")
    made = {"name": "made", "file": str(file), "disk_format": "raw", "visibility": "public", "zones": ["az1", "az2"]}
    return {
        "zones": {zone: {"image_store": {}} for zone in ZONES},
        "region": {"zones": list(ZONES), "cloud": "lab", "images": [made, {"name": "there", "zones": ["az1", "az3"]}]},
        "timeout": 60,
        "api_timeout": 20,
        "parallel": 1,
    }


def test_every_write_is_swept(bench: Bench, images: Images, modules: Modules, tmp_path: Path) -> None:
    """A number that is too high fails its sweep, one that is too low would leave the last writes out."""
    asked = begun(images, tmp_path)
    mark = bench.lab.mark()
    assert modules.run("images", asked).answer["changed"]
    writes = [f"{one.method} {one.path}" for one in bench.lab.requests(mark) if one.service == "glance" and one.writes]
    assert len(writes) == WRITES, writes
    assert problem(images) == ""


@pytest.mark.parametrize(("fault", "index"), sweeps())
def test_images(bench: Bench, images: Images, modules: Modules, tmp_path: Path, fault: Fault, index: int) -> None:
    asked = begun(images, tmp_path)
    number = bench.lab.add_fault(**fault.lab, writes=True, service="glance", skip=index, count=1)
    mark = bench.lab.mark()
    running = modules.start("images", asked)
    if fault.kill:
        bench.until_hit(number, mark, running.ended)
        running.kill()
        bench.lab.until_answered()
    else:
        ended = running.wait()
        assert ended.answer["msg"]
        assert ended.failed or problem(images) == ""
    assert bench.hits(number), "the run did not come that far"
    bench.lab.clear_faults()
    again = modules.run("images", asked)
    assert not again.failed, again.answer["msg"]
    assert problem(images) == ""
    last = modules.run("images", asked)
    assert (last.failed, last.answer["changed"]) == (False, False)
