# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of the article on storage isolation with distributed zones, as its user types them, and what they lead to.

Only the image's address is another one, that of the lab's web server; and `mount` is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import pytest
from zonelab.client import LabClient

from ..harness.play import Player
from .conftest import IMAGE, INVENTORY, SITE, VERIFY, ZONES
from .user import CommandError, Looker, User, settled

IMPORT = """
glance image-create-via-import \\
--disk-format qcow2 --container-format bare --name {image} \\
--uri {url} \\
--import-method web-download \\
--stores {zone}
"""
VOLUME = """
IMG_ID=$(openstack image show {image} -c id -f value)
openstack volume create --size 10 --availability-zone {zone} {volume} --image $IMG_ID
"""
SERVER = """
VOL_ID=$(openstack volume show -f value -c id {volume})
openstack server create --flavor tiny --key-name mykey --network site2-network-0 --security-group basic \\
--availability-zone {zone} --volume $VOL_ID {server}
"""
SHARE = """
openstack share create --name {share} \\
--share-type {zone}-gold --availability-zone {zone} NFS 50
"""
EXPORTS = "openstack share export location list {share} -c Path -f value"
DEFAULTS = {
    "image": "glance image-create-via-import --disk-format qcow2 --container-format bare --name default-{lost} "
    "--uri {url} --import-method web-download",
    "volume": "openstack volume create --size 1 default-{lost}",
    "server": "openstack server create --flavor tiny --network site2-network-0 --image cirros default-{lost}",
    "share": "openstack share create --name default-{lost} --share-type default NFS 1",
}
# glance's default store and cinder's default availability zone are the first zone's; nova and manila take any that lives.
OF_THE_DEFAULT_ZONE = {"image", "volume"}
DEFAULTS_TOLD = (
    "images without a store go to store zone1",
    "volumes without a zone go to cinder's storage_availability_zone, which no API shows",
)
OPEN = {"copy_image": "role:member", "delete_image_location": "role:member"}


@dataclass(frozen=True)
class Work:
    """The names of what one run of the article's commands makes, all of it in one zone."""

    zone: str
    image: str
    volume: str
    server: str
    share: str


def do(work: Work, user: User, look: Looker, lab: LabClient) -> list[str]:
    """What the article's user does; where the share is to be mounted from."""
    about = {**asdict(work), "url": lab.web_url(IMAGE)}
    user.together(IMPORT.format(**about), SHARE.format(**about))
    settled(lambda: look.image(work.image))
    user(VOLUME.format(**about))
    settled(lambda: look.volume(work.volume))
    user(SERVER.format(**about))
    settled(lambda: look.server(work.server))
    settled(lambda: look.share(work.share))
    return user(EXPORTS.format(**about)).splitlines()


def assert_all_in_its_zone(work: Work, look: Looker, exports: list[str]) -> None:
    """Image, volume, server, its port, and share are of this zone and no other."""
    zone, host = work.zone, f"compute-{work.zone}-0"
    assert look.image(work.image)["stores"] == zone
    volume = look.volume(work.volume)
    assert (volume["status"], volume["availability_zone"], volume["size"]) == ("in-use", zone, 10)
    assert volume["os-vol-host-attr:host"] == f"lab@{zone}#{zone}"
    server = look.server(work.server)
    assert (server["status"], server["OS-EXT-AZ:availability_zone"]) == ("ACTIVE", zone)
    assert server["OS-EXT-SRV-ATTR:host"] == host
    assert (server["key_name"], [group["name"] for group in server["security_groups"]]) == ("mykey", ["basic"])
    # Its host's agent sets it up, which nova does not wait for.
    port = settled(lambda: look.port(server["id"]))
    assert (port["status"], port["binding:host_id"]) == ("ACTIVE", host)
    share = look.share(work.share)
    assert (share["status"], share["availability_zone"]) == ("available", zone)
    assert share["host"].startswith(f"lab@{zone}#")
    network = f"172.18.{ZONES.index(zone) + 1}"
    assert exports
    assert {path.split(":")[0].rpartition(".")[0] for path in exports} == {network}


def test_the_articles_commands_make_everything_in_the_zone_that_they_name(
    user: User, look: Looker, lab: LabClient
) -> None:
    work = Work("zone2", "cirros", "cirros-vol-zone2", "cirros-vm", "shared-data-zone2")
    assert_all_in_its_zone(work, look, do(work, user, look, lab))


def test_a_volume_of_a_zones_type_is_made_in_that_zone(user: User, look: Looker) -> None:
    user("openstack volume create --size 1 --type zone3-gold typed")
    volume = settled(lambda: look.volume("typed"))
    assert (volume["status"], volume["availability_zone"]) == ("available", "zone3")


def test_verify_tells_where_images_and_volumes_go_that_name_no_zone(user: User, site: Player) -> None:
    run = site(VERIFY, INVENTORY)
    assert (run.rc, run.written) == (0, [])
    assert all(f"note: {what}" in run.output for what in DEFAULTS_TOLD)


@pytest.fixture
def older(lab: LabClient) -> Iterator[LabClient]:
    """The lab poses as the release that RHOSO 18 is made of while the test lasts."""
    lab.set_age("antelope")
    yield lab
    lab.set_age("current")


@pytest.mark.usefixtures("user")
def test_the_articles_commands_on_an_older_cloud(look: Looker, older: LabClient, site: Player) -> None:
    """Manila's client does not negotiate: it asks for its own newest version (406), unless one is named."""
    user = User(older.clouds_file, share_api_version="2.78")
    work = Work("zone3", *(f"{what}-older" for what in ("cirros", "cirros-vol", "cirros-vm", "shared-data")))
    assert_all_in_its_zone(work, look, do(work, user, look, older))
    run = site(VERIFY, INVENTORY)
    assert (run.rc, run.written) == (0, [])


@pytest.fixture
def closed_again(lab: LabClient) -> Iterator[LabClient]:
    """glance's default policy after the test."""
    yield lab
    lab.set_policy("glance", {})


def test_member_copies_and_removes_images_only_where_the_policy_lets_him(
    user: User, look: Looker, closed_again: LabClient
) -> None:
    number = look.image("cirros")["id"]
    copy = f"glance image-import {number} --import-method copy-image --stores zone3"
    remove = f"glance stores-delete --store zone2 {number}"
    for command in (copy, remove):
        with pytest.raises(CommandError, match="403"):
            user(command)
    assert look.image("cirros")["stores"] == "zone2"
    closed_again.set_policy("glance", OPEN)
    user(copy)
    assert settled(lambda: look.image("cirros"))["stores"] == "zone2,zone3"
    user(remove)
    assert look.image("cirros")["stores"] == "zone3"


@pytest.fixture
def lost(request: pytest.FixtureRequest, lab: LabClient) -> Iterator[str]:
    """A zone whose services and storage are gone; it is back after the test."""
    zone = str(request.param)
    lab.stop_zone(zone, now=True)
    lab.fail("store", zone)
    yield zone
    lab.heal()
    lab.start_zone(zone)


@pytest.mark.parametrize(("lost", "zone"), [("zone3", "zone1"), ("zone1", "zone3")], indirect=["lost"])
def test_with_a_zone_lost_what_names_another_goes_on(
    user: User, look: Looker, lab: LabClient, site: Player, lost: str, zone: str
) -> None:
    """The first zone, which is the default of glance and cinder, and one of the others, which are alike."""
    work = Work(zone, *(f"{what}-without-{lost}" for what in ("cirros", "cirros-vol", "cirros-vm", "shared-data")))
    assert_all_in_its_zone(work, look, do(work, user, look, lab))
    look.rename_aggregate(zone, "renamed")
    run = site(SITE, INVENTORY)
    assert run.changed_hosts - {lost} == {zone}
    assert {*run.failures} == {lost}
    assert look.zones_of_aggregates() == {one: one for one in ZONES}
    assert what_works_without_a_zone(user, look, lab, lost) == {*DEFAULTS} - (
        OF_THE_DEFAULT_ZONE if lost == "zone1" else set()
    )


def what_works_without_a_zone(user: User, look: Looker, lab: LabClient, lost: str) -> set[str]:
    """Requests that name neither a zone nor a store; all are taken, and some end in an error."""
    user.together(*(command.format(lost=lost, url=lab.web_url(IMAGE)) for command in DEFAULTS.values()))
    name = f"default-{lost}"
    ends = {
        "image": settled(lambda: look.image(name)),
        "volume": settled(lambda: look.volume(name)),
        "server": settled(lambda: look.server(name)),
        "share": settled(lambda: look.share(name)),
    }
    return {kind for kind, found in ends.items() if found["status"].lower() in ("active", "available")}
