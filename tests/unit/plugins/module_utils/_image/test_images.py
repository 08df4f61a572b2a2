# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images end where the policy says, whatever was there, and what cannot be done is said without a write."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.lock import room as this_room
from ansible_collections.zoneops.openstack.plugins.module_utils._image.policy.select import Selection
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.model import SavedPlan, as_entries
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._image.stand_in import (
    LOST,
    REFUSED,
    ZONES,
    StandIn,
    run,
    texts,
)

PUBLIC = {"name": "public", "select": "visibility == 'public'"}
URL = "http://web/x.img"
FETCHED = {"name": "x", "url": URL, "disk_format": "raw"}
RENEWED = {**FETCHED, "checksum": f"sha512:{hashlib.sha512(b'content').hexdigest()}"}
DEAD = "process 1 in 0123456789ab until 1"


@pytest.fixture
def glance() -> StandIn:
    return StandIn(web={URL: b"content"})


def settled(glance: StandIn, *images: dict[str, Any], **options: Any) -> None:
    """A second run finds nothing to do, in four calls."""
    glance.calls.clear()
    again = run(glance, *images, **options)
    assert texts(again) == {}
    assert not any(verdict.failed or verdict.changed for verdict in again.values())
    assert len(glance.calls) == 3  # and the version document


def foreseen(glance: StandIn, *images: dict[str, Any], **options: Any) -> dict[str, Verdict]:
    """Check mode says what a run then does, with the same difference in each zone."""
    writes = len(glance.writes)
    check = run(glance, *images, check=True, **options)
    assert len(glance.writes) == writes
    verdicts = run(glance, *images, **options)
    assert texts(check) == texts(verdicts)
    assert [(v.before, v.after) for v in check.values()] == [(v.before, v.after) for v in verdicts.values()]
    assert not any(verdict.failed for verdict in verdicts.values())
    return verdicts


def test_every_public_image_in_every_zone_is_one_line(glance: StandIn) -> None:
    glance.add("a", "az1", visibility="public")
    glance.add("b", "az3,az1", visibility="public", os_hidden=True)
    glance.add("mine", "az1", visibility="private")
    verdicts = run(glance, PUBLIC)
    assert (glance.holds("a"), glance.holds("b"), glance.holds("mine")) == (["az1,az2,az3"], ["az3,az1,az2"], ["az1"])
    assert glance.writes == ["POST /images/id0/import", "POST /images/id1/import"]
    assert texts(verdicts)["az2"] == ["copy image a into store az2", "copy image b into store az2"]
    settled(glance, PUBLIC)


@pytest.mark.parametrize("source", ["url", "file"])
def test_new_image_is_private_until_it_is_whole(glance: StandIn, source: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"content")
    entry = {
        **FETCHED,
        "visibility": "public",
        "hidden": True,
        "min_ram": 5,
        "properties": {"a": 1},
        "zones": ["az2", "az3"],
    }
    if source == "file":
        entry |= {"url": None, "file": str(tmp_path / "x")}
    foreseen(glance, entry)
    (image,) = glance.images.values()
    shown = {key: image[key] for key in ("stores", "visibility", "os_hidden", "min_ram", "a")}
    assert shown == {"stores": "az2,az3", "visibility": "public", "os_hidden": True, "min_ram": 5, "a": "1"}
    assert not [key for key in image if key.startswith("zoneops_")]
    assert glance.writes[-1].startswith("PATCH")
    settled(glance, entry)


def test_new_image_that_an_expression_selects_goes_there_at_once(glance: StandIn) -> None:
    entry = {**FETCHED, "visibility": "public", "zones": ["az2"]}
    foreseen(glance, entry, PUBLIC)
    assert glance.holds("x") == ["az1,az2,az3"]
    settled(glance, entry, PUBLIC)


def test_an_expression_that_selects_nothing_is_wrong_in_its_zones_and_says_what_no_image_has(glance: StandIn) -> None:
    glance.add("a", "az1,az2,az3", visibility="public", os_distro="rhel")
    glance.add("old", "az1", os_hidden=True, os_type="windows", zoneops_replaced_by="id0")
    slips = {
        "os_distro == 'rhl'": "no image has os_distro 'rhl' (did you mean rhel?)",
        "visibility == 'public' && os_dstro == 'rhel'": "no image has the property os_dstro (did you mean os_distro?)",
        "'windows' == os_type": "no image has the property os_type",
        "contains(name, 'b')": "",
    }
    for text, slip in slips.items():
        verdicts = run(glance, {"name": "some", "select": text, "zones": ["az1", "az3"]})
        message = (
            f"zoneops_region.images: '{text}' selects no image that is active and not replaced{slip and ': ' + slip}."
        )
        assert {zone: verdict.wrong for zone, verdict in verdicts.items()} == {
            "az1": (message,),
            "az2": (),
            "az3": (message,),
        }
        assert verdicts["az1"].warnings == (message,)
        assert not any(verdict.failed for verdict in verdicts.values())


def test_an_expression_may_select_only_what_this_run_makes_or_changes(glance: StandIn) -> None:
    glance.add("y", "az1,az2,az3", visibility="private")
    for text in ("name == 'x'", "visibility == 'community'"):
        entries = [FETCHED, {"name": "y", "visibility": "community"}, {"name": "some", "select": text}]
        assert not any(verdict.wrong for verdict in run(glance, *entries, check=True).values())


def test_what_is_left_out_stays_and_what_is_given_is_merged(glance: StandIn) -> None:
    glance.add("x", "az1", visibility="community", protected=True, tags=["old"], os_type="linux", gone="yes")
    entry = {"name": "x", "zones": ["az1"], "tags": ["new"], "properties": {"gone": None, "hw": "q35"}}
    verdicts = run(glance, entry)
    image = glance.images["id0"]
    assert texts(verdicts) == {"az1": ["set image x: tags=new,old, gone=none, hw=q35"]}
    assert (image["visibility"], image["protected"], image["os_type"], image["hw"]) == (
        "community",
        True,
        "linux",
        "q35",
    )
    assert sorted(image["tags"]) == ["new", "old"]
    assert "gone" not in image
    settled(glance, entry)


@pytest.mark.parametrize("how", ["keep", "hide", "delete"])
def test_other_content_makes_a_new_image(glance: StandIn, how: str) -> None:
    glance.add("x", "az1,az2", b"old", visibility="public", protected=True)
    entry = {**RENEWED, "zones": ["az1"]}
    foreseen(glance, entry, replaced=how)
    new = glance.images["id1"]
    assert (new["stores"], new["zoneops_replaces"]) == ("az1", "id0")
    assert (new["visibility"], new["protected"]) == ("public", True)
    if how != "delete":
        old = glance.images["id0"]
        assert (old["zoneops_replaced_by"], old["os_hidden"]) == ("id1", how == "hide")
        assert old["stores"] == "az1,az2"
    settled(glance, entry, replaced=how)


OLD = {
    "visibility": "community",
    "protected": True,
    "min_disk": 3,
    "min_ram": 512,
    "container_format": "ovf",
    "tags": ["old"],
    "os_distro": "fedora",
    "hw_disk_bus": "scsi",
    "gone": "yes",
    "taken": "before",
}
# Of the old content, of a server, or told by glance.
LEFT_BEHIND = {
    "img_signature": "abc",
    "owner_specified.openstack.sha256": "abc",
    "instance_uuid": "s1",
    "zoneops_checksum": "sha256:abc",
    "os_hash_algo": "sha512",
    "direct_url": "rbd://x",
    "virtual_size": 9,
    "os_glance_failed_import": "",
}


def test_a_successor_is_what_the_map_says_and_else_as_the_old_one_was(glance: StandIn) -> None:
    glance.add("x", "az1", b"old", **OLD, **LEFT_BEHIND, disk_format="qcow2", os_hidden=True)
    entry = {**RENEWED, "min_ram": 1024, "tags": ["new"], "properties": {"gone": None, "taken": "now", "hw": "q35"}}
    foreseen(glance, entry)
    new = glance.images["id1"]
    wanted = OLD | {"min_ram": 1024, "tags": ["new", "old"], "taken": "now", "hw": "q35", "disk_format": "raw"}
    del wanted["gone"]
    assert {key: new.get(key) for key in wanted} == wanted
    assert new["os_hidden"]
    assert not {*LEFT_BEHIND, "gone"} & set(new) - {"os_hash_algo", "os_glance_failed_import"}
    settled(glance, entry)


def test_a_successor_nobody_may_use_until_it_is_whole(glance: StandIn) -> None:
    """Nor is it protected: what turns out to be wrong is deleted."""
    glance.add("x", "az1", b"old", visibility="public", protected=True)
    verdicts = run(glance, {**FETCHED, "checksum": f"sha512:{'0' * 128}", "protected": True})
    assert "the new image id1 was deleted" in verdicts["az2"].message()
    assert list(glance.images) == ["id0"]
    assert verdicts["az1"].warnings == ("image x (id0) is kept: its successor was deleted. The next run resumes it.",)
    add = next(change for change in verdicts["az1"].plan if change.action == "add_image")
    assert (add.after["visibility"], add.after["protected"]) == ("private", False)
    assert not glance.images["id0"]["os_hidden"]


def test_a_successor_goes_to_the_zones_of_an_expression_that_selects_it_by_what_the_old_one_was(
    glance: StandIn,
) -> None:
    glance.add("x", "az1,az2,az3", b"old", visibility="public")
    entry = {**RENEWED, "zones": ["az2"]}
    foreseen(glance, entry, PUBLIC)
    assert glance.images["id1"]["stores"] == "az1,az2,az3"
    settled(glance, entry, PUBLIC)


def test_old_content_stays_while_its_successor_is_not_everywhere(glance: StandIn) -> None:
    glance.add("x", "az1,az2", b"old")
    glance.down = {"az2"}
    entry = {**RENEWED, "zones": ["az1", "az2"]}
    check = run(glance, entry, check=True)
    verdicts = run(glance, entry)
    assert texts(check) == texts(verdicts)
    # The store that fails fails its own zone; what waits for it is said where it would have been done, and not counted as done.
    assert [zone for zone, verdict in verdicts.items() if verdict.failed] == ["az2"]
    assert [change.text for change in verdicts["az1"].left] == ["hide the old image x (id0)"]
    said = "image x (id0) is kept: its successor (id1) is not in az2 yet. The next run resumes it."
    assert verdicts["az1"].warnings == (said,)
    assert "hide the old" not in verdicts["az1"].message()
    assert not glance.images["id0"]["os_hidden"]
    # From now on it waits where the store is missing.
    for check_only in (True, False):
        again = run(glance, entry, check=check_only)
        assert texts(again) == {"az2": ["copy image x into store az2", "hide the old image x (id0)"]}
        assert (again["az1"].changed, again["az1"].failed, again["az1"].warnings) == (False, False, ())
    glance.down = set()
    assert not run(glance, entry)["az2"].failed
    assert glance.images["id0"]["os_hidden"]
    settled(glance, entry)


@pytest.mark.parametrize("how", ["keep", "hide", "delete"])
@pytest.mark.parametrize(
    ("limits", "missing", "lead"),
    [
        ({"only": ("az2",)}, "az1, az3", "az2"),
        ({"states": {"az1": "down"}}, "az1", "az2"),
        ({"az3": {"name": "far"}}, "far", "az1"),
    ],
)
def test_old_content_stays_while_some_zones_have_nothing_else(
    glance: StandIn, limits: dict[str, Any], missing: str, lead: str, how: str
) -> None:
    """In a run of some zones, while one is lost, and while one has no store."""
    glance.add("x", "az1,az2,az3", b"old")
    check = run(glance, RENEWED, check=True, replaced=how, **limits)
    verdicts = run(glance, RENEWED, replaced=how, **limits)
    assert texts(check) == texts(verdicts)
    old = glance.images["id0"]
    assert ("zoneops_replaced_by" in old, old["os_hidden"]) == (False, False)
    assert glance.images["id1"]["status"] == "active"
    said = f"image x (id0) is kept, since its successor does not reach {missing} in this run."
    for seen in (check, verdicts, run(glance, RENEWED, replaced=how, **limits)):
        assert [zone for zone, verdict in seen.items() if said in " ".join(verdict.warnings)] == [lead]
    after = run(glance, RENEWED, replaced=how)
    assert not any(verdict.failed for verdict in after.values())
    assert sorted(glance.images["id1"]["stores"].split(",")) == list(ZONES)
    assert ("id0" in glance.images) == (how != "delete")
    assert how == "delete" or glance.images["id0"]["zoneops_replaced_by"] == "id1"
    settled(glance, RENEWED, replaced=how)


def test_a_limited_run_that_is_the_last_one_retires_the_old_image(glance: StandIn) -> None:
    glance.add("x", "az1,az2,az3", b"old")
    for zone in ZONES:
        assert not glance.images["id0"]["os_hidden"]
        assert not run(glance, RENEWED, only=(zone,))[zone].failed
    assert glance.images["id0"]["os_hidden"]
    settled(glance, RENEWED)


def test_content_that_changes_again_before_it_is_everywhere(glance: StandIn) -> None:
    glance.add("x", "az1,az2,az3", b"old")
    run(glance, RENEWED, only=("az2",))
    glance.web[URL] = b"newest"
    newest = {**RENEWED, "checksum": f"sha512:{hashlib.sha512(b'newest').hexdigest()}"}
    run(glance, newest, only=("az3",))
    assert [image.get("zoneops_replaced_by") for image in glance.images.values()] == [None, None, None]
    foreseen(glance, newest)
    assert [image.get("zoneops_replaced_by") for image in glance.images.values()] == ["id2", "id2", None]
    assert glance.images["id2"]["stores"] == "az3,az1,az2"
    settled(glance, newest)


@pytest.mark.parametrize("fault", [REFUSED, LOST])
def test_old_content_stays_until_users_can_take_the_new_one(fault: str) -> None:
    """Whichever write of a replacement fails, its end last: the old image is there, or the new one can be used."""
    entry = RENEWED
    for number in range(10):
        glance = StandIn(web={URL: b"content"}, faults={number: fault})
        glance.add("x", "az1,az2,az3", b"old", visibility="public", protected=True)
        first = run(glance, entry)
        hit = number < len(glance.writes)
        assert any(verdict.failed for verdict in first.values()) == hit
        usable = [
            image
            for image in glance.images.values()
            if (image["visibility"], image["os_hidden"]) == ("public", False) and image.get("stores") == "az1,az2,az3"
        ]
        assert usable, glance.images
        glance.faults = {}
        assert not any(verdict.failed for verdict in run(glance, entry).values())
        assert glance.images["id0"]["os_hidden"]
        assert [image["visibility"] for image in glance.images.values()] == ["public", "public"]
        assert [image["protected"] for image in glance.images.values()] == [True, True]
        settled(glance, entry)
        if not hit:
            return
    pytest.fail("there were more writes than that")


def test_content_from_an_address_that_is_wrong_goes_at_once(glance: StandIn) -> None:
    verdicts = run(glance, {**FETCHED, "checksum": f"sha512:{'0' * 128}", "visibility": "public"})
    assert all(verdict.failed for verdict in verdicts.values())
    assert "is required: the new image id0 was deleted" in verdicts["az1"].message()
    assert glance.images == {}


def test_a_checksum_of_another_kind_is_compared_by_the_file(glance: StandIn, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"content")
    right = {
        "name": "x",
        "file": str(tmp_path / "x"),
        "disk_format": "raw",
        "checksum": f"sha256:{hashlib.sha256(b'content').hexdigest()}",
    }
    assert not run(glance, right)["az1"].failed
    settled(glance, right)
    other = run(glance, {**right, "checksum": f"sha256:{'0' * 64}"})
    assert "but " + "0" * 64 + " is required" in other["az1"].message()
    kind = run(glance, {**FETCHED, "checksum": f"sha1:{'0' * 40}"})
    assert "Give the checksum as sha512" in kind["az1"].message()
    assert len(glance.images) == 1


def test_one_store_that_fails_takes_nothing_with_it(glance: StandIn) -> None:
    glance.add("a", "az1", visibility="public")
    glance.down = {"az2"}
    verdicts = run(glance, FETCHED, PUBLIC)
    assert {zone for zone, verdict in verdicts.items() if verdict.failed} == {"az2"}
    assert (glance.holds("x"), glance.holds("a")) == (["az1,az3"], ["az1,az3"])
    assert "import image x into store az2: glance could not write to it" in verdicts["az2"].message()
    glance.down = set()
    assert not run(glance, FETCHED, PUBLIC)["az2"].failed
    settled(glance, FETCHED, PUBLIC)


def test_a_run_that_ended_early_is_continued_with_its_saved_plan(glance: StandIn) -> None:
    """What the other stores have by now is copied from them."""
    planned = run(glance, FETCHED, check=True)
    changes = {zone: as_entries(verdict.as_dict()["plan"]) for zone, verdict in planned.items()}
    saved = SavedPlan("plan.yml", "then", changes=changes)
    glance.down = {"az2"}
    assert run(glance, FETCHED, saved=saved)["az2"].failed
    glance.down = set()
    verdict = run(glance, FETCHED, saved=saved)["az2"]
    assert (verdict.failed, verdict.changed) == (False, True), verdict.message()
    settled(glance, FETCHED)


@pytest.mark.parametrize("fault", [REFUSED, LOST])
def test_the_next_run_ends_where_a_clean_one_does(fault: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"content")
    entry = {
        "name": "x",
        "file": str(tmp_path / "x"),
        "disk_format": "raw",
        "visibility": "public",
        "zones": ["az1", "az2"],
    }
    for number in range(20):
        glance = StandIn(faults={number: fault})
        glance.add("a", "az1", visibility="public")
        first = run(glance, entry, PUBLIC)
        hit = number < len(glance.writes)
        assert any(verdict.failed for verdict in first.values()) == hit
        glance.faults = {}
        assert not any(verdict.failed for verdict in run(glance, entry, PUBLIC).values())
        assert glance.holds("x") == ["az1,az2,az3"] or glance.holds("x") == ["az1,az3,az2"], glance.holds("x")
        assert glance.holds("a") == ["az1,az2,az3"]
        settled(glance, entry, PUBLIC)
        if not hit:
            return
    pytest.fail("there were more writes than that")


@pytest.mark.parametrize("status", ["queued", "uploading", "saving"])
def test_what_a_dead_run_began_is_gone_on_with(glance: StandIn, status: str) -> None:
    glance.add("x", status=status, zoneops_begun=DEAD)
    assert not run(glance, FETCHED)["az1"].failed
    assert [image["status"] for image in glance.images.values()] == ["active"]
    assert ("id0" in glance.images) == (status == "queued")
    settled(glance, FETCHED)


def test_an_import_under_way_is_waited_for(glance: StandIn) -> None:
    glance.busy = 3
    glance.add("x", zoneops_begun=DEAD)
    glance.request("POST", "/images/id0/import", {"method": {"name": "web-download", "uri": URL}, "stores": ["az1"]})
    assert not run(glance, FETCHED)["az2"].failed
    assert glance.holds("x") == ["az1,az2,az3"]


def test_at_the_deadline_a_run_says_of_each_store_what_it_knows_and_the_next_goes_on(glance: StandIn) -> None:
    glance.busy = 100_000
    verdicts = run(glance, FETCHED, deadline=Deadline(0.3))
    for zone in ZONES:
        said = f"into store {zone}: glance has not finished image x (id0) by the run's deadline"
        assert said in verdicts[zone].message()
    assert glance.images["id0"]["status"] == "importing"
    glance.finish("id0")
    assert not any(verdict.failed for verdict in run(glance, FETCHED).values())
    assert glance.holds("x") == ["az1,az2,az3"]
    settled(glance, FETCHED)


@pytest.mark.parametrize(
    ("about", "entry", "options", "said"),
    [
        ({"status": "saving"}, FETCHED, {}, "add to zoneops_allow (option allow): [unfinished_images]"),
        ({"status": "queued"}, FETCHED, {}, "add to zoneops_allow (option allow): [unfinished_images]"),
        ({"status": "deactivated"}, FETCHED, {}, "Reactivate"),
        ({"stores": "az1", "disk_format": "raw"}, {"name": "x", "disk_format": "qcow2"}, {}, "glance cannot change"),
        ({"name": "other"}, {"name": "x"}, {}, "there is no image x"),
        ({"name": "other"}, {**FETCHED, "url": None, "file": "/nowhere"}, {}, "cannot be read on this machine"),
        ({"stores": "az1"}, {"name": "x"}, {"az2": {"name": "far"}}, "glance has no store far (it has az1, az2, az3)"),
    ],
)
def test_what_cannot_be_done_is_refused(
    glance: StandIn, about: dict[str, Any], entry: dict[str, Any], options: dict[str, Any], said: str
) -> None:
    glance.add(**{"name": "x", **about})
    zone = next(iter(options), "az1")
    verdict = run(glance, entry, **options)[zone]
    assert verdict.failed
    assert said in verdict.message()
    if not options:
        assert glance.writes == []


def test_two_images_of_one_name_are_an_error_with_both_ids(glance: StandIn) -> None:
    glance.add("x", "az1")
    glance.add("x", "az2", owner="somebody else", visibility="public")
    glance.add("x", "az2", owner="somebody else", visibility="private")
    message = run(glance, FETCHED)["az1"].message()
    assert "id0" in message
    assert "id1" in message
    assert "id2" not in message


def test_an_upload_of_another_run_is_left_alone(glance: StandIn) -> None:
    mark = f"process {os.getppid()} in {this_room()} until {time.time() + 60:.0f}"
    glance.add("x", status="uploading", zoneops_begun=mark)
    assert "another run is creating it" in run(glance, FETCHED)["az1"].message()
    assert glance.writes == []
    glance.images["id0"]["zoneops_begun"] = f"process 1 in elsewhere until {time.time() + 60:.0f}"
    assert run(glance, FETCHED)["az1"].failed
    glance.images["id0"] |= {"zoneops_begun": "", "status": "saving"}
    assert not run(glance, FETCHED)["az1"].failed


def test_the_only_copy_stays(glance: StandIn) -> None:
    glance.add("x", "az2")
    glance.down = {"az1"}
    verdicts = run(glance, {"name": "x", "zones": ["az1"]}, purge_stores=True)
    assert glance.holds("x") == ["az2"]
    assert "only copy" in verdicts["az2"].message()


def test_only_the_zones_of_the_call_are_touched(glance: StandIn) -> None:
    glance.add("a", "az1", visibility="public")
    verdicts = run(glance, PUBLIC, FETCHED, only=("az2",))
    assert list(verdicts) == ["az2"]
    assert (glance.holds("a"), glance.holds("x")) == (["az1,az2"], ["az2"])


def test_images_that_come_are_cached_once(glance: StandIn) -> None:
    glance.add("a", "az1", visibility="public")
    run(glance, PUBLIC, precache=True)
    assert glance.cached == [["id0"], ["id0"]]
    settled(glance, PUBLIC, precache=True)
    assert len(glance.cached) == 2


def test_images_are_not_cached_in_zones_without_compute(glance: StandIn) -> None:
    glance.add("a", "az1", visibility="public")
    verdicts = run(glance, PUBLIC, precache=True, compute={})
    assert not glance.cached
    assert "no host caches the new images" in verdicts["az2"].message() + str(verdicts["az2"].as_dict()["warnings"])


def test_images_that_come_are_cached_where_they_came_whatever_became_of_other_zones(glance: StandIn) -> None:
    glance.add("a", "az1", visibility="public")
    glance.down = {"az2"}
    verdicts = run(glance, PUBLIC, precache=True)
    assert [zone for zone, verdict in verdicts.items() if verdict.failed] == ["az2"]
    assert "none of the images reached the zone's store" in verdicts["az2"].message()
    assert glance.cached == [["id0"]]
    assert "cache a on the hosts of aggregate az3" in [change.text for change in verdicts["az3"].done]


def test_what_an_rbd_store_cannot_clone_is_warned_of_when_it_comes_and_ever_after(glance: StandIn) -> None:
    glance.stores["az2"] = "rbd"
    glance.add("a", "az1,az2,az3", visibility="public", disk_format="vmdk")
    glance.add("raw", "az1,az2,az3", visibility="public")
    entry = {**FETCHED, "disk_format": "qcow2"}
    policy = (entry, PUBLIC)
    said = (
        "store az2 is rbd and cannot clone images that are not raw: x (qcow2), a (vmdk). Every server and volume gets a full "
        "copy, which is converted each time. Provide raw images."
    )
    for options in ({"check": True}, {}, {}, {"check": True}):
        verdicts = run(glance, *policy, **options)
        assert {zone: verdict.warnings for zone, verdict in verdicts.items()} == {"az1": (), "az2": (said,), "az3": ()}
    settled(glance, *policy)
    assert run(glance, {**entry, "disk_format": "raw"})["az2"].warnings == ()


@pytest.mark.parametrize("text", ["visibility ==", "nosuch(@)", "length(size)"])
def test_an_expression_that_is_none(text: str) -> None:
    with pytest.raises(ZoneopsError, match="is no JMESPath expression"):
        Selection(text)({"size": 5})


DOWN = {"az2": "down"}


def test_nothing_is_brought_to_a_zone_that_is_down_and_the_zone_does_not_fail(glance: StandIn) -> None:
    glance.add("a", "az1", visibility="public")
    del glance.stores["az2"]  # as it may be while the zone's glance is gone
    verdicts = run(glance, PUBLIC, FETCHED, states=DOWN)
    assert not any(verdict.failed for verdict in verdicts.values())
    assert (glance.holds("a"), glance.holds("x")) == (["az1,az3"], ["az1,az3"])
    assert verdicts["az2"].warnings == (
        "image x is not copied to store az2: the zone is down",
        "image a is not copied to store az2: the zone is down",
    )
    glance.stores["az2"] = "file"
    run(glance, PUBLIC, FETCHED)
    assert (glance.holds("a"), glance.holds("x")) == (["az1,az3,az2"], ["az1,az3,az2"])


def test_a_zone_that_is_down_keeps_what_its_store_holds(glance: StandIn) -> None:
    glance.add("a", "az1,az2", visibility="public")
    policy = {**PUBLIC, "zones": ["az1"]}
    verdicts = run(glance, policy, states=DOWN, purge_stores=True)
    assert glance.writes == []
    assert not any(verdict.failed for verdict in verdicts.values())
    run(glance, policy, purge_stores=True)
    assert glance.holds("a") == ["az1"]


@pytest.mark.parametrize("there", [True, False])
def test_a_404_to_a_removal_is_believed_only_after_a_look(
    glance: StandIn, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    number = glance.add("x", "az1,az2")
    removes = StandIn._remove

    def not_found(region: StandIn, image: str, store: str) -> None:
        if not there:
            removes(region, image, store)
        raise ApiError(f"DELETE {image} from {store}: 404", status=404)

    monkeypatch.setattr(StandIn, "_remove", not_found)
    verdict = run(glance, {"name": "x", "zones": ["az1"]}, purge_stores=True)["az2"]
    assert verdict.failed is there
    assert ("az2" in glance.images[number]["stores"]) is there
