# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images: made from files and addresses, copied, replaced and taken away, in exactly the stores that the policy names."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from zonelab.client import LabClient

from .conftest import MakeInventory
from .harness.cloud import Cloud
from .harness.images import STREAM, Images
from .harness.inventory import ZONES
from .harness.play import COLLECTION, Player, Run
from .harness.volumes import Volumes

SYNC = "zoneops.openstack.images_sync"
CONTENT = os.urandom(300_000)
EVERY_PUBLIC = {"name": "public images", "select": "visibility == 'public'"}

STORES = str(COLLECTION / "tests" / "integration" / "playbooks" / "image_stores_info.yml")

Policy = Callable[..., Path]


@pytest.fixture
def images(cloud: Cloud, lab: LabClient) -> Iterator[Images]:
    """Images of a cloud that has none, and stores that work."""
    lab.heal()
    images = Images(cloud)
    images.empty()
    yield images
    lab.heal()
    lab.clear_faults()
    images.empty()


@pytest.fixture
def policy(make_inventory: MakeInventory) -> Policy:
    """An inventory whose region has these images."""

    def make(*entries: dict[str, Any], **zone: Any) -> Path:
        return make_inventory({name: {"image_store": {}, **zone} for name in ZONES}, {"images": list(entries)})

    return make


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "appliance.raw"
    path.write_bytes(CONTENT)
    return path


def no_op(play: Player, inventory: Path, *arguments: str) -> None:
    """A further run has nothing to do."""
    run = play(SYNC, inventory, *arguments)
    assert (run.rc, run.changed_hosts, run.written) == (0, set(), []), run.failures


def checked(play: Player, inventory: Path, *arguments: str) -> tuple[Run, Run]:
    """Check mode, then the run: the same plan, the same diff, and nothing left to do."""
    check = play(SYNC, inventory, "--check", "--diff", *arguments)
    assert (check.rc, check.written) == (0, []), check.failures
    run = play(SYNC, inventory, "--diff", *arguments)
    assert run.rc == 0, run.failures
    bulk, said = check.one(TASK).result["zones"], run.one(TASK).result["zones"]
    assert {zone: verdict["plan"] for zone, verdict in bulk.items()} == {zone: v["plan"] for zone, v in said.items()}
    assert {zone: verdict["diff"] for zone, verdict in bulk.items()} == {zone: v["diff"] for zone, v in said.items()}
    no_op(play, inventory, *arguments)
    return check, run


TASK = "Create and copy the images, one call for all zones"


def test_a_file_an_address_and_every_public_image(
    play: Player, images: Images, policy: Policy, lab: LabClient, file: Path
) -> None:
    (lab.web_folder / "cirros.img").write_bytes(CONTENT[:1000])
    images.add("shared already", b"x" * 1000, ["az3"], visibility="public")
    images.add("not mine", b"y", ["az1"], visibility="private")
    inventory = policy(
        {
            "name": "appliance",
            "file": str(file),
            "disk_format": "raw",
            "visibility": "public",
            "protected": True,
            "properties": {"hw_disk_bus": "scsi"},
            "tags": ["gold"],
            "zones": ["az1"],
        },
        {"name": "cirros", "url": lab.web_url("cirros.img"), "disk_format": "raw", "zones": ["az2"], "min_disk": 1},
        {"name": "{zone}-own", "url": lab.web_url("cirros.img"), "disk_format": "raw", "zones": ["az1", "az3"]},
        EVERY_PUBLIC,
    )
    _check, run = checked(play, inventory)
    assert run.changed_hosts == set(ZONES)
    assert images.stores("appliance") == images.stores("shared already") == set(ZONES)
    assert images.stores("cirros") == {"az2"}
    assert images.stores("az1-own") == {"az1"}
    assert images.stores("az3-own") == {"az3"}
    assert images.stores("not mine") == {"az1"}
    made = images.one("appliance")
    assert made["os_hash_value"] == hashlib.sha512(CONTENT).hexdigest()
    assert {key: made[key] for key in ("visibility", "protected", "hw_disk_bus", "tags", "disk_format")} == {
        "visibility": "public",
        "protected": True,
        "hw_disk_bus": "scsi",
        "tags": ["gold"],
        "disk_format": "raw",
    }
    assert not [key for key in made if key.startswith("zoneops")]
    assert {step["step"] for step in run.one(TASK).result["transfers"]} == {"begun", "there"}


def test_content_that_changes_makes_a_new_image(play: Player, images: Images, policy: Policy, file: Path) -> None:
    about = {
        "name": "appliance",
        "file": str(file),
        "disk_format": "raw",
        "zones": ["az1", "az2"],
    }
    kept = {"visibility": "public", "protected": True, "min_ram": 64, "tags": ["gold"], "os_distro": "kept"}
    first = images.add("appliance", CONTENT[::-1], ["az1"], **kept)
    inventory = policy(about)
    limited = play(SYNC, inventory, "--limit", "az2")
    assert (limited.rc, limited.changed_hosts) == (0, {"az2"}), limited.failures
    assert f"image appliance ({first}) is kept" in " ".join(limited.one(TASK).result["zones"]["az2"]["warnings"])
    assert [image["os_hidden"] for image in images.named("appliance")] == [False, False]
    _check, run = checked(play, inventory)
    assert run.changed_hosts == {"az1"}
    old, new = images.named("appliance")
    assert (old["id"], old["os_hidden"], old["visibility"]) == (first, True, "public")
    assert old["zoneops_replaced_by"] == new["id"]
    assert (new["os_hidden"], set(new["stores"].split(","))) == (False, {"az1", "az2"})
    assert new["os_hash_value"] == hashlib.sha512(CONTENT).hexdigest()
    assert {key: new[key] for key in kept} == kept

    # A checksum alone tells as much, without reading the file; the old one is deleted where that is asked for.
    file.write_bytes(b"third")
    third = about | {"checksum": f"sha256:{hashlib.sha256(b'third').hexdigest()}"}
    checked(play, policy(third), "-e", "zoneops_replaced_images=delete")
    newest = images.named("appliance")[-1]
    assert [image["id"] for image in images.named("appliance")] == [first, newest["id"]]
    assert newest["os_hash_value"] == hashlib.sha512(b"third").hexdigest()
    assert {key: newest[key] for key in kept} == kept


@pytest.mark.aged
def test_stores_are_purged_only_where_nothing_needs_the_image(
    play: Player, images: Images, policy: Policy, cloud: Cloud, lab: LabClient
) -> None:
    """A shelved server of az3 was made from the image, one of az2 boots from a volume that was. An older nova does not tell what az3's is pinned to."""
    for zone in ("az2", "az3"):
        cloud.add_aggregate(zone, zone, [f"compute-{zone}-0"])
    cloud.add_server("web", "az3")  # of the image "tiny", which is in the default store only
    cloud.shelve("web")
    images.wait(images.one("tiny")["id"])
    copied = {"method": {"name": "copy-image"}, "stores": ["az2", "az3"]}
    images.api.post(f"/images/{images.one('tiny')['id']}/import", json=copied)
    images.wait(images.one("tiny")["id"])
    inventory = policy({"name": "tiny", "zones": ["az1"]})
    no_op(play, inventory)
    root = Volumes(cloud, lab).make("root", "az2", imageRef=images.one("tiny")["id"])
    cloud.add_server("database", "az2", root)

    run = play(SYNC, inventory, "-e", "zoneops_purge_stores=true")
    assert "servers of zone az3 use it: web" in run.failures["az3"]
    assert "SHELVED_OFFLOADED" in run.failures["az3"]
    assert "servers of zone az2 use it: database" in run.failures["az2"]
    assert f"boots from volume {root}" in run.failures["az2"]
    assert (run.changed_hosts, images.stores("tiny")) == (set(), set(ZONES))
    assert sum("/volumes/detail" in path for path in run.calls("cinder")) == 1

    cloud.delete_server("database")
    again = play(SYNC, inventory, "-e", "zoneops_purge_stores=true")
    kept = {"az2", "az3"} if lab.info()["age"] == "antelope" else {"az3"}
    assert {*again.failures} == kept
    assert again.changed_hosts == {"az2", "az3"} - kept
    assert images.stores("tiny") == {"az1", *kept}

    allowed = play(SYNC, inventory, "-e", '{"zoneops_purge_stores": true, "zoneops_allow": ["images_in_use"]}')
    assert (allowed.rc, allowed.changed_hosts) == (0, kept)
    assert images.stores("tiny") == {"az1"}


def test_a_store_that_fails_takes_nothing_else_with_it(
    play: Player, images: Images, policy: Policy, lab: LabClient, file: Path
) -> None:
    images.add("shared already", b"x" * 1000, ["az1"], visibility="public")
    inventory = policy({"name": "appliance", "file": str(file), "disk_format": "raw"}, EVERY_PUBLIC)
    lab.fail("store", "az2")
    run = play(SYNC, inventory)
    assert set(run.failures) == {"az2"}
    assert "import image appliance into store az2: glance could not write to it" in run.failures["az2"]
    assert images.stores("appliance") == images.stores("shared already") == {"az1", "az3"}
    lab.heal()
    again = play(SYNC, inventory)
    assert (again.rc, again.changed_hosts) == (0, {"az2"})
    no_op(play, inventory)


def test_what_glance_fetches_badly_is_said_and_done_again(
    play: Player, images: Images, policy: Policy, lab: LabClient
) -> None:
    (lab.web_folder / "cirros.img").write_bytes(CONTENT)
    wanted = hashlib.sha512(CONTENT).hexdigest()
    about = {"name": "cirros", "url": lab.web_url("cirros.img"), "disk_format": "raw", "visibility": "public"}
    inventory = policy(about | {"checksum": f"sha512:{wanted}", "zones": ["az1", "az2"]})
    wrong = f"but {wanted} is required"
    for kind, said in (("cut", "glance could not fetch"), ("wrong-content", wrong), ("wrong-length", wrong)):
        lab.add_fault(kind, path="cirros.img", count=1)
        run = play(SYNC, inventory)
        assert set(run.failures) == {"az1", "az2"}
        assert said in run.failures["az1"]
        assert [image for image in images.all() if image["visibility"] == "public"] == []
    (lab.web_folder / "cirros.img").write_bytes(b"no qcow2 at all")
    locked = play(SYNC, policy(about | {"name": "other", "disk_format": "qcow2"}))
    assert "locked: Is it really qcow2?" in locked.failures["az3"]
    assert "os_glance_import_task" in images.one("other")
    anew = play(SYNC, policy(about | {"name": "other"}))
    assert anew.rc == 0, anew.failures
    assert images.stores("other") == set(ZONES)

    (lab.web_folder / "cirros.img").write_bytes(CONTENT)
    assert play(SYNC, inventory).rc == 0
    assert images.one("cirros")["os_hash_value"] == wanted


def test_a_download_that_outlasts_the_run_is_waited_for_by_the_next(
    play: Player, images: Images, policy: Policy, lab: LabClient
) -> None:
    (lab.web_folder / "slow.img").write_bytes(CONTENT)
    about = {"name": "slow", "url": lab.web_url("slow.img"), "disk_format": "raw", "visibility": "public"}
    inventory = policy(about | {"checksum": f"sha512:{hashlib.sha512(CONTENT).hexdigest()}", "zones": ["az1", "az2"]})
    lab.add_fault("throttle", path="slow.img", seconds=600)
    mark = lab.mark()
    run = play(SYNC, inventory, "-e", "zoneops_images_deadline=12")
    begun = images.one("slow")
    for zone in ("az1", "az2"):
        assert f"glance has not finished image slow ({begun['id']}) by the run's deadline" in run.failures[zone]
    assert (begun["status"], begun["visibility"]) == ("importing", "private")
    lab.clear_faults()  # the rest of the file comes at once
    assert play(SYNC, inventory).rc == 0
    assert images.stores("slow") == {"az1", "az2"}
    made = images.one("slow")
    assert (made["id"], made["visibility"]) == (begun["id"], "public")
    assert sum(request.service == "web" and request.method == "GET" for request in lab.requests(mark)) == 1
    no_op(play, inventory)


def test_interrupted_work_is_taken_up_and_refusals_name_what_is_in_the_way(
    play: Player, images: Images, policy: Policy, file: Path
) -> None:
    gone = "process 1 in 0123456789ab until 1"
    queued = images.add("queued", b"", [], zoneops_begun=gone)
    broken = images.add("uploading", b"", [], zoneops_begun=gone)
    assert images.api.put(f"/images/{broken}/stage", data=b"half", headers=STREAM).status_code == 204
    about = {"file": str(file), "disk_format": "raw", "zones": ["az2"]}
    run = play(SYNC, policy({"name": "queued", **about}, {"name": "uploading", **about}))
    assert run.rc == 0, run.failures
    assert images.one("queued")["id"] == queued
    assert images.one("uploading")["id"] != broken
    assert images.stores("queued") == images.stores("uploading") == {"az2"}

    foreign = images.add("foreign", b"", [])
    twice = [images.add("twice", b"z", ["az1"]) for _time in range(2)]
    refused = play(
        SYNC,
        policy(
            {"name": "foreign", **about},
            {"name": "twice", "zones": ["az1"]},
            {"name": "none", "zones": ["az3"]},
            {"name": "queued", "zones": ["az2", "az3"]},
        ),
    )
    assert set(refused.failures) == set(ZONES)
    assert all(number in refused.failures["az1"] for number in twice)
    assert foreign in refused.failures["az2"]
    assert "add to zoneops_allow (option allow): [unfinished_images]" in refused.failures["az2"]
    assert "there is no image none" in refused.failures["az3"]
    # What is refused of one image keeps no other from where it is to be.
    assert images.stores("queued") == {"az2", "az3"}


def test_a_zone_without_its_store_is_told_what_the_control_plane_needs(
    play: Player, images: Images, policy: Policy, make_inventory: MakeInventory
) -> None:
    images.add("shared already", b"x", ["az1"], visibility="public")
    zones: dict[str, Any] = {name: {"image_store": {}} for name in ZONES}
    zones["az3"] = {"image_store": {"name": "far"}}
    run = play(SYNC, make_inventory(zones, {"images": [EVERY_PUBLIC]}))
    assert set(run.failures) == {"az3"}
    assert "glance has no store far (it has az1, az2, az3)" in run.failures["az3"]
    assert "enabled_backends" in run.failures["az3"]
    assert images.stores("shared already") == {"az1", "az2"}

    wrong = play(SYNC, policy({"name": "x", "select": "visibility =="}))
    assert "is no JMESPath expression" in next(iter(wrong.failures.values()))


@pytest.mark.aged
def test_who_wants_to_be_asked_needs_a_terminal(play: Player, images: Images, policy: Policy) -> None:
    images.add("one", b"x" * 1000, ["az1"], visibility="public")
    run = play(SYNC, policy(EVERY_PUBLIC), "-e", "zoneops_confirm=true")
    assert (run.rc, run.written) == (2, [])
    assert "this run has no terminal: nothing was changed" in run.output


def test_calls_and_precache(play: Player, images: Images, policy: Policy, cloud: Cloud) -> None:
    for zone in ZONES:
        cloud.add_aggregate(zone, zone, [f"compute-{zone}-0"])
    images.add("shared already", b"x", ["az1"], visibility="public")
    inventory = policy(EVERY_PUBLIC, compute={})
    run = play(SYNC, inventory, "-e", "zoneops_precache_images=true")
    assert run.rc == 0, run.failures
    assert sum(path.endswith("/images") and "os-aggregates" in path for path in run.written) == 2
    again = play(SYNC, inventory, "-e", "zoneops_precache_images=true")
    assert (again.rc, again.changed_hosts, again.written) == (0, set(), [])
    # The table looks at the stores in a process of its own.
    assert again.calls("glance") == [*NO_OP, *NO_OP[:2]]

    look = play(STORES, inventory)
    assert (look.calls("glance"), look.written) == (NO_OP, [])
    found = look.one("Look").result
    held = {store["id"]: (store["type"], store["zone"], store["images"]) for store in found["stores"]}
    assert held == {zone: ("file", zone, 1) for zone in ZONES}
    assert found["zones"] == {zone: zone for zone in ZONES}
    assert (found["default_store"], [store["id"] for store in found["stores"] if store["default"]]) == ("az1", ["az1"])
    (image,) = found["images"]
    assert (image["name"], set(image["stores"]), image["importing"]) == ("shared already", set(ZONES), False)


NO_OP = [
    "GET /",
    "GET /v2/info/stores/detail",
    "GET /v2/images?visibility=all&os_hidden=false&limit=1000",
    "GET /v2/images?visibility=all&os_hidden=true&limit=1000",
]
